"""The base of every deliberate error of the platform, and logging of errors without values."""

from __future__ import annotations

import logging
import traceback
from typing import Any

log = logging.getLogger(__name__)


class PlatformError(Exception):
    """An error whose text may be shown: it says what is wrong and what to do, and contains no cell's value.

    `code`: for programs. `status`: the HTTP status of an API answer. `keep_file`: the same upload may succeed
    later, so a job that ends with this error keeps its file. Subclasses set them; an instance may override
    them. `extra`: further keys of the problem document.
    """

    code = "failed"
    status = 500
    keep_file = True

    def __init__(self, message: str = "", extra: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.extra = extra or {}

    def sentence(self) -> str:
        """The text for people."""
        return str(self)


class Refused(PlatformError):
    """The request was refused and nothing has changed. `status`: 4xx."""

    status = 409

    def __init__(
        self, code: str, message: str, status: int | None = None, extra: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message, extra)
        self.code = code
        self.status = status or self.status


class Unavailable(PlatformError):
    """A service does not answer. Trying again later may help.

    `patience`: the most seconds that a job waits for it; None: as for other services.
    """

    status = 503
    patience: int | None = None

    def sentence(self) -> str:
        return f"{self} Try again when it is back."


class InternalError(PlatformError):
    """Replaces an unexpected error, whose text may contain a value."""

    code = "internal-error"


def log_without_text(error: Exception) -> None:
    """Log an exception by its type and place only: its text may quote a value."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("%s at %s", type(error).__name__, places)
