"""Words that ask for a computation of their own: a plan without it answers something else."""

from __future__ import annotations

import re

from promptiq.exact.plans import Operation, Plan
from promptiq.exact.question import COLUMN, Question
from promptiq.exact.shares import holds_shares
from promptiq.exact.vocabulary import STOP

# What such a word weighs: no plan stays above THRESHOLD beside one.
UNANSWERED = 3.0
# What words weigh that a figure over all rows passes over.
PASSED_OVER = 2.0
_COMPUTED = frozenset(
    (
    "per", "each", "every", "median", "ratio", "correlation", "correlate", "correlated", "correlates",
    "compared", "trend", "trends", "growth", "rate", "variance", "deviation", "quartile", "percentile",
    "forecast", "predict", "versus", "vs", "monthly", "weekly", "daily", "yearly", "quarterly",
    "histogram", "distribution"
    )
)  # fmt: skip
_SHARES = frozenset({"percent", "percentage", "share", "proportion", "fraction"})
# Rows that are alike, or about something, are looked up by meaning.
_ALIKE = r"\b(?:rows?|records?|entries|something|anything) (?:\S+ )?(?:about|like|similar to|concerning)\b"
_AVERAGE = frozenset({"average", "mean"})


def unanswered(question: Question, made: Plan) -> float:
    """What the words that the plan passes over weigh, in the units of Question.unexplained."""
    asking = _COMPUTED if holds_shares(question) else _COMPUTED | _SHARES
    left = [item for item in question.items if item in asking and item not in question.used]
    if any(item in _AVERAGE for item in question.items) and not _averages(made):
        left.append("average")
    if question.found(_ALIKE):
        left.append("about")
    if question.passes_over_spelling:
        left.append("spelled")
    return UNANSWERED * (bool(left) or _groups_by(question, made)) + PASSED_OVER * _is_of_all(question, made)


def _is_of_all(question: Question, made: Plan) -> bool:
    """Whether a figure is over all rows though words are left that may say which."""
    bare = not (made.filters or made.order or made.group or made.operands)
    if (
        made.operation not in (Operation.COUNT, Operation.SUM, Operation.AVERAGE, Operation.MEDIAN)
        or not bare
    ):
        return False
    # Beside a column of figures stands mostly their verb ("plums picked"), beside others what tells rows
    # apart ("late orders").
    enough = 0.4 if made.operation is Operation.COUNT else 1.0
    return any(item[:2] != COLUMN and weight >= enough for item, weight in question.unexplained())


def _averages(made: Plan) -> bool:
    if made.operands:
        return any(_averages(each) for each in made.operands)
    return made.operation is Operation.AVERAGE or bool(made.group and made.group.measure == "average")


def _groups_by(question: Question, made: Plan) -> bool:
    """ "by" and a noun: groups, unless the plan orders by it or the table's values follow."""
    if "by" in question.used:
        return False
    ordered = made.order.columns if made.order else ()
    for matched in re.finditer(r"\bby(?: (?:the|a|an|each))* (\S+)(?: (\S+))?", question.text):
        noun, after = matched[1], matched[2] or ""
        if after[:2] in ("@v", "@n", "@d") or (
            noun in STOP or not (noun.isalpha() or noun.startswith(COLUMN))
        ):
            continue
        column = question.column(noun) if noun.startswith(COLUMN) else None
        if column and (column.name in ordered or column.name in {f.column for f in made.filters}):
            continue
        return True
    return False
