"""Turns whatever ended a job into an error whose text people may see."""

from __future__ import annotations

from omdplatform.base.disk import full, is_full
from omdplatform.base.errors import InternalError, PlatformError, log_without_text


class GaveUp(PlatformError):
    """A job was started too often without finishing."""


class FileGone(PlatformError):
    code = "file-gone"
    keep_file = False


def failure_of(error: Exception) -> PlatformError:
    """The error itself where we know it; else one without its text, logged by its type and place."""
    match error:
        case PlatformError():
            return error
        case _ if is_full(error):
            return full()
        case FileNotFoundError():
            return FileGone("The uploaded file is not kept any more. Upload it again.")
        case _:
            log_without_text(error)
            return InternalError(
                "Something went wrong inside the platform; what had been done was undone. Try again, and "
                "tell your administrator if it happens again."
            )
