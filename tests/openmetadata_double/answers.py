"""What a handler gives back, and the refusals as the real server words them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """A status and a body; the body "" is sent as no bytes at all. `etag`: the header of that name."""

    status: int
    body: Any
    etag: str | None = None


class Refused(Exception):
    """The request is answered with this status and nothing is changed."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.answer = Answer(status, {"code": status, "message": message})


class Crashed(Refused):
    """A 500: the server's own words for an exception that it did not expect."""

    def __init__(self, message: str) -> None:
        super().__init__(500, message)
        words = f"An exception with message [{message}] was thrown while processing request."
        self.answer = Answer(500, {"responseMessage": words})
        newer = {"code": 500, "errorType": "UNHANDLED_SERVER_EXCEPTION", "message": words}
        self.newer = Answer(500, newer)
        """The same of newer servers."""


def not_found(kind: str, name: str) -> Refused:
    return Refused(404, f"{kind} instance for {name} not found")
