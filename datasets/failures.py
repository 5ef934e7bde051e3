"""What went wrong, said so that people know what to do; never with a value of the data in it."""

from __future__ import annotations

import logging
import traceback
from dataclasses import dataclass

from datasets.reading import UnreadableFile
from datasets.storage import StorageMismatch, StorageUnavailable
from governance.catalog import CatalogRefused, CatalogUnavailable
from promptiq.embeddings import EmbeddingUnavailable
from promptiq.indexing import IndexMismatch
from promptiq.vector_client import VectorServerUnavailable

log = logging.getLogger(__name__)


class GaveUp(Exception):
    """A job that was begun too often without an end."""


@dataclass(frozen=True, slots=True)
class Failure:
    """`code`: a slug for programs. `keep_file`: the same file may succeed later, so it is not thrown away."""

    code: str
    message: str
    keep_file: bool


def failure_of(error: Exception) -> Failure:
    """Translate what ended a job. What we do not know is logged by type and place, without its text."""
    match error:
        case UnreadableFile():
            return Failure(error.code, str(error), keep_file=False)
        case CatalogRefused():
            return Failure("catalog-refused", f"The catalog refused the table: {error}", keep_file=True)
        case CatalogUnavailable():
            return Failure(
                "catalog-unavailable", f"The catalog is out of reach: {error} Try again.", keep_file=True
            )
        case VectorServerUnavailable():
            return Failure("vectors-unavailable", f"{error} Try again when it is back.", keep_file=True)
        case StorageUnavailable():
            return Failure("storage-unavailable", f"{error} Try again when it is back.", keep_file=True)
        case EmbeddingUnavailable():
            return Failure("embeddings-unavailable", f"{error} Try again when it is back.", keep_file=True)
        case StorageMismatch() | IndexMismatch() | GaveUp():
            return Failure("failed", str(error), keep_file=True)
        case FileNotFoundError():
            return Failure(
                "file-gone", "The uploaded file is not kept any more. Upload it again.", keep_file=False
            )
        case _:
            log_without_text(error)
            return Failure(
                "internal-error",
                "Something went wrong inside the platform; what had been done was undone. Try again, and "
                "tell your administrator if it happens again.",
                keep_file=True,
            )


def log_without_text(error: Exception) -> None:
    """An exception's text may quote a value: only its type and where it happened are written."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("%s at %s", type(error).__name__, places)
