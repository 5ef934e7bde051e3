"""Limits how many questions run at once (one per core), how many wait, and for how long."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from omdplatform.base.errors import Unavailable

# More at once make each of them slower, and none faster.
AT_ONCE = max(2, os.cpu_count() or 2)
# With this many waiting, a new question is refused at once; one that has waited this long (seconds), then.
MOST_WAITING, LONGEST_WAIT = 64, 10.0


class Busy(Unavailable):
    """Too many questions at this moment. No data was read."""

    code = "busy"

    def sentence(self) -> str:
        return str(self)


_turns = threading.BoundedSemaphore(AT_ONCE)
_lock = threading.Lock()
_waiting = 0


@contextmanager
def turn() -> Iterator[None]:
    """Wait for a turn and hold it for the block. Raises Busy."""
    _wait()
    try:
        yield
    finally:
        _turns.release()


def _wait() -> None:
    global _waiting
    with _lock:
        if _waiting >= MOST_WAITING:
            raise Busy("Too many questions are waiting. Ask again in half a minute.")
        _waiting += 1
    try:
        if not _turns.acquire(timeout=LONGEST_WAIT):
            raise Busy(f"The question waited {LONGEST_WAIT:.0f} s for its turn in vain. Ask again later.")
    finally:
        with _lock:
            _waiting -= 1
