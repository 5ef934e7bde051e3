"""Presents a computed result for people: a sentence, figures with their units, a chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from promptiq.answers import count_of
from promptiq.exact import Operation, Plan, Result, Schema, Series, in_words
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.permission import columns_of
from promptiq.exact.plans import FILE_ORDER, Group, Minus, Point, Reading, Role, SchemaColumn
from promptiq.formatting import DAYS, SECONDS, number_in, places_of, rounded, written

SHOWN_VALUES = 8
# With a longer plan (characters), the sentence has the figure alone: the plan is shown below it.
LONGEST_PLAN = 160
# A smaller probability is told as smaller.
LEAST_PROBABILITY = 0.0001
# A column names the rows if this share of its cells is distinct.
NAMING = 0.9
_DIVIDED = {
    Operation.RATIO, Operation.PERCENT, Operation.GROWTH, Operation.SHARE,
    *(operation for operation, entry in OPERATIONS.items() if entry.rounded),
}  # fmt: skip
_COUNTS = {
    Operation.COUNT, Operation.RUN, *(each for each, entry in OPERATIONS.items() if entry.unit == "rows"),
}  # fmt: skip
_OF_CELLS = {operation for operation, entry in OPERATIONS.items() if entry.unit == "column"}
_WITHOUT_UNIT = (
    _COUNTS | {Operation.RATIO} | {operation for operation, entry in OPERATIONS.items() if not entry.unit}
)
_BEST = {"most": ("greatest", "most"), "least": ("smallest", "fewest")}
_MEASURED = {"min": "smallest", "max": "greatest", "rate": "percent", "deviation": "standard deviation"}

Again = Callable[[Plan], Result | None]


@dataclass(frozen=True, slots=True)
class Presented:
    """`headline`: the requested figure or name alone; "" if there are several. `sentence`: with figure, unit
    and share. `notes`: remarks about the figure. `columns`: those that the plan uses, first the one that
    names the rows; () if none.
    """

    headline: str
    sentence: str
    series: Series | None
    notes: tuple[str, ...]
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Presenter:
    """`units`: of columns, by name; see datasets.tables.table.TableColumn. `again`: runs another plan for the
    same reader; None if it gives nothing.
    """

    schema: Schema
    units: Mapping[str, str]
    again: Again

    def present(self, result: Result) -> Presented:
        """`result`: with at least one value."""
        made = result.made
        series, shown = result.series, result
        if self._names_best(made):
            series, shown = self._among(made, result)
        told = self._told(shown, series)
        unit = self._unit(made)
        if series is not None:
            series = replace(series, unit=unit or series.unit)
        return Presented(*told, series, self._notes(made), self._columns(made))

    # --- the sentence

    def _told(self, result: Result, series: Series | None) -> tuple[str, str]:
        made = result.made
        if made.operation is Operation.SEVERAL:
            figures = zip(made.operands, result.values, strict=False)
            return "", " ".join(_plain_sentence(each, self._figure(each, value)) for each, value in figures)
        if made.operands:
            return self._of_two(made, result.values[0])
        if made.group and not (made.group.counted or made.group.then):
            return self._of_groups(made, made.group, result, series)
        if made.operation is Operation.LOOKUP:
            return self._looked_up(made, result)
        if made.operation is Operation.COUNT:
            return self._counted(made, result)
        headline = self._figure(made, result.values[0])
        if made.operation is Operation.HOLDS:
            return _capital(headline), f"{_capital(headline)}: {count_of(result.selected, 'row')}."
        if made.operation is Operation.NORMAL:
            found = self.again(replace(made, operation=Operation.NORMALITY))
            tested = f" {_plain_sentence(found.made, _probability(found.values[0]))}" if found else ""
            return _capital(headline), f"{_capital(headline)}.{tested}"
        if made.operation is Operation.GAPS:
            return "", f"{', '.join(result.values[:SHOWN_VALUES])}."
        if made.operation is Operation.SHARE and not made.columns:
            whole = self._count(replace(made, operation=Operation.COUNT, filters=made.base, base=()))
            return headline, f"{headline}: {result.selected:,} of {count_of(whole, 'row')}."
        return headline, _plain_sentence(made, headline)

    def _of_two(self, made: Plan, value: str) -> tuple[str, str]:
        headline = _capital(self._figure(made, value))
        sides = [(each, self.again(each)) for each in made.operands]
        told = [
            f"{in_words(each)} {self._figure(each, found.values[0])}"
            for each, found in sides
            if found and found.values
        ]
        return headline, f"{headline}: {' against '.join(told)}." if len(told) == 2 else f"{headline}."

    def _counted(self, made: Plan, result: Result) -> tuple[str, str]:
        headline = self._figure(made, result.values[0])
        number, rows = number_in(result.values[0]), self.schema.rows
        if made.columns or number is None:
            return headline, _plain_sentence(made, headline)
        if not made.filters or not rows:
            return headline, f"{count_of(int(number), 'row')}."
        share = rounded(f"{100 * number / rows:f}")
        return headline, f"{headline} of {count_of(rows, 'row')}, {share}%."

    def _looked_up(self, made: Plan, result: Result) -> tuple[str, str]:
        column = self.schema.get(made.columns[0]) if len(made.columns) == 1 and _is_one(made) else None
        values = [self._cell(column, value) for value in result.values]
        names = ", ".join(made.columns)
        if len(values) == 1:
            return values[0], f"{values[0]}{self._superlative(made)}."
        first = ", ".join(values[:SHOWN_VALUES])
        more = f" and {len(values) - SHOWN_VALUES:,} more" if len(values) > SHOWN_VALUES else ""
        return "", f"{count_of(result.selected, 'row')}. {names}: {first}{more}."

    def _superlative(self, made: Plan) -> str:
        """ " has the greatest Total: £4,788.00", for the one row that is first by a column."""
        order = made.order
        if not order or len(order.columns) > 1 or order.columns[0] == FILE_ORDER or made.step or order.within:
            return ""
        name = order.columns[0]
        if isinstance(name, Minus) or name in made.columns:
            return ""
        found = self.again(replace(made, operation=Operation.LOOKUP, columns=(name,)))
        if not found or len(found.values) != 1:
            return ""
        figure = self._cell(self.schema.get(name), found.values[0])
        if order.skip:
            return f": {name} {figure}"
        return f" has the {'greatest' if order.descending else 'smallest'} {name}: {figure}"

    def _of_groups(self, made: Plan, group: Group, result: Result, series: Series | None) -> tuple[str, str]:
        if series is None or not series.points:
            headline = result.values[0] if len(result.values) == 1 else ""
            return headline, f"{', '.join(result.values[:SHOWN_VALUES])}."
        told = _Groups(group, self._unit_of_group(group), series, self._total(made, group))
        if self._names_best(made):
            return told.best(result.values)
        return "", told.all()

    def _total(self, made: Plan, group: Group) -> Decimal | None:
        """The sum over all groups, including rows in no group. None if the figures cannot be added."""
        adds = group.measure == "sum" or (group.measure == "count" and not group.of)
        if not adds or group.over or group.having:
            return None
        whole = Operation.SUM if group.measure == "sum" else Operation.COUNT
        columns = (group.of,) if group.of else ()
        found = self.again(
            replace(made, operation=whole, columns=columns, group=None, order=None, several=False)
        )
        return number_in(found.values[0]) if found and found.values else None

    # --- more than the plan gave

    def _names_best(self, made: Plan) -> bool:
        """Whether the best group is requested: it is shown among the others."""
        group = made.group
        return bool(group and group.order and group.limit == 1 and not group.counted and not group.having)

    def _among(self, made: Plan, result: Result) -> tuple[Series | None, Result]:
        """All groups with their figures, so that the best is seen among them."""
        assert made.group is not None  # noqa: S101 - the caller has looked
        found = self.again(
            replace(made, group=replace(made.group, order="", skip=0, figures=True), several=True)
        )
        return (found.series, result) if found else (None, result)

    def _count(self, made: Plan) -> int:
        found = self.again(made)
        number = number_in(found.values[0]) if found and found.values else None
        return int(number) if number is not None else self.schema.rows

    def _notes(self, made: Plan) -> tuple[str, ...]:
        """Rows that the figure leaves out because their cell is empty."""
        if made.operation not in _OF_CELLS or len(made.columns) != 1 or isinstance(made.columns[0], Minus):
            return ()
        column = self.schema.get(made.columns[0])
        if column.masked or made.order:
            return ()
        empty = self._count(replace(made, operation=Operation.MISSING, confidence=1.0))
        return (f"{count_of(empty, 'row')} without {column.name} left out.",) if empty else ()

    def _columns(self, made: Plan) -> tuple[str, ...]:
        used = columns_of(made)
        if not used:
            return ()
        named = next((each.name for each in self.schema.columns if _names_rows(each, self.schema.rows)), None)
        first = (named,) if named else ()
        return (
            *first,
            *(each.name for each in self.schema.columns if each.name in used and each.name not in first),
        )

    # --- units

    def _figure(self, made: Plan, value: str) -> str:
        """One value of a plan for people. Masked values, years and text stay as they are."""
        if made.operation is Operation.LOOKUP:
            return self._cell(self.schema.get(made.columns[0]) if _is_one(made) else None, value)
        if made.group and not (made.group.counted or made.group.then):
            return value
        about = "about " if value.startswith("about ") else ""
        figure = value.removeprefix(about).removesuffix("%")
        if made.operation in _DIVIDED or (made.group and made.group.then):
            figure = rounded(figure)
        if any(self._is_moment(name) for name in made.columns) and made.operation not in _COUNTS:
            return about + figure
        return about + written(figure, self._unit(made))

    def _is_moment(self, name: str) -> bool:
        if isinstance(name, Minus):
            return False
        column = self.schema.get(name)
        return column.role is Role.MOMENT or (column.reading is Reading.TIME and not column.native)

    def _cell(self, column: SchemaColumn | None, value: str) -> str:
        if column is None or column.reading is not Reading.NUMBER or column.role is not Role.MEASURE:
            return value
        return written(value, self._unit_of(column.name)) if not column.identifier else value

    def _unit(self, made: Plan) -> str:
        if made.operation in (Operation.SHARE, Operation.PERCENT, Operation.GROWTH):
            return "%"
        if made.operation in _WITHOUT_UNIT:
            return ""
        if made.group:
            return self._unit_of_group(made.group)
        if made.operands:
            units = {self._unit(each) for each in made.operands}
        else:
            units = {self._unit_of(name) for name in made.columns}
        return units.pop() if len(units) == 1 else ""

    def _unit_of_group(self, group: Group) -> str:
        if group.measure in ("share", "rate"):
            return "%"
        if group.counted or group.over or group.measure in ("count", "variance") or not group.of:
            return ""
        return self._unit_of(group.of)

    def _unit_of(self, name: str) -> str:
        """Of a column; "" if it mixes several, or is masked."""
        if isinstance(name, Minus):
            known = self.schema.get(name.first)
            return DAYS if known.reading is Reading.DATE else self._unit_of(name.first)
        known = self.schema.get(name)
        if known.reading is Reading.TIME and known.native:
            return SECONDS
        unit = self.units.get(name, "")
        return "" if "|" in unit else unit


def _names_rows(column: SchemaColumn, rows: int) -> bool:
    if column.masked or column.reading not in (Reading.TEXT, Reading.NUMBER):
        return False
    named = column.identifier or column.role is Role.ENTITY
    return named and column.distinct >= NAMING * rows


def _is_one(made: Plan) -> bool:
    return len(made.columns) == 1 and not isinstance(made.columns[0], Minus)


def _measure(group: Group) -> str:
    name = _MEASURED.get(group.measure, group.measure)
    if group.measure == "count":
        return f"number of different {group.of}"
    return f"{name} of {group.of}" if group.of else name


@dataclass(frozen=True, slots=True)
class _Groups:
    """Groups with their figures in a sentence. `total`: the sum of all; None if they cannot be added."""

    group: Group
    unit: str
    series: Series
    total: Decimal | None

    def best(self, values: tuple[str, ...]) -> tuple[str, str]:
        """The group with the greatest or smallest figure, or those that share it."""
        group = self.group
        labels = [value.rpartition(": ")[0] or value for value in values]
        headline = " and ".join(labels)
        points = [each for each in self.series.points if each.label in labels]
        if not points:
            return headline, f"{headline}."
        size, most = _BEST[group.order]
        counts = group.measure == "count" and not group.of
        what = f"the {most} rows" if counts else f"the {size} {_measure(group)}"
        place = f"place {group.skip + 1} by " if group.skip else ""
        verb, each = ("has", "") if len(points) == 1 else ("have", " each")
        share = self._share(points[0]) if not each else ""
        return headline, f"{headline} {verb} {place}{what}: {self._figure(points[0])}{each}{share}."

    def all(self) -> str:
        """For a line, the first and the last; otherwise the greatest and the smallest."""
        points = self.series.points
        if len(points) == 1 or self.group.order:
            # If only the first few are shown, the smallest is not mentioned: there are smaller ones.
            more = f" and {len(points) - SHOWN_VALUES:,} more" if len(points) > SHOWN_VALUES else ""
            return f"{', '.join(map(self._named, points[:SHOWN_VALUES]))}{more}."
        least, most = (choose(points, key=_size) for choose in (min, max))
        told = f"Highest: {self._named(most)}. Lowest: {self._named(least)}."
        if self.series.kind != "line":
            return told
        return f"From {self._named(points[0])} to {self._named(points[-1])}. {told}"

    def _named(self, point: Point) -> str:
        share = self._share(point) if self.series.kind == "bars" else ""
        return f"{point.label} ({self._figure(point)}{share})"

    def _figure(self, point: Point) -> str:
        return written(point.figure, self.unit, places_of(each.figure for each in self.series.points))

    def _share(self, point: Point) -> str:
        figures = [_size(each) for each in self.series.points]
        if not self.total or min(figures) < 0:
            return ""
        return f", {round(100 * _size(point) / self.total):,}% of the total"


def _size(point: Point) -> Decimal:
    return number_in(point.figure) or Decimal()


def _plain_sentence(made: Plan, figure: str) -> str:
    words = in_words(made)
    return f"{_capital(words)}: {figure}." if len(words) <= LONGEST_PLAN else f"{figure}."


def _probability(value: str) -> str:
    return rounded(value) if float(value) >= LEAST_PROBABILITY else f"below {LEAST_PROBABILITY}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
