"""What is computed: operations and the columns that they are of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from promptiq.exact.grammar.conditions import money
from promptiq.exact.grammar.draft import (
    Draft,
    is_any,
    is_date,
    is_group,
    is_held,
    is_measure,
    is_name,
    is_number,
)
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.plans import Group, Minus, Operation, Plan, Reading
from promptiq.exact.reading.cells import is_prose
from promptiq.exact.reading.question import Item

FIGURES = {
    "sum": Operation.SUM, "average": Operation.AVERAGE, "median": Operation.MEDIAN, "min": Operation.MIN,
    "max": Operation.MAX, "deviation": Operation.DEVIATION, "variance": Operation.VARIANCE,
}  # fmt: skip
# Operations that only some columns of numbers are taken for.
_OF_TWO = {"correlation": Operation.CORRELATION}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: an operation of columns; `columns` is () where rows are counted. `over`: a column whose sum
    it is divided by.
    """

    operation: Operation
    columns: tuple[str, ...] = ()
    over: str = ""
    label: str = ""


def take_figures(draft: Draft) -> list[Figure]:
    """The figures that a question asks for, in order; [] where it asks for none."""
    if span := _duration(draft):
        return [span]
    operations = [
        (place, draft.items[place].value("op"))
        for place in draft.said("op")
        if draft.items[place].value("op") not in ("share",)
    ]
    columns = _measured(draft)
    # A column may be called "total" itself.
    operations = [each for each in operations if each[0] not in [place for place, _ in columns]]
    if special := _special(draft, operations, columns):
        return [special]
    named = [value for _, value in operations if value in FIGURES]
    counting = any(value == "count" for _, value in operations)
    if counting and not any(value in ("average", "median") for value in named):
        figure = _counted(draft, columns)
        draft.use("operation", *(place for place, value in operations if value in ("count", "sum")))
        return [figure] if figure else []
    draft.use("operation", *(place for place, _ in operations))
    columns = _joined_or_best(draft, columns)
    if not columns and (named or _speaks_of_money(draft)) and (name := money(draft, 0)):
        columns = [(-1, name)]
    kinds = list(dict.fromkeys(named)) or (["sum"] if columns else [])
    if draft.per_row and kinds == ["sum"]:
        kinds = ["average"]
    if named and not columns:
        draft.hopeless = True
    found = [Figure(FIGURES[kind], (name,), draft.over) for kind in kinds for _, name in columns]
    draft.use("measure", *(place for place, _ in columns if place >= 0))
    return found


def _measured(draft: Draft) -> list[tuple[int, str]]:
    """Columns of figures that the question names and no condition took."""
    found = []
    for place, item in draft.free():
        if not item.columns or place in draft.date_items:
            continue
        best = draft.fitting(item, is_number)
        if item.says("op") and not (best and best[0].whole):
            continue
        if not best or (counts_rows(draft, item) and best[0].score < 0.9):
            continue
        if best[0].score < item.columns[0].score - 0.15:
            continue
        if name := draft.column(item, is_number, "measure"):
            found.append((place, name))
    return found


def _joined_or_best(draft: Draft, columns: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Several where "and" joins them; else the one that is named best."""
    if len(columns) < 2:
        return columns
    gaps = [
        {item.text for item in draft.items[first + 1 : second]}
        for (first, _), (second, _) in pairwise(columns)
    ]
    if all("and" in gap for gap in gaps) and len({name for _, name in columns}) == len(columns):
        return columns
    return [max(columns, key=lambda pair: _how_well(draft, pair))]


def _how_well(draft: Draft, pair: tuple[int, str]) -> tuple[float, int]:
    place, name = pair
    score = next(each.score for each in draft.items[place].columns if each.name == name)
    # Of two nouns in a row the last is what is meant: "fuel cost".
    heads = draft.beside(place, -1) == place - 1 and bool(draft.items[place - 1].columns)
    return score + heads, -place


def _speaks_of_money(draft: Draft) -> bool:
    """Whether a word such as "spend" or "revenue" is left that no column is called by."""
    for place, item in draft.free():
        if draft.lexicon.stem(item.text) in draft.lexicon.holders["spending"]:
            draft.use("money", place)
            return True
    return False


def _special(
    draft: Draft, operations: list[tuple[int, str]], columns: list[tuple[int, str]]
) -> Figure | None:
    kinds = {value: place for place, value in operations}
    if "correlation" in kinds and len(columns) == 2:
        draft.use("operation", *kinds.values(), *(place for place, _ in columns))
        return Figure(Operation.CORRELATION, tuple(name for _, name in columns))
    for kind in ("missing", "outliers", "duplicates"):
        if kind not in kinds:
            continue
        named = [
            (place, name)
            for place, item in draft.free()
            if item.columns
            and (name := draft.column(item, is_number if kind == "outliers" else is_any, kind))
        ]
        if len(named) == 1 or kind == "duplicates":
            draft.use("operation", *kinds.values(), *(place for place, _ in named))
            # Whole rows are told by all their columns, so that permission sees each.
            whole = tuple(column.name for column in draft.schema.columns)
            return Figure(Operation(kind), tuple(name for _, name in named) or whole)
    return None


def _counted(draft: Draft, columns: list[tuple[int, str]]) -> Figure | None:
    """How many: rows, different things, or the sum of a column of numbers such as seats."""
    asked = draft.said("op:count")
    start = asked[0] if asked else 0
    distinct = draft.said("distinct")
    behind = [*draft.free(start + 1), *draft.free(0, start)]
    for place, item in behind:
        if item.says("ask", "people") and (name := _people(draft)):
            draft.use("counted", place)
            return Figure(Operation.COUNT, (name,))
        if counts_rows(draft, item) and place not in draft.date_items:
            draft.use("rows", place)
            draft.use("distinct", *distinct)
            return Figure(Operation.COUNT)
        if place in draft.date_items:
            draft.use("date", place)
            return Figure(Operation.COUNT)
        if not item.columns or item.says("op"):
            continue
        if any(is_prose(draft.schema.get(each.name)) for each in item.columns[:1]):
            return Figure(Operation.COUNT)
        if any(at == place for at, _ in columns):
            name = next(name for at, name in columns if at == place)
            draft.use("measure", place)
            if not adds_up(draft, name):
                return Figure(Operation.COUNT)
            return Figure(Operation.SUM, (name,))
        if name := thing(draft, item):
            draft.use("counted", place)
            draft.use("distinct", *distinct)
            column = draft.schema.get(name)
            unique = not column.masked and column.distinct >= draft.schema.rows
            return Figure(Operation.COUNT) if unique else Figure(Operation.COUNT, (name,))
        if is_date(draft.schema.get(item.columns[0].name)):
            draft.use("date", place)
            return Figure(Operation.COUNT)
    return Figure(Operation.COUNT) if draft.filters or draft.apart else None


def _people(draft: Draft) -> str | None:
    """The column of people where rows are of something else: a person has many payslips."""
    found = draft.columns_that(
        lambda column: column.reading is Reading.TEXT and is_held(column.name, "who", draft.lexicon)
        and not column.masked and 0 < column.distinct < 0.9 * draft.schema.rows
    )  # fmt: skip
    return found[0] if len(found) == 1 else None


def thing(draft: Draft, item: Item) -> str | None:
    """The column of things that a noun names: of several, a name rather than a number."""
    options = [
        each for each in item.columns
        if is_name(draft.schema.get(each.name)) and draft.schema.get(each.name).flags is None
        and each.score >= item.columns[0].score - 0.3
    ]  # fmt: skip
    if options and not draft.schema.get(options[0].name).identifier:
        options = [each for each in options if each.score >= options[0].score - 0.06]
    if not options:
        options = draft.fitting(item, is_group)
    if not options or options[0].score < 0.5:
        return None
    named = [each.name for each in options if not draft.schema.get(each.name).identifier]
    told = [name for name in named if is_held(name, "label", draft.lexicon)]
    names = told or named or [each.name for each in options]
    return draft.choose(f"thing:{item.start}", names)


def _duration(draft: Draft) -> Figure | None:
    """ "days between order and shipping", "how long from order to delivery"."""
    units = draft.said("unit:days")
    averaged = draft.said("op:average", "op:median")
    if not units or len(draft.columns_that(is_date)) < 2:
        return None
    dates: list[tuple[int, str]] = []
    for place, item in draft.free():
        found = [
            each.name for each in item.columns if is_date(draft.schema.get(each.name)) and each.score >= 0.5
        ]
        if found and found[0] not in [name for _, name in dates]:
            dates.append((place, found[0]))
    if len(dates) != 2:
        return None
    draft.use("duration", *units, *(place for place, _ in dates), *averaged)
    draft.use("duration", *draft.said("compare:between", "date", "op:count"))
    median = any(draft.items[place].value("op") == "median" for place in averaged)
    operation = Operation.MEDIAN if median else Operation.AVERAGE
    return Figure(operation, (Minus(dates[1][1], dates[0][1]),))


def plan_of(figure: Figure, base: Plan) -> Plan:
    """One figure over the rows of a plan."""
    return replace(base, operation=figure.operation, columns=figure.columns)


def group_of(figure: Figure, column: str, **more: object) -> Group | None:
    """The same figure for each group; None where groups have no such."""
    measures = {
        Operation.COUNT: "count", Operation.SUM: "sum", Operation.AVERAGE: "average", Operation.MIN: "min",
        Operation.MAX: "max", Operation.MEDIAN: "median", Operation.DEVIATION: "deviation",
        Operation.VARIANCE: "variance",
    }  # fmt: skip
    measure = measures.get(figure.operation)
    if measure is None:
        return None
    of = figure.columns[0] if figure.columns else ""
    return Group(column, measure, of, over=figure.over, **more)  # type: ignore[arg-type]


def adds_up(draft: Draft, name: str) -> bool:
    """Whether the sum of a column says something, unlike that of prices, rates or ages."""
    return (
        isinstance(name, Minus) is False
        and not draft.schema.get(name).percent
        and not is_held(name, "averaged", draft.lexicon)
    )


__all__ = ["FIGURES", "Figure", "adds_up", "group_of", "is_measure", "plan_of", "take_figures", "thing"]
