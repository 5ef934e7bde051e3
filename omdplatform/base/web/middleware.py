"""Security headers of every response, and the limit of request bodies."""

from __future__ import annotations

import re
from http import HTTPStatus
from uuid import uuid4

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from omdplatform.base.errors import PlatformError
from omdplatform.base.logs import request_id
from omdplatform.base.web.problems import Problem, answer, problem_of

# Scripts, styles and sockets from our own origin only, nothing inline; swagger-ui's icons are data: images.
POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
ONE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
NO_DEVICES = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


class ContentSecurityPolicy(MiddlewareMixin):
    """Adds the security headers. Django's debug pages, which have inline styles, are left alone."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers.setdefault("Permissions-Policy", NO_DEVICES)
        # Pages and answers contain what this person may see, even the sign-in page: no cache may keep them.
        if not request.path_info.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "no-store")
        if not (settings.DEBUG and response.status_code == 500):
            response.headers.setdefault("Content-Security-Policy", POLICY)
        return response


class ToldErrors(MiddlewareMixin):
    """Turns deliberate errors of a page's view into error pages, as the API turns them into documents."""

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, PlatformError) and exception.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            return answer(request, problem_of(exception))
        return None


class RequestId(MiddlewareMixin):
    """Gives each request an id for log lines and its answer: the proxy's X-Request-ID, or a new one."""

    def process_request(self, request: HttpRequest) -> None:
        given = request.headers.get("X-Request-ID", "")
        request_id.set(given if ONE_ID.fullmatch(given) else uuid4().hex)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        response.headers["X-Request-ID"] = request_id.get()
        return response


class BodyLimit(MiddlewareMixin):
    """Refuses a body by its announced length, before it is parsed."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or ""
        if not length and "chunked" in request.headers.get("Transfer-Encoding", "").lower():
            return answer(request, UNANNOUNCED)
        if length and not length.isdecimal():
            return answer(request, Problem(400, "bad-length", "Content-Length is no number of bytes."))
        if length and int(length) > settings.REQUEST_MAX_BYTES:
            return answer(request, _too_large())
        return None


UNANNOUNCED = Problem(
    411,
    "length-required",
    "The body came without a length. Send it with Content-Length, or in parts to /api/v1/uploads/.",
)


def _too_large() -> Problem:
    detail = (
        f"The body is larger than {settings.REQUEST_MAX_BYTES:,} bytes, the most that one request may bring. "
        "Send larger files in parts (tus 1.0.0) to /api/v1/uploads/."
    )
    return Problem(413, "body-too-large", detail, extra={"limit": settings.REQUEST_MAX_BYTES})
