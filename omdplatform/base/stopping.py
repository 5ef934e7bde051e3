"""Stops a process in order: interruptible work is interrupted and handed back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Stopping(BaseException):
    """The process was told to stop. Raised inside an interruptible block; `except Exception` does not catch
    it.
    """


_requested = False
_interruptible = False


def on_signals(*numbers: int) -> None:
    """Treat these signals as a request to stop. In the main thread only."""
    for number in numbers:
        signal.signal(number, lambda *_: request())


def request() -> None:
    """Stop: at once if the running block is interruptible, else at the next `interruptible`."""
    global _requested, _interruptible
    _requested = True
    if _interruptible:
        _interruptible = False  # once: handing back is not interrupted again
        raise Stopping


def requested() -> bool:
    return _requested


@contextmanager
def interruptible() -> Iterator[None]:
    """A block that may be left at any point, because it is safe to repeat. Raises Stopping."""
    global _interruptible
    if _requested:
        raise Stopping
    outer, _interruptible = _interruptible, True
    try:
        yield
    finally:
        _interruptible = outer and not _requested
