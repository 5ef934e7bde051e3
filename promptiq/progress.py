"""Reports the steps of an answer to whoever waits for it.

Any module may call `tell` without knowing who listens. Messages name kinds and counts, never values or words
of the question.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Called with one sentence. It may raise to end the work when nobody waits any more.
Listener = Callable[[str], None]


def silent(text: str) -> None:
    """Nobody listens."""


_listener: ContextVar[Listener] = ContextVar("listener", default=silent)


def tell(text: str) -> None:
    _listener.get()(text)


@contextmanager
def telling(listener: Listener) -> Iterator[None]:
    """Within the block, messages of this thread go to `listener`."""
    token = _listener.set(listener)
    try:
        yield
    finally:
        _listener.reset(token)
