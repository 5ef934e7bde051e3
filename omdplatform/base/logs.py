"""Log lines without values of the data. An exception's text may quote a cell; its type and place cannot.

Each line has the ids of its request and job, if any.
"""

from __future__ import annotations

import json
import logging
import traceback
from contextvars import ContextVar
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


# Ids of the current request and job; "" for none.
request_id: ContextVar[str] = ContextVar("request_id", default="")
job_id: ContextVar[str] = ContextVar("job_id", default="")


class ValueFreeFormatter(logging.Formatter):
    """Writes type and place of an exception and of its causes, without their texts."""

    def formatException(self, ei: ExcInfo) -> str:
        error = ei[1]
        lines = []
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            places = " < ".join(f"{frame.filename}:{frame.lineno} {frame.name}" for frame in reversed(frames))
            lines.append(f"{type(error).__name__} at {places}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(lines)

    def format(self, record: logging.LogRecord) -> str:
        record.context = "".join(f"[{name} {value}] " for name, value in _context().items())
        return super().format(record)


class JsonFormatter(ValueFreeFormatter):
    """One JSON object per line: {"at", "level", "logger", "message"}, with "request" and "job" if there are
    any, and "error" for an exception.
    """

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **_context(),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def _context() -> dict[str, str]:
    ids = {"request": request_id.get(), "job": job_id.get()}
    return {name: value for name, value in ids.items() if value}
