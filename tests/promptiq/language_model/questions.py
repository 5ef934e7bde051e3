"""Questions, and a model that proposes a plan for them and words for their answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from promptiq.answers import Answer
from tests.language_model_double import (
    Reply,
    Say,
)

WELDING = [{"column": "skill", "compare": "=", "value": "Welding"}]
# Asked in a language that our own planner does not read.
QUESTION = "Quante persone sanno usare welding?"
FIRST = {"column": "desk", "direction": "asc"}
COUNT = {"operation": "count", "filters": WELDING}
PROPOSED = "The plan was proposed by the language model double-1 and checked and computed here."
OURS = "How many rows have the skill welding?"
NEAR = "Which rows are about bread and cake?"


def proposing(said: Any, wording: Any = None) -> Callable[[dict[str, Any]], Reply]:
    """Says the first where a plan is asked for, the second where a wording is."""
    return lambda body: Say(said if '"tables"' in body["messages"][1]["content"] else wording or {})


def without_time(answer: Answer, other: Answer) -> Answer:
    """The answer as of the time of the other one, and under the id that it is kept by."""
    governance = tuple(
        replace(mine, as_of=its.as_of) for mine, its in zip(answer.governance, other.governance, strict=True)
    )
    return replace(answer, governance=governance, id=other.id)


def assert_same(answer: Answer, alone: Answer) -> None:
    assert answer == without_time(alone, answer)
