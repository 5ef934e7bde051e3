"""Turns a proposal into a plan over a table, and checks columns, cells and types.

The result is permitted or refused like our own plans. Values of a masked column are not listed: a condition
on it keeps the proposal's words, and the permission check refuses it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from promptiq.exact.grammar.care import without_sums
from promptiq.exact.numbers import plain
from promptiq.exact.plans import (
    FILE_ORDER,
    Compare,
    Group,
    Operation,
    Order,
    Plan,
    Reading,
    Schema,
    SchemaColumn,
    Step,
)
from promptiq.language_model.proposals import NoProposal, Proposal, ProposedGroup, ProposedOrder, ProposedStep
from promptiq.language_model.proposed_filters import FindCells, filters_of

# Below 1, the confidence of our surest plans, and low enough that a plan without result is not an answer (see
# promptiq.exact.executor.NOTHING_FOUND and promptiq.exact.plans.THRESHOLD).
CONFIDENCE = 0.8

_FIGURES = frozenset(
    {Operation.SUM, Operation.AVERAGE, Operation.MEDIAN, Operation.MIN, Operation.MAX, Operation.SPAN}
)
_OF_TWO = frozenset({Operation.DIFFERENCE, Operation.ADDITION, Operation.GREATER})
# Operations whose rows may be chosen by an order first: "the sum of the five greatest".
_ORDERED = frozenset({Operation.LOOKUP, Operation.COUNT, *_FIGURES})
# The fewest and most columns of each operation.
_TAKES = {
    Operation.LOOKUP: (1, 5), Operation.COUNT: (0, 1), Operation.SUM: (1, 5), Operation.AVERAGE: (1, 5),
    Operation.MEDIAN: (1, 5), Operation.MIN: (1, 5), Operation.MAX: (1, 5), Operation.SPAN: (1, 1),
    Operation.SHARE: (0, 1), Operation.HOLDS: (0, 0), Operation.RUN: (0, 1), Operation.GROUP: (0, 1),
    Operation.DIFFERENCE: (0, 0), Operation.ADDITION: (0, 0), Operation.GREATER: (0, 0),
}  # fmt: skip
_SIGNS = {
    "=": Compare.EQUAL, "!=": Compare.UNEQUAL, ">": Compare.MORE, ">=": Compare.AT_LEAST, "<": Compare.LESS,
    "<=": Compare.AT_MOST,
}  # fmt: skip


def planned(proposal: Proposal, schema: Schema, find: FindCells) -> Plan:
    """`find`: cells of columns whose values the schema does not keep. Raises NoProposal, TooSlow."""
    table = _Table(schema, find)
    made = _of_two(proposal, table) if proposal.operation in _OF_TWO else _single(proposal, table)
    return replace(without_sums(made, schema), several=True, confidence=CONFIDENCE)


@dataclass(frozen=True, slots=True)
class _Table:
    schema: Schema
    find: FindCells

    def column(self, name: str) -> SchemaColumn:
        """By its name, else by its name in another case if only one column has it. Raises NoProposal."""
        columns = self.schema.columns
        same = [each for each in columns if each.name == name] or [
            each for each in columns if each.name.casefold() == name.casefold()
        ]
        if len(same) != 1:
            raise NoProposal("a column that the table does not have")
        return same[0]

    def ordering(self, name: str) -> str:
        """A column's name, or the order of the file."""
        return FILE_ORDER if name == FILE_ORDER else self.column(name).name


def _of_two(proposal: Proposal, table: _Table) -> Plan:
    if len(proposal.operands) != 2:
        raise NoProposal(f"{proposal.operation} takes two operands")
    if replace(proposal, table=1, operands=()) != Proposal(1, proposal.operation):
        raise NoProposal(f"{proposal.operation} takes nothing but operands")
    operands = tuple(_operand(each, table) for each in proposal.operands)
    kinds = {_kind(each, table) for each in operands}
    if len(kinds) != 1 or (kinds != {Reading.NUMBER} and proposal.operation is not Operation.GREATER):
        raise NoProposal("operands that do not go together")
    return Plan(proposal.operation, operands=operands)


def _operand(proposal: Proposal, table: _Table) -> Plan:
    """A plan for one figure. A single cell counts as the maximum of one row."""
    if proposal.operation is Operation.LOOKUP and len(proposal.columns) == 1:
        proposal = replace(proposal, operation=Operation.MAX)
    if proposal.operation not in _FIGURES | {Operation.COUNT}:
        raise NoProposal("an operand that is no figure")
    return _single(proposal, table)


def _kind(plan: Plan, table: _Table) -> Reading:
    return Reading.NUMBER if plan.operation is Operation.COUNT else table.column(plan.columns[0]).reading


def _single(proposal: Proposal, table: _Table) -> Plan:
    operation = proposal.operation
    least, most = _TAKES[operation]
    if not least <= len(proposal.columns) <= most or len(set(proposal.columns)) < len(proposal.columns):
        raise NoProposal(f"{operation} takes another number of columns")
    if proposal.operands or (proposal.group is not None) is not (operation is Operation.GROUP):
        raise NoProposal(f"{operation} does not take what is given")
    if (proposal.order and operation not in _ORDERED) or (proposal.base and operation is not Operation.SHARE):
        raise NoProposal(f"{operation} does not take an order or a base")
    if proposal.step and operation is not Operation.LOOKUP:
        raise NoProposal("only cells are looked up by a step")
    columns = tuple(table.column(name) for name in proposal.columns)
    _refuse_what_does_not_compute(operation, columns)
    filters = filters_of(proposal.filters, table.column, table.find)
    base = filters_of(proposal.base, table.column, table.find)
    if operation in (Operation.SHARE, Operation.HOLDS, Operation.RUN) and not filters:
        raise NoProposal(f"{operation} takes conditions")
    group = _group(proposal.group, table) if proposal.group else None
    if group and columns and columns[0].name != group.column:
        raise NoProposal("a group of another column")
    return Plan(
        operation,
        (group.column,) if group else tuple(column.name for column in columns),
        tuple(dict.fromkeys((*base, *filters))),
        order=_order(proposal.order, table) if proposal.order else None,
        step=_step(proposal.step, table) if proposal.step else None,
        group=group,
        base=base,
    )


def _refuse_what_does_not_compute(operation: Operation, columns: tuple[SchemaColumn, ...]) -> None:
    """Raises NoProposal for the sum of a text, the median of dates and the like."""
    numbers = all(column.reading is Reading.NUMBER for column in columns)
    single_date = len(columns) == 1 and columns[0].reading is Reading.DATE
    if operation in (Operation.MIN, Operation.MAX) and single_date:
        return
    if operation in _FIGURES | {Operation.SHARE, Operation.RUN} and not numbers:
        raise NoProposal(f"{operation} of a column that holds no numbers")


def _order(proposed: ProposedOrder, table: _Table) -> Order:
    return Order((table.ordering(proposed.column),), proposed.descending, proposed.limit, proposed.skip)


def _step(proposed: ProposedStep, table: _Table) -> Step:
    return Step(table.ordering(proposed.column), proposed.by)


def _group(proposed: ProposedGroup, table: _Table) -> Group:
    column = table.column(proposed.column)
    of = table.column(proposed.of) if proposed.of else None
    if proposed.measure == "count":
        # "How many rows of each town" is often proposed as a count of the towns themselves.
        of = None if of == column else of
    elif of is None and proposed.measure != "share":
        raise NoProposal("a figure of no column")
    elif of is not None and of.reading is not Reading.NUMBER:
        raise NoProposal("a figure of a column that holds no numbers")
    if proposed.part and column.reading is not Reading.DATE:
        raise NoProposal("a part of a column that holds no dates")
    if proposed.compare and (proposed.measure == "share" or proposed.order):
        raise NoProposal("a condition on groups that they do not take")
    if proposed.counted and proposed.order:
        raise NoProposal("groups are either counted or ordered")
    return Group(
        column.name,
        proposed.measure,
        of.name if of else "",
        proposed.order,
        proposed.limit,
        _SIGNS[proposed.compare] if proposed.compare else None,
        plain(proposed.threshold) if proposed.compare else "",
        proposed.counted,
        figures=not (proposed.order or proposed.compare or proposed.counted),
        part=proposed.part,
    )
