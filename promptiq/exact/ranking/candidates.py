"""Plans that a question may mean: those of the grammar, and plans near what was read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from promptiq.exact.grammar.draft import Draft, is_date, is_moment, is_name, is_number
from promptiq.exact.plans import (
    FILE_ORDER,
    Compare,
    Filter,
    Group,
    Measure,
    Operation,
    Order,
    Plan,
    Role,
    SchemaColumn,
    Step,
)

# The most plans that are compared; the most sets of conditions, and columns of each use, in them.
MOST, SETS, FEW = 64, 5, 3
# More columns are tried only as what is shown.
SHOWN = 8


def candidates(draft: Draft, made: Plan | None, others: tuple[Plan, ...]) -> tuple[Plan, ...]:
    """At most MOST plans, those of the grammar first: `made`, and `others` for its ambiguous words."""
    found: dict[Plan, None] = {}
    for plan in (*([made] if made else []), *others, *_near(_Read(draft, made))):
        found.setdefault(plan)
        if len(found) == MOST:
            break
    return tuple(found)


@dataclass(frozen=True)
class _Read:
    """What plans are put together from."""

    draft: Draft
    made: Plan | None

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for item in self.draft.items for word in item.text.split())

    def says(self, kind: str) -> bool:
        """Whether the question has a word that hints at a kind of plan: see `classes` in a lexicon."""
        return bool(self.words & self.draft.lexicon.classes[kind])

    @cached_property
    def named(self) -> tuple[SchemaColumn, ...]:
        """Columns, those first that the question may name."""
        schema = self.draft.schema
        names = dict.fromkeys(each.name for item in self.draft.items for each in item.columns[:2])
        columns = (*(schema.get(name) for name in names), *schema.columns)
        return tuple(column for column in dict.fromkeys(columns) if not column.masked)

    @cached_property
    def numbers(self) -> list[str]:
        return [column.name for column in self.named if is_number(column)][:FEW]

    @cached_property
    def orders(self) -> list[str]:
        """Columns that rows are ordered by."""
        moments = (
            column.name
            for column in self.named
            if is_date(column) or is_moment(column) or column.role is Role.RANK
        )
        return [*self.numbers, *(name for name in moments if name not in self.numbers)][: FEW + 1]

    @cached_property
    def targets(self) -> list[str]:
        """Columns whose cells are shown: named ones, then those of names."""
        said = {each.name for item in self.draft.items for each in item.columns[:2]}
        names = [column.name for column in self.named if is_name(column)][:FEW]
        told = [column.name for column in self.named if column.name in said]
        return list(dict.fromkeys((*told, *names, *(column.name for column in self.named))))

    @cached_property
    def cells(self) -> list[Filter]:
        """A condition for each cell that the question may name."""
        return [
            Filter(each.column, Compare.IS, each.cells)
            for place, item in enumerate(self.draft.items)
            if self.draft.used.get(place) in (None, "value")
            for each in item.cells[:2]
        ]

    @cached_property
    def first_cells(self) -> tuple[Filter, ...]:
        firsts = (item.cells[0] for item in self.draft.items if item.cells)
        known = {Filter(each.column, Compare.IS, each.cells) for each in firsts}
        return tuple(dict.fromkeys(each for each in self.cells if each in known))

    @cached_property
    def conditions(self) -> tuple[Filter, ...]:
        """Those of the grammar, and the cells of other columns."""
        taken = tuple(dict.fromkeys(self.draft.filters))
        columns = {each.column for each in taken}
        return (*taken, *(each for each in self.first_cells if each.column not in columns))

    def sets(self) -> list[tuple[Filter, ...]]:
        """Sets of conditions: the grammar's, all, the cells alone, and all but one."""
        own = tuple(dict.fromkeys(_conditions(self.made))) if self.made else ()
        taken, all_of = tuple(dict.fromkeys(self.draft.filters)), self.conditions
        fewer = (tuple(each for each in all_of if each is not one) for one in all_of)
        other = ((*(each for each in all_of if each.column != one.column), one) for one in self.cells)
        return list(dict.fromkeys((own or taken, taken, all_of, self.first_cells, *fewer, *other)))[:SETS]

    def directions(self) -> list[bool]:
        """Whether the greatest comes first; both if the question does not say."""
        said = [way for way, kind in ((True, "upmost"), (False, "lowest")) if self.says(kind)]
        return said or [True, False]


def _conditions(plan: Plan) -> Iterator[Filter]:
    yield from plan.filters
    for operand in plan.operands:
        yield from _conditions(operand)


def _near(read: _Read) -> Iterator[Plan]:
    for conditions in read.sets():
        yield from _of(read, conditions)
    yield from _of_two(read)


def _of(read: _Read, filters: tuple[Filter, ...]) -> Iterator[Plan]:
    """Plans with the same conditions."""
    given = {each.column for each in filters if each.compare is Compare.IS and not each.negated}
    targets = [name for name in read.targets if name not in given]
    counts = any(item.says("op", "count") for item in read.draft.items)
    if read.draft.items and read.draft.items[0].says("ask", "whether"):
        yield Plan(Operation.HOLDS, filters=filters)
    if counts or read.says("counted"):
        yield Plan(Operation.COUNT, filters=filters)
        yield from (Plan(Operation.COUNT, (name,), filters=filters) for name in targets[:2])
        yield from (Plan(Operation.SUM, (name,), filters=filters) for name in read.numbers)
    if filters:
        for name in targets[: FEW + 2 if counts else SHOWN]:
            yield Plan(Operation.LOOKUP, (name,), filters=filters, several=True)
    if read.says("typical"):
        yield from (Plan(Operation.AVERAGE, (name,), filters=filters) for name in read.numbers)
    if read.says("ranking") or any(item.says("top") for item in read.draft.items):
        yield from _ranked(read, filters, targets[:FEW])
    if filters and read.says("stepping"):
        for name in read.targets[:FEW]:
            for by in (1, -1):
                yield Plan(Operation.LOOKUP, (name,), filters=filters, step=Step(FILE_ORDER, by))


def _ranked(read: _Read, filters: tuple[Filter, ...], targets: list[str]) -> Iterator[Plan]:
    ways = read.directions()
    for name in read.numbers:
        yield from (Plan(Operation.MAX if way else Operation.MIN, (name,), filters=filters) for way in ways)
    for name in targets:
        for by in (*(each for each in read.orders if each != name), FILE_ORDER):
            for way in ways:
                yield Plan(Operation.LOOKUP, (name,), filters=filters, order=Order((by,), way))
        if not read.draft.schema.tells_rows_apart(name):
            for way in ways:
                yield from _grouped(read, filters, name, way)


def _grouped(read: _Read, filters: tuple[Filter, ...], name: str, most: bool) -> Iterator[Plan]:
    figures: list[tuple[Measure, str]] = [("count", "")]
    figures += [("sum", of) for of in read.numbers[:2] if of != name]
    for measure, of in figures:
        group = Group(name, measure, of, order="most" if most else "least")
        yield Plan(Operation.GROUP, filters=filters, group=group)


def _of_two(read: _Read) -> Iterator[Plan]:
    """Plans about two cells of one column."""
    by_column: dict[str, list[Filter]] = {}
    for each in read.first_cells:
        by_column.setdefault(each.column, []).append(each)
    for column, (first, second, *_) in [each for each in by_column.items() if len(each[1]) > 1][:2]:
        rest = tuple(each for each in read.conditions if each.column != column)
        both = (*rest, replace(first, values=first.values + second.values))
        for way in read.directions():
            for by in (*read.orders, FILE_ORDER):
                yield Plan(Operation.LOOKUP, (column,), filters=both, order=Order((by,), way))
            group = Group(column, order="most" if way else "least")
            yield Plan(Operation.GROUP, filters=both, group=group)
        for name in read.numbers:
            sums = tuple(Plan(Operation.SUM, (name,), filters=(*rest, each)) for each in (first, second))
            yield Plan(Operation.DIFFERENCE, operands=sums)
            yield Plan(Operation.ADDITION, operands=sums)
