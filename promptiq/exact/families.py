"""The families of questions, each with how sure a plan of it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from promptiq.exact.asking import Asked
from promptiq.exact.comparisons import beyond, difference, either, more_than, neighbour, same_as
from promptiq.exact.plans import Plan
from promptiq.exact.question import Question
from promptiq.exact.selections import (
    consecutive,
    first_or_last,
    having,
    holds,
    plain_question,
    ranked,
    superlative,
)

# The plan that a question leads to, or None where it is not of the family.
Family = Callable[[Question, Asked], Plan | None]


@dataclass(frozen=True, slots=True)
class Rule:
    """A family with how sure a plan of it is, 0–1, where it explains the whole question."""

    family: Family
    sure: float


RULES: tuple[Rule, ...] = (
    Rule(difference, 0.97),
    Rule(either, 0.97),
    Rule(same_as, 0.96),
    Rule(holds, 0.9),
    Rule(more_than, 0.95),
    Rule(neighbour, 0.93),
    Rule(beyond, 0.92),
    Rule(consecutive, 0.9),
    Rule(superlative, 0.94),
    Rule(ranked, 0.93),
    Rule(having, 0.9),
    Rule(first_or_last, 0.9),
    Rule(plain_question, 0.85),
)
