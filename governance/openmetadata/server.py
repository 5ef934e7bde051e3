"""The OpenMetadata server in settings, and our credentials for it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The server's settings. `token` "": the key pair in `keys_dir` signs us in instead."""

    host: str
    token: str
    admin: str
    bot: str
    seconds: int
    check_version: bool
    keys_dir: Path

    @classmethod
    def from_settings(cls) -> ServerSettings:
        return cls(
            host=_with_api(settings.OPENMETADATA_HOST.rstrip("/")),
            token=settings.OPENMETADATA_TOKEN,
            admin=settings.OPENMETADATA_ADMIN,
            bot=settings.OPENMETADATA_BOT,
            seconds=settings.OPENMETADATA_TIMEOUT,
            check_version=settings.OPENMETADATA_VERSION_CHECK,
            keys_dir=settings.KEYS_DIR,
        )


def _with_api(host: str) -> str:
    """An address without a path is the server's own; its API is below /api."""
    return f"{host}/api" if host and urlsplit(host).netloc and not urlsplit(host).path else host
