"""Checks that a plan contains everything that was taken for it. An item that was used but is not in the plan
counts as not understood.
"""

from __future__ import annotations

from collections.abc import Iterator

from promptiq.exact.grammar.draft import Draft, is_held
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.permission import columns_of
from promptiq.exact.plans import Minus, Operation, Plan
from promptiq.exact.reading.question import Item

# Uses of an item that put a column into the plan.
_COLUMNS = frozenset({"measure", "compared", "comparison", "range", "target", "shown", "counted"})
# Figures that the plan has as they are said; smallest and greatest may also be a ranking.
_FIGURES = frozenset(each.value for each in OPERATIONS) - {"sum", "min", "max"}
# The average of two sums is their ratio; outliers are by another rule, missing cells of each column.
_OTHER_FORMS = {"average": "ratio", "outliers": "far", "missing": "gaps"}
_ENDS = frozenset({"min", "max", "span"})


def unsaid(made: Plan, draft: Draft) -> tuple[int, ...]:
    """Places of used items that are missing from the plan."""
    columns, operations = frozenset(columns_of(made)), frozenset(_operations(made))
    return tuple(
        place
        for place, became in draft.used.items()
        if not _says(made, draft, draft.items[place], became, columns, operations)
    )


def shows(made: Plan) -> frozenset[str]:
    """The columns whose cells are in the answer."""
    names = {*made.columns} if made.operation is Operation.LOOKUP else set()
    if made.group:
        names |= {made.group.column, made.group.second}
    return frozenset(names.union(*map(shows, made.operands)) - {""})


def _operations(made: Plan) -> Iterator[str]:
    yield made.operation.value
    if made.group:
        yield made.group.measure
        yield from ([made.group.then] if made.group.then else [])
        yield from (["ratio"] if made.group.over else [])
    for operand in made.operands:
        yield from _operations(operand)


def _says(
    made: Plan, draft: Draft, item: Item, became: str, columns: frozenset[str], operations: frozenset[str]
) -> bool:
    if became == "counted" and made.operation is Operation.COUNT and not made.columns:
        # Each row is a different thing, so counting rows counts them.
        return True
    if became in ("measure", "money") and _is_verb_of_top(draft, item):
        return True
    if became in _COLUMNS and item.columns and not item.number and not counts_rows(draft, item):
        return bool(columns & {each.name for each in item.columns})
    if became == "group" and draft.keys and not item.says("group") and (item.columns or item.says("part")):
        return _is_grouped(made, set() if item.says("part") else {each.name for each in item.columns})
    if became == "operation":
        return _says_operation(made, item.value("op"), operations)
    if became == "money":
        return any(_is_of_money(draft, name) for name in columns)
    if became == "top":
        return _is_placed(made) or not item.says("top") or bool(operations & _ENDS)
    return True


def _is_grouped(made: Plan, names: set[str]) -> bool:
    """Whether the plan has groups, of one of these columns where there are some."""
    group, order = made.group, made.order
    used = {group.column, group.second, group.over} if group else set()
    used |= {order.within} if order else set()
    if made.operation is Operation.RATIO or (names and names & used) or (not names and used - {""}):
        return True
    return any(_is_grouped(operand, names) for operand in made.operands)


def _is_verb_of_top(draft: Draft, item: Item) -> bool:
    """ "who worked the most overtime hours": a verb that only says whose ranking it is."""
    place = draft.items.index(item)
    behind = [each for each in draft.items[place + 1 : place + 3] if each.leads or each.names]
    return bool(place) and bool(behind) and behind[0].says("top", "most", "least")


def _says_operation(made: Plan, kind: str, operations: frozenset[str]) -> bool:
    if kind in _FIGURES:
        return bool(operations & {kind, _OTHER_FORMS.get(kind, kind)}) or any(
            isinstance(name, Minus) for name in made.columns
        )
    if kind in ("sum", "count"):
        return made.operation is not Operation.LOOKUP or _is_placed(made)
    return True


def _is_of_money(draft: Draft, name: str) -> bool:
    return is_held(name, "money", draft.lexicon) or is_held(name, "spending", draft.lexicon)


def _is_placed(made: Plan) -> bool:
    if made.order or (made.group and made.group.order):
        return True
    return any(_is_placed(operand) for operand in made.operands)
