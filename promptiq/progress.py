"""What is being done for the question that is asked right now, for whoever waits for its answer.

Every room on the way may say so without knowing who listens. What is said names kinds and counts, never a
word of the question and never a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Called with one sentence; it may raise to end the work, where nobody waits any more.
Listener = Callable[[str], None]


def silent(text: str) -> None:
    """Nobody listens."""


_listener: ContextVar[Listener] = ContextVar("listener", default=silent)


def tell(text: str) -> None:
    _listener.get()(text)


@contextmanager
def telling(listener: Listener) -> Iterator[None]:
    """`listener` hears what is told meanwhile, in this thread."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
