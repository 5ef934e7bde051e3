"""Questions take turns: as many at once as there are cores, a bounded number waits, nobody waits for long."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from omdplatform.base.errors import Unavailable

# More at once make each of them slower, and none earlier.
AT_ONCE = max(2, os.cpu_count() or 2)
# Who comes when so many wait is told so at once; who has waited for so long (seconds), then.
MOST_WAITING, LONGEST_WAIT = 64, 10.0


class Busy(Unavailable):
    """Too many questions at this moment. Nothing was asked of any data."""

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
