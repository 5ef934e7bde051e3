"""Applied to every plan: excludes rows with totals, keeps amounts in several currencies apart, and adds no
times of day.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from promptiq.exact.grammar.draft import Draft, is_held, is_place
from promptiq.exact.lexicon import Lexicon, lexicons
from promptiq.exact.plans import Compare, Filter, Group, Operation, Plan, Reading, Schema, SchemaColumn
from promptiq.exact.words import tokens

_OF_AMOUNTS = frozenset({Operation.SUM, Operation.AVERAGE, Operation.MEDIAN, Operation.MIN, Operation.MAX})


@lru_cache(maxsize=64)
def sums_of(schema: Schema) -> tuple[str, tuple[str, ...]]:
    """The first column of names, and its cells that mark a row as a total of others; ("", ()) if there are
    none.
    """
    words = frozenset().union(*(lexicon.sums for lexicon in lexicons()))
    for column in schema.columns:
        if column.masked or column.distinct < 2:
            continue
        cells = tuple(
            value
            for value in column.values
            if (said := {token.text for token in tokens(value)}) and said <= words
        )
        if cells and len(cells) <= max(3, column.distinct // 4) and column.distinct >= 0.5 * schema.rows:
            return column.name, cells
        return "", ()
    return "", ()


def without_sums(made: Plan, schema: Schema) -> Plan:
    """The plan without the table's rows of totals, unless it mentions one."""
    column, cells = sums_of(schema)
    if not cells or any(each.column == column and not each.negated for each in made.filters):
        return made
    if made.operands:
        return replace(made, operands=tuple(without_sums(each, schema) for each in made.operands))
    apart = Filter(column, Compare.IS, cells, negated=True)
    base = (*made.base, apart) if made.operation is Operation.SHARE else made.base
    return replace(made, filters=(*made.filters, apart), base=base)


def adds_times_of_day(made: Plan, schema: Schema) -> bool:
    """Whether times of day would be added up, which means nothing."""
    added: set[str] = set()
    if made.operation in (Operation.SUM, Operation.SHARE):
        added.update(made.columns)
    if made.group and made.group.measure in ("sum", "share", "rate"):
        added.add(made.group.of)
    of_day = {column.name for column in schema.columns if column.of_day}
    return bool(added & of_day) or any(adds_times_of_day(each, schema) for each in made.operands)


def best_first(made: Plan, draft: Draft) -> Plan:
    """The best place is the smallest number: "the highest rank". "The last place" is as it is said."""
    said = [draft.items[at] for at, became in draft.used.items() if became == "top"]
    if not any(item.says("top", "most", "least") for item in said):
        return made
    if made.operation in (Operation.MAX, Operation.MIN) and is_place(draft, made.columns):
        other = Operation.MIN if made.operation is Operation.MAX else Operation.MAX
        return replace(made, operation=other)
    if made.order and is_place(draft, made.order.columns):
        return replace(made, order=replace(made.order, descending=not made.order.descending))
    return made


def by_currency(made: Plan, schema: Schema, lexicon: Lexicon) -> Plan:
    """One figure for each currency, if the table has several and the question chose none."""
    found = _currencies(schema, lexicon)
    if not found or made.operation not in _OF_AMOUNTS or len(made.columns) != 1 or made.order:
        return made
    if any(each.column == found[0].name for each in made.filters):
        return made
    if not (is_held(made.columns[0], "money", lexicon) or is_held(made.columns[0], "currency", lexicon)):
        return made
    group = Group(found[0].name, made.operation.value, made.columns[0], figures=True)  # type: ignore[arg-type]
    return replace(made, operation=Operation.GROUP, columns=(), group=group, several=True)


def _currencies(schema: Schema, lexicon: Lexicon) -> list[SchemaColumn]:
    """Columns with several currencies."""
    return [
        column
        for column in schema.columns
        if is_held(column.name, "currency", lexicon) and column.distinct > 1
        and column.reading is Reading.TEXT
    ]  # fmt: skip


def compares_currencies(made: Plan, schema: Schema, lexicon: Lexicon) -> bool:
    """Whether the plan would rank amounts in several currencies together."""
    found = _currencies(schema, lexicon)
    chosen = {each.column for each in made.filters}
    if not found or made.order is None or found[0].name in (*chosen, made.order.within):
        return False
    return any(is_held(name, "money", lexicon) for name in made.order.columns)
