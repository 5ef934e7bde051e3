"""When this process last got on with what it does: what renews leases and beats, so that a hang shows."""

from __future__ import annotations

import time

_last = time.monotonic()


def mark() -> None:
    """Something was done: a step, a batch of rows, a look at an empty queue."""
    global _last
    _last = time.monotonic()


def quiet_seconds() -> float:
    """Seconds since the last mark."""
    return time.monotonic() - _last
