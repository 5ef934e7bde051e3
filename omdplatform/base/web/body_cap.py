"""Keeps Daphne from storing request bodies that will be refused.

Daphne reads the whole body into memory before it calls Django. A body over the limit is discarded as it
arrives instead, so that its sender gets BodyLimit's answer.
"""

from __future__ import annotations

from daphne import http_protocol
from django.conf import settings


class CappedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    """A request whose body is discarded as it arrives, if it is too long or has no announced length."""

    _dropped = False

    def gotLength(self, length: int | None) -> None:
        self._dropped = length is None or length > settings.REQUEST_MAX_BYTES
        super().gotLength(0 if self._dropped else length)

    def handleContentChunk(self, data: bytes) -> None:
        if not self._dropped:
            super().handleContentChunk(data)


def cap_bodies() -> None:
    """Make Daphne use CappedRequest. Daphne has no setting for it."""
    http_protocol.WebRequest = CappedRequest
