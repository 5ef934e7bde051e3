"""What the double answers with: a completion, an error of the protocol, or something that is none of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Say:
    """A completion whose text is `text`; anything else is put as JSON."""

    text: Any

    @property
    def content(self) -> str:
        return self.text if isinstance(self.text, str) else json.dumps(self.text)


@dataclass(frozen=True)
class Error:
    """An error as the protocol has it, by its status."""

    status: int


@dataclass(frozen=True)
class Sleep:
    """Silence for so many seconds, then a completion."""

    seconds: float
    then: Say = field(default_factory=lambda: Say("{}"))


@dataclass(frozen=True)
class Drip:
    """A response byte by byte, `seconds` between two; from its first header on where `headers`."""

    seconds: float
    headers: bool = False


@dataclass(frozen=True)
class Endless:
    """A response of the length that a header promises, or without end, as quickly as it is read."""


@dataclass(frozen=True)
class HangUp:
    """The connection is closed without a word, so many times in a row; then a completion."""

    times: int = 1_000_000
    then: Say = field(default_factory=lambda: Say("{}"))


@dataclass(frozen=True)
class Raw:
    """A status and bytes as they are."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


@dataclass(frozen=True)
class Redirect:
    location: str
    status: int = 307


Reply = Say | Error | Sleep | Drip | Endless | HangUp | Raw | Redirect
# What to answer, told from the parsed request.
Script = Callable[[dict[str, Any]], Reply]
