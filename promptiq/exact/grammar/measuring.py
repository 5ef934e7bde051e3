"""What is computed: operations and their columns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from itertools import pairwise

from promptiq.exact.grammar.conditions import money
from promptiq.exact.grammar.draft import (
    Draft,
    is_any,
    is_date,
    is_group,
    is_held,
    is_measure,
    is_moment,
    is_name,
    is_number,
)
from promptiq.exact.grammar.nouns import counts_rows, is_topic
from promptiq.exact.plans import Group, Minus, Operation, Plan, Reading, SchemaColumn
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


@dataclass
class _Binding:
    """Operations and their columns, while the items are read from left to right.

    `waiting`: operations without a column yet. `last`: those of the column before, for columns joined by
    "and". `bare`: columns without an operation.
    """

    waiting: list[tuple[int, str]] = field(default_factory=list)
    last: list[str] = field(default_factory=list)
    bare: list[tuple[int, str]] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    end: int = -1


def take_figures(draft: Draft, top: bool = False) -> list[Figure]:
    """The requested figures, in order; [] if there are none. `top`: whether a ranking is requested; then
    "highest" is not an operation by itself.
    """
    if span := _duration(draft):
        return [span]
    operations = [(place, _operation(draft, place, top)) for place, _ in draft.free()]
    if special := _special(draft, [each for each in operations if each[1]], _measured(draft)):
        return [special]
    bound = _Binding()
    for place, item in list(draft.free()):
        if kind := _operation(draft, place, top):
            bound.waiting.append((place, kind))
        elif name := _measure_at(draft, place, item):
            _bind_measure(draft, bound, place, name)
        elif any(kind == "count" for _, kind in bound.waiting) and place not in draft.used:
            _bind_count(draft, bound, place, item)
    return list(dict.fromkeys(_bound_late(draft, bound)))


def _operation(draft: Draft, place: int, top: bool) -> str:
    """The operation of an item; "" for none. A column's own name may be "total"."""
    item = draft.items[place]
    kind = item.value("op")
    if not kind and item.says("top", "most", "least") and not top:
        kind = "max" if item.says("top", "most") else "min"
    if kind == "share":
        return ""
    if kind and _is_header(draft, item) and kind != "count" and draft.fitting(item, is_number):
        after = draft.beside(place, 1)
        # "the total of Poland" means the column, "total points" does not.
        return kind if after is not None and draft.fitting(draft.items[after], is_number) else ""
    return kind


def _is_header(draft: Draft, item: Item) -> bool:
    return bool(item.columns) and item.columns[0].whole and item.columns[0].score > 0.95


def _measure_at(draft: Draft, place: int, item: Item) -> str | None:
    """The numeric column that an item names."""
    if not item.columns or place in draft.date_items or place in draft.used:
        return None
    best = draft.fitting(item, lambda column: _is_figure(draft, column))
    if not best or (counts_rows(draft, item) and best[0].score < 0.9):
        return None
    exact = item.columns[0].whole and item.columns[0].score > 0.97 and not best[0].whole
    named = draft.schema.get(item.columns[0].name)
    if exact and not is_date(named):
        return None
    if best[0].score < item.columns[0].score - 0.3:
        return None
    return draft.column(item, lambda column: _is_figure(draft, column), "measure")


def _is_figure(draft: Draft, column: SchemaColumn) -> bool:
    """Whether figures are computed on it: not on years, nor on the time of a sale if sales are meant."""
    clock = column.reading is Reading.TIME and is_held(column.name, "money", draft.lexicon)
    return is_number(column) and not is_moment(column) and not clock


def _bind_measure(draft: Draft, bound: _Binding, place: int, name: str) -> None:
    kinds = [kind for _, kind in bound.waiting]
    if not kinds and bound.last and joined(draft, bound.end, place):
        kinds = bound.last
    if not kinds:
        bound.bare.append((place, name))
        return
    if len(kinds) > 1 and "count" in kinds and not _in_a_row(draft, bound.waiting):
        bound.figures.append(Figure(Operation.COUNT))
    if len(kinds) > 1 and "count" in kinds:
        # "average number of seats"
        kinds = [kind for kind in kinds if kind != "count"]
    if len(kinds) > 1 and "sum" in kinds:
        # "the highest total amount" is of totals.
        kinds = [kind for kind in kinds if kind != "sum"] if _in_a_row(draft, bound.waiting) else kinds
    kinds = [kind for kind in kinds if kind in (*FIGURES, "count")]
    for kind in kinds:
        if kind == "count" and not adds_up(draft, name):
            bound.figures.append(Figure(Operation.COUNT))
        else:
            bound.figures.append(Figure(FIGURES.get(kind, Operation.SUM), (name,), draft.over))
    draft.use("operation", *(at for at, _ in bound.waiting))
    draft.use("measure", place)
    bound.last, bound.waiting, bound.end = kinds, [], place


def _in_a_row(draft: Draft, waiting: list[tuple[int, str]]) -> bool:
    """Whether operations are consecutive without "and": then one applies to the other."""
    return all(two[0] - one[0] == 1 and not joined(draft, one[0], two[0]) for one, two in pairwise(waiting))


def joined(draft: Draft, first: int, second: int) -> bool:
    """Whether "and" or nothing but a comma stands between two items."""
    if first < 0:
        return False
    between = {item.text for item in draft.items[first + 1 : second]}
    if not between:
        # Side by side two nouns are one thing, unless a comma parts them.
        last = draft.items[first].text.split()[-1]
        return bool(re.search(rf"{re.escape(last)}\S*\s*,", draft.question.text, re.IGNORECASE))
    return between <= {"and", "or", "the", "a", "also", "plus", "their", "its", "of", "&"}


def _bind_count(draft: Draft, bound: _Binding, place: int, item: Item) -> None:
    found = counted_at(draft, place, item)
    if found is None:
        return
    others = [each for each in bound.waiting if each[1] not in ("count", "sum")]
    bound.figures.append(found)
    draft.use("operation", *(at for at, kind in bound.waiting if kind in ("count", "sum")))
    bound.waiting, bound.last = others, []


def _bound_late(draft: Draft, bound: _Binding) -> list[Figure]:
    """Operations after their columns, and columns without any, once all items are read."""
    found, bare = bound.figures, bound.bare
    kinds = [kind for _, kind in bound.waiting]
    said = [kind for kind in kinds if kind in FIGURES]
    if bare and said and (len(bare) == 1 or not found):
        bare = _joined_or_best(draft, bare)
        draft.use("operation", *(at for at, _ in bound.waiting))
        draft.use("measure", *(at for at, _ in bare))
        return [
            *found,
            *(Figure(FIGURES[kind], (name,), draft.over) for kind in dict.fromkeys(said) for _, name in bare),
        ]
    if found:
        return _with_late(draft, bound, found, kinds)
    if "count" in kinds:
        draft.use("operation", *(at for at, kind in bound.waiting if kind in ("count", "sum")))
        return _counted_before(draft)
    if said:
        return _of_money(draft, bound, said)
    if bare and draft.asks_to_see:
        return []
    if bare:
        bare = _joined_or_best(draft, bare)
        draft.use("measure", *(at for at, _ in bare))
        kind = Operation.AVERAGE if draft.per_row else Operation.SUM
        return [Figure(kind, (name,), draft.over) for _, name in bare]
    if _speaks_of_money(draft) and (name := money(draft, 0)):
        return [Figure(Operation.SUM, (name,), draft.over)]
    return []


def _with_late(draft: Draft, bound: _Binding, found: list[Figure], kinds: list[str]) -> list[Figure]:
    """ "how many replies on average": the average instead of the sum before; "altogether" adds nothing."""
    places = [at for at, _ in bound.waiting]
    if set(kinds) <= {"sum", "count"}:
        draft.use("operation", *places)
    elif (
        len(kinds) == 1
        and kinds[0] in FIGURES
        and len(found) == 1
        and found[0].operation is Operation.SUM
        and found[0].columns
    ):
        draft.use("operation", *places)
        return [replace(found[0], operation=FIGURES[kinds[0]])]
    return found


def _of_money(draft: Draft, bound: _Binding, said: list[str]) -> list[Figure]:
    """Figures without a column: of money, if it is mentioned or nothing else can be meant."""
    spoken = _speaks_of_money(draft)
    rows = [place for place, item in draft.free() if counts_rows(draft, item)]
    if said == ["sum"] and rows and not spoken:
        draft.use("operation", *(at for at, _ in bound.waiting))
        draft.use("rows", *rows)
        return [Figure(Operation.COUNT)]
    name = money(draft, 0)
    if name is None:
        draft.hopeless = True
        return []
    draft.use("operation", *(at for at, _ in bound.waiting))
    return [Figure(FIGURES[kind], (name,), draft.over) for kind in dict.fromkeys(said)]


def _counted_before(draft: Draft) -> list[Figure]:
    """ "orders with 10 to 20 units, how many?": counts what was named before, else the rows."""
    for place, item in list(draft.free()):
        if not item.says("op") and (found := counted_at(draft, place, item)):
            return [found]
    return [Figure(Operation.COUNT)] if draft.filters or draft.apart or draft.keys else []


def _measured(draft: Draft) -> list[tuple[int, str]]:
    """Columns of figures that the question names and no condition used."""
    return [
        (place, name)
        for place, item in draft.free()
        if not _operation(draft, place, True) and (name := _measure_at(draft, place, item))
    ]


def _joined_or_best(draft: Draft, columns: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Several if "and" joins them; else the best match."""
    if len(columns) < 2:
        return columns
    if all(joined(draft, first, second) for (first, _), (second, _) in pairwise(columns)):
        return list({name: (place, name) for place, name in columns}.values())
    return [max(columns, key=lambda pair: _how_well(draft, pair))]


def _how_well(draft: Draft, pair: tuple[int, str]) -> tuple[float, int]:
    place, name = pair
    score = next(each.score for each in draft.items[place].columns if each.name == name)
    # Of two adjacent nouns the last is meant: "fuel cost".
    heads = draft.beside(place, -1) == place - 1 and bool(draft.items[place - 1].columns)
    return score + heads, -place


def _speaks_of_money(draft: Draft) -> bool:
    """Whether an unused word such as "spend" or "revenue" remains that is no column's name."""
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
            # Whole rows are named by all their columns, so that permission checks each.
            whole = tuple(column.name for column in draft.schema.columns)
            return Figure(Operation(kind), tuple(name for _, name in named) or whole)
    return None


def counted_at(draft: Draft, place: int, item: Item, of_rows: bool = False) -> Figure | None:
    """What an item names to be counted: rows, or different things. `of_rows`: only these."""
    if of_rows and not counts_rows(draft, item):
        return None
    if item.says("ask", "people") and (name := _people(draft)):
        draft.use("counted", place)
        return Figure(Operation.COUNT, (name,))
    if counts_rows(draft, item):
        draft.use("rows", place)
        draft.use("distinct", *draft.said("distinct"))
        return Figure(Operation.COUNT)
    if place in draft.date_items:
        draft.use("date", place)
        return Figure(Operation.COUNT)
    if item.columns and is_date(draft.schema.get(item.columns[0].name)):
        return None
    if not item.columns or item.says("op") or item.says("text"):
        return None
    if is_prose(draft.schema.get(item.columns[0].name)):
        return Figure(Operation.COUNT)
    if name := thing(draft, item):
        draft.use("counted", place)
        draft.use("distinct", *draft.said("distinct"))
        column = draft.schema.get(name)
        unique = not column.masked and column.distinct >= draft.schema.rows
        return Figure(Operation.COUNT) if unique else Figure(Operation.COUNT, (name,))
    return None


def _people(draft: Draft) -> str | None:
    """The column of people where rows are of something else: a person has many payslips."""
    found = draft.columns_that(
        lambda column: column.reading is Reading.TEXT and is_held(column.name, "who", draft.lexicon)
        and not column.masked and 0 < column.distinct < 0.9 * draft.schema.rows
    )  # fmt: skip
    return found[0] if len(found) == 1 else None


def thing(draft: Draft, item: Item) -> str | None:
    """The column of things that a noun names: of several, a name rather than a number."""
    if is_topic(draft, item):
        return None
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
