"""From plans that are nearly as likely to one answer: what they lead to speaks for them and against them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from governance.policies import Access
from promptiq.exact.database import DEADLINE, Database, opened
from promptiq.exact.executor import run_on
from promptiq.exact.permission import columns_of, hidden_columns
from promptiq.exact.plans import NotPermitted, Plan, Result, Schema, TooSlow, Uncomputable
from promptiq.exact.ranking import credit, fitted

# Tables with more rows are computed over once: each further plan would cost as much again.
MANY_ROWS = 20_000


def settle(
    plan: Plan,
    schema: Schema,
    parquet: Path,
    access: Access,
    view_pii: bool = False,
    deadline: float = DEADLINE,
) -> Result | NotPermitted | None:
    """The likeliest result of a plan and of `plan.others`, with how sure it is; None where there is none.

    Plans with the same result count together. Whether a reader may have an answer is decided by `plan` alone:
    no other plan that touches a masked column is tried. Raises TooSlow.
    """
    hidden = hidden_columns(access, iter([column.name for column in schema.columns]), view_pii)
    with opened(parquet, deadline) as database:
        try:
            first = run_on(database, plan, schema, access, view_pii)
        except Uncomputable:
            first = None
        if isinstance(first, NotPermitted) or (first and plan.likelihood is None):
            return first
        found = [first] if first else []
        if schema.rows <= MANY_ROWS:
            others = tuple(other for other in plan.others if not hidden & columns_of(other))
            found += _tried(database, others, schema, access, view_pii)
    weighed = [replace(result, confidence=_confidence(result, found)) for result in found]
    return (
        max((each for each in weighed if each.values), key=lambda each: each.confidence, default=None)
        or first
    )


def _tried(
    database: Database, plans: tuple[Plan, ...], schema: Schema, access: Access, view_pii: bool
) -> Iterator[Result]:
    for plan in plans:
        try:
            result = run_on(database, plan, schema, access, view_pii)
        except (Uncomputable, TooSlow):
            continue
        if isinstance(result, Result):
            yield result


def _confidence(result: Result, found: list[Result]) -> float:
    likelihood = result.made.likelihood
    if likelihood is None:
        return result.confidence
    alike = {
        other.made: other.made.likelihood.share
        for other in found
        if other.made.likelihood and _same(other, result)
    }
    sure = credit(result.made, likelihood, sum(alike.values()), result.values, fitted())
    return sure * likelihood.kept


def _same(one: Result, other: Result) -> bool:
    return sorted(one.values) == sorted(other.values)
