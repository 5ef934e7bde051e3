"""Keeps Daphne from holding bodies that nobody will take.

Daphne reads a request's whole body before it asks Django anything, and holds it in memory on the way. A body
over the limit is read past instead, so that its sender gets the answer that BodyLimit gives by its length.
"""

from __future__ import annotations

from daphne import http_protocol
from django.conf import settings


class CappedRequest(http_protocol.WebRequest):  # type: ignore[misc]
    """A request whose body is dropped as it arrives where it is too long, or of no announced length."""

    _dropped = False

    def gotLength(self, length: int | None) -> None:
        self._dropped = length is None or length > settings.REQUEST_MAX_BYTES
        super().gotLength(0 if self._dropped else length)

    def handleContentChunk(self, data: bytes) -> None:
        if not self._dropped:
            super().handleContentChunk(data)


def cap_bodies() -> None:
    """Have Daphne's connections make capped requests; it has no setting for the class."""
    http_protocol.WebRequest = CappedRequest
