"""What a plan may do with columns whose values its reader may not see.

They may be counted, averaged and added up, and nothing else; and only where the rows that enter and those
that are left out are each none or at least five, so that no figure speaks of one person or of a few.
"""

from __future__ import annotations

from collections.abc import Iterator

from governance.policies import Access
from promptiq.exact.database import Database, named
from promptiq.exact.plans import FILE_ORDER, Filter, NotPermitted, Operation, Plan
from promptiq.exact.sql import Writer

# Fewer rows than this, selected or left out, would speak of people rather than of the table.
MIN_ROWS = 5
_FIGURES = (Operation.COUNT, Operation.SUM, Operation.AVERAGE)
_SHOWN = "Values of {} are masked for you: they may be counted, averaged and added up, and nothing else."
_FEW = "Figures on {} are given where the rows selected and those left out are each none or at least 5."


def hidden_columns(access: Access, names: Iterator[str], view_pii: bool) -> frozenset[str]:
    """Of these columns, those that are masked for the reader; what `access` does not know is hidden."""
    if view_pii:
        return frozenset()
    open_columns = {column.column for column in access.columns if not column.masked}
    return frozenset(name for name in names if name not in open_columns)


def refused(plan: Plan, hidden: frozenset[str]) -> NotPermitted | None:
    """What stands against the plan by its form alone, whatever the rows."""
    for name in _exposed(plan, nested=False):
        if name in hidden:
            return NotPermitted(name, _SHOWN.format(name))
    return None


def refused_for_rows(
    plan: Plan, hidden: frozenset[str], database: Database, writer: Writer
) -> NotPermitted | None:
    """What stands against a figure on hidden columns once the rows are known. Raises TooSlow.

    Empty cells are left out of a figure: an average over two filled cells among a hundred rows speaks of two.
    """
    for name in (name for name in plan.columns if name in hidden):
        filled = f"SELECT count({named(name)}) FROM ({writer.selected(plan)})"
        entered = int(database.rows(filled)[0][0])
        if 0 < entered < MIN_ROWS or 0 < writer.schema.rows - entered < MIN_ROWS:
            return NotPermitted(name, _FEW.format(name))
    return None


def rows_apart(plan: Plan, earlier: Plan, database: Database, writer: Writer) -> int:
    """In how many rows two plans differ: 1 to 4 apart would give away those few. Raises TooSlow."""
    one, other = (f"SELECT _row FROM ({writer.selected(each)})" for each in (plan, earlier))
    apart = f"(({one}) EXCEPT ({other})) UNION ALL (({other}) EXCEPT ({one}))"
    return int(database.rows(f"SELECT count(*) FROM ({apart})")[0][0])


def columns_of(plan: Plan) -> set[str]:
    """Every column that the plan touches, in whatever way."""
    return {*plan.columns, *_exposed(plan, nested=True)} - {"", FILE_ORDER}


def _exposed(plan: Plan, *, nested: bool) -> Iterator[str]:
    """Columns in places where a hidden one may not be."""
    if plan.operation not in _FIGURES or nested or plan.group:
        yield from plan.columns
    elif plan.operation is Operation.COUNT:
        # Distinct values would be counted.
        yield from plan.columns
    for condition in (*plan.filters, *plan.base):
        yield from _of_filter(condition)
    if plan.order:
        yield from (name for name in plan.order.columns if name != FILE_ORDER)
    if plan.step and plan.step.column != FILE_ORDER:
        yield plan.step.column
    if plan.group:
        yield plan.group.column
        yield plan.group.of
    for operand in plan.operands:
        # The difference of two sums over nearly the same rows is a cell.
        yield from _exposed(operand, nested=True)


def _of_filter(condition: Filter) -> Iterator[str]:
    if condition.column != FILE_ORDER:
        yield condition.column
    for inner in condition.other:
        yield from _of_filter(inner)
