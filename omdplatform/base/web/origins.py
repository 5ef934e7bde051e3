"""Decides which pages may open sockets: our own, and pages of origins named in settings."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.http.request import split_domain_port, validate_host

FOREIGN_ORIGIN = 4403


class ExplicitOrigins:
    """An ASGI layer that closes sockets opened by foreign pages.

    A program sends no Origin and signs in by ticket. A browser's Origin must be the scheme and host that it
    requested, with the host named in ALLOWED_HOSTS, or one of CSRF_TRUSTED_ORIGINS. A "*" opens nothing.
    """

    def __init__(self, application: Any) -> None:
        self.application = application

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        origin = headers.get(b"origin")
        if origin is None or is_permitted(origin, _scheme(scope, headers), headers.get(b"host", "")):
            return await self.application(scope, receive, send)
        return await _Closed.as_asgi()(scope, receive, send)


def _scheme(scope: dict[str, Any], headers: dict[bytes, str]) -> str:
    """The scheme that the browser used, by the proxy's header if that is trusted, as in Django."""
    if told := settings.SECURE_PROXY_SSL_HEADER:
        name, secure = told
        value = headers.get(name.removeprefix("HTTP_").replace("_", "-").lower().encode(), "")
        if value:
            return "https" if value.split(",")[0].strip() == secure else "http"
    return "https" if scope.get("scheme") == "wss" else "http"


def is_permitted(origin: str, scheme: str, host: str) -> bool:
    """`origin`: of the page. `scheme`, `host`: of the request."""
    try:
        parts = urlsplit(origin)
    except ValueError:  # such as http://[
        return False
    if f"{parts.scheme}://{parts.netloc}" in settings.CSRF_TRUSTED_ORIGINS:
        return True
    domain, _ = split_domain_port(host.lower())
    named = [name for name in settings.ALLOWED_HOSTS if name != "*"]
    asked = (parts.scheme.lower(), parts.netloc.lower()) == (scheme, host.lower())
    return asked and validate_host(domain, named)


class _Closed(AsyncWebsocketConsumer):  # type: ignore[misc]
    async def connect(self) -> None:
        await self.accept()
        await self.close(FOREIGN_ORIGIN)
