"""Log lines without values of the data. An exception's text may quote a cell; its type and place cannot."""

from __future__ import annotations

import logging
import traceback
from types import TracebackType

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


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
