"""A circuit breaker, so that an unavailable server does not slow every question."""

from __future__ import annotations

import threading
import time

# Seconds that a server is not called after it failed.
PAUSE = 30.0


class Breaker:
    """Starts closed; a failure opens it for a while. Thread-safe."""

    def __init__(self, pause: float = PAUSE) -> None:
        self._pause = pause
        self._guard = threading.Lock()
        self._closed_again = 0.0

    @property
    def is_open(self) -> bool:
        return time.monotonic() < self._closed_again

    def admits(self) -> bool:
        """Whether to call now. After the pause, one caller tries; the others wait for its result."""
        with self._guard:
            now = time.monotonic()
            if now < self._closed_again:
                return False
            if self._closed_again:
                self._closed_again = now + self._pause
            return True

    def succeeded(self) -> None:
        with self._guard:
            self._closed_again = 0.0

    def failed(self) -> None:
        with self._guard:
            self._closed_again = time.monotonic() + self._pause
