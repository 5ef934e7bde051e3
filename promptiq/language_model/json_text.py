"""Finds the JSON object in a model's answer, which may be surrounded by other text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

# Characters of an answer that are searched. A plan takes some hundreds.
MAX_TEXT = 16_000
# Marks the end of the reasoning in replies of reasoning models.
_THOUGHT = "</think>"
_FENCED = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.DOTALL)


def object_in(text: str) -> dict[str, Any] | None:
    """The first JSON object: the whole text, the content of a code fence, or from a brace on. None if there
    is none.

    Numbers with a fraction are Decimals, as written.
    """
    if len(text) > MAX_TEXT:
        return None
    for candidate in _candidates(text.rpartition(_THOUGHT)[2].strip()):
        try:
            found, _ = _decoder.raw_decode(candidate)
        except (ValueError, RecursionError, ArithmeticError):
            continue
        # A list with a plan is not a plan.
        return found if isinstance(found, dict) else None
    return None


def _candidates(text: str) -> Iterator[str]:
    yield text
    yield from (match[1].strip() for match in _FENCED.finditer(text))
    depth = 0
    for match in re.finditer(r"[{}]", text):
        # Never from inside an object: a part of a truncated object is not a plan.
        if match[0] == "{" and not depth:
            yield text[match.start() :]
        depth = depth + 1 if match[0] == "{" else max(0, depth - 1)


def _no_constant(name: str) -> Any:
    raise ValueError("JSON knows no NaN and no infinity.")


_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_no_constant)
