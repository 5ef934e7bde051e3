"""What a plan may do with columns whose values its reader may not see.

They may be averaged and added up, and nothing else; and only with noise (see promptiq.protection), so that no
figure reveals one person or a few.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from governance.policies import Access
from governance.redacting.redaction import KINDS, mentions_any
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.plans import FILE_ORDER, Compare, Filter, Minus, NotPermitted, Operation, Plan, sources

_FIGURES = (Operation.COUNT, Operation.SUM, Operation.AVERAGE)
# What is told of rows, not of a cell. A figure in a column's unit may be one of its cells.
_PLAIN_FIGURES = {
    Operation.COUNT, Operation.SHARE, Operation.HOLDS, Operation.GREATER, Operation.RUN,
    Operation.CORRELATION, Operation.GAPS,
    *(operation for operation, entry in OPERATIONS.items() if entry.unit == "rows"),
}  # fmt: skip
# The length of a card number, which is also a part of one or of an address.
_LONG_NUMBER = re.compile(r"\d{13}")
_PART = re.compile(r"@|\d(?:[ .\-]?\d){3}")
_GUESSED = "What looks like personal data is matched with {} only for those who may see it."
_SHOWN = "Values of {} are masked for you: they may be averaged and added up, and nothing else."
_NOISE = "Figures on {} are told with noise only."


def hidden_columns(access: Access, names: Iterator[str], view_pii: bool) -> frozenset[str]:
    """Of these columns, those masked for the reader. Columns unknown to `access` are hidden."""
    if view_pii:
        return frozenset()
    open_columns = {column.column for column in access.columns if not column.masked}
    return frozenset(name for name in names if name not in open_columns)


def refused(plan: Plan, hidden: frozenset[str]) -> NotPermitted | None:
    """The reason to refuse the plan by its form alone, whatever the rows."""
    for name in _exposed(plan, nested=False):
        if name in hidden:
            return NotPermitted(name, _SHOWN.format(name))
    return None


def refused_without_noise(plan: Plan, hidden: frozenset[str]) -> NotPermitted | None:
    """The reason not to compute the plan exactly: a figure on a hidden column."""
    column = protected_column(plan, hidden)
    return NotPermitted(column, _NOISE.format(column)) if column else None


def refused_for_guesses(plan: Plan, access: Access) -> NotPermitted | None:
    """The reason to refuse conditions that try whether a cell contains a person's data, right or wrong."""
    redacted = {column.column: column.redacted for column in access.columns}
    for condition in _all_filters(plan):
        kinds = redacted.get(condition.column, KINDS)
        if any(_is_guess(condition.compare, value, kinds) for value in condition.values):
            return NotPermitted(condition.column, _GUESSED.format(condition.column))
    return None


def _is_guess(compare: Compare, value: str, kinds: frozenset[str]) -> bool:
    if compare in (Compare.HAS, Compare.STARTS, Compare.ENDS) and kinds:
        return bool(_PART.search(value))
    if compare is not Compare.IS and "CREDIT_CARD" in kinds and _LONG_NUMBER.search(value):
        return True
    return mentions_any(value, kinds)


def _all_filters(plan: Plan) -> Iterator[Filter]:
    for condition in (*plan.filters, *plan.base):
        yield from _with_inner(condition)
    for operand in plan.operands:
        yield from _all_filters(operand)


def _with_inner(condition: Filter) -> Iterator[Filter]:
    yield condition
    for inner in (*condition.other, *condition.either):
        yield from _with_inner(inner)


def redacted_kinds(plan: Plan, access: Access, view_pii: bool) -> frozenset[str]:
    """The kinds of personal data to mask inside the answer's values; none for counts and shares."""
    if view_pii or plan.operation in _PLAIN_FIGURES:
        return frozenset()
    names = set(_shown_columns(plan))
    return frozenset().union(*(column.redacted for column in access.columns if column.column in names))


def _shown_columns(plan: Plan) -> Iterator[str]:
    """Columns whose cells may be in the answer."""
    shown = plan.columns
    if group := plan.group:
        shown = (*shown, group.column, group.of, group.second)
    for name in shown:
        yield from sources(name)
    for operand in plan.operands:
        yield from _shown_columns(operand)


def protected_column(plan: Plan, hidden: frozenset[str]) -> str | None:
    """The hidden column that the plan needs a figure on; it gets noise."""
    return next((name for name in plan.columns if name in hidden), None)


def columns_of(plan: Plan) -> set[str]:
    """Every column that the plan uses in any way."""
    shown = {source for name in plan.columns for source in sources(name)}
    return {*shown, *_exposed(plan, nested=True)} - {"", FILE_ORDER}


def _exposed(plan: Plan, *, nested: bool) -> Iterator[str]:
    """Columns used where a hidden one may not be."""
    for name in plan.columns:
        # Distinct values would be counted; a difference of two columns reveals both.
        plain = plan.operation in _FIGURES and plan.operation is not Operation.COUNT
        if not plain or nested or plan.group or isinstance(name, Minus):
            yield from sources(name)
    for condition in (*plan.filters, *plan.base):
        yield from _of_filter(condition)
    if plan.order:
        ordered = (source for name in plan.order.columns for source in sources(name))
        yield from (name for name in (*ordered, plan.order.within) if name != FILE_ORDER)
    if plan.step and plan.step.column != FILE_ORDER:
        yield plan.step.column
    if plan.group:
        for name in (plan.group.column, plan.group.of, plan.group.second, plan.group.over):
            yield from sources(name)
    for operand in plan.operands:
        # The difference of two sums over nearly the same rows is a cell.
        yield from _exposed(operand, nested=True)


def _of_filter(condition: Filter) -> Iterator[str]:
    if condition.column != FILE_ORDER:
        yield from sources(condition.column)
    if condition.to:
        yield condition.to
    for inner in (*condition.other, *condition.either):
        yield from _of_filter(inner)
