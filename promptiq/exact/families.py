"""The families of questions, each with how sure a plan of it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from promptiq.exact.adjectives import COMPARATIVES, SUPERLATIVES
from promptiq.exact.asking import Asked
from promptiq.exact.comparisons import (
    beside_number,
    beyond,
    difference,
    either,
    more_than,
    neighbour,
    same_as,
)
from promptiq.exact.grouping import best_groups, best_period, graded_group, grouped
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
from promptiq.exact.shares import share

# The plan that a question leads to, or None where it is not of the family.
Family = Callable[[Question, Asked], Plan | None]


# Words that a plan has to stand for, by what they ask.
_BEST = frozenset(SUPERLATIVES)
_THAN = frozenset(COMPARATIVES)
_BESIDE = frozenset({"next", "previous", "directly", "immediately"})


@dataclass(frozen=True, slots=True)
class Rule:
    """A family with how sure a plan of it is, 0–1, where it explains the whole question, and the words that
    ask for what it does.
    """

    family: Family
    sure: float
    explains: frozenset[str] = frozenset()


RULES: tuple[Rule, ...] = (
    Rule(difference, 0.97, _BEST | _THAN | {"difference", "compared"}),
    Rule(either, 0.97, _BEST | _THAN | {"last"}),
    Rule(same_as, 0.96, frozenset({"same"})),
    Rule(holds, 0.96, _THAN),
    Rule(more_than, 0.95, _THAN | {"compared"}),
    Rule(grouped, 0.95),
    Rule(graded_group, 0.955, _BEST),
    Rule(best_groups, 0.955, _BEST),
    Rule(best_period, 0.96, _BEST),
    Rule(share, 0.95),
    Rule(neighbour, 0.93, _BESIDE),
    Rule(beside_number, 0.92, _BESIDE),
    Rule(beyond, 0.92),
    Rule(consecutive, 0.9, frozenset({"consecutive", "consecutively", "straight"})),
    Rule(superlative, 0.94, _BEST),
    Rule(ranked, 0.93, frozenset({"last", "top"})),
    Rule(having, 0.9),
    Rule(first_or_last, 0.9, frozenset({"last", "final"})),
    Rule(plain_question, 0.85),
)
