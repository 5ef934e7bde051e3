"""Reads the word lists that stand beside the code, in `words/`."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def word_file(name: str) -> dict[str, Any]:
    """The content of `words/NAME.toml`. Raises FileNotFoundError where there is no such file."""
    text = (files("governance.recognisers") / "words" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def words(file: str, key: str) -> frozenset[str]:
    """The words of one list, separated by white space. Raises KeyError where there is no such list."""
    return frozenset(str(word_file(file)[key]).split())
