"""Reads which figures are requested: operations and their columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from promptiq.exact.grammar.amounts import FIGURES, Figure, adds_up, counted_at, joined
from promptiq.exact.grammar.bounds import money
from promptiq.exact.grammar.draft import (
    Draft,
    is_date,
    is_held,
    is_measure,
    is_moment,
    is_number,
)
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.plans import Operation, Reading, SchemaColumn
from promptiq.exact.reading.headers import LETTERS, header_words, is_form_of
from promptiq.exact.reading.question import Item
from promptiq.exact.words import tokens


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
    if places := draft.said("op:quantile"):
        return _quantile(draft, places[0], _measured(draft))
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
    if not best or (counts_rows(draft, item) and best[0].score < 0.97 and not _is_computed(draft, place)):
        return None
    if _counts_things(draft, place, best[0].name) or _is_any_amount(draft, item, best[0].name):
        return None
    exact = item.columns[0].whole and item.columns[0].score > 0.97 and not best[0].whole
    named = draft.schema.get(item.columns[0].name)
    if exact and not is_date(named):
        return None
    if best[0].score < item.columns[0].score - (0.3 if best[0].score > LETTERS else 0.0):
        return None
    return draft.column(item, lambda column: _is_figure(draft, column), "measure")


def _is_any_amount(draft: Draft, item: Item, name: str) -> bool:
    """ "the amount" of a table with a value and a fee: a word for any money."""
    amount = draft.lexicon.stem(item.text) in draft.lexicon.holders["amounts"]
    return amount and item.text not in header_words(name)


def _counts_things(draft: Draft, place: int, name: str) -> bool:
    """ "how many trains", if Train holds their numbers: a header of amounts is in the plural."""
    before = draft.beside(place, -1)
    counted = before is not None and draft.items[before].says("op", "count")
    text = draft.items[place].text
    singular = [word.text for word in tokens(name) if word.text != text and is_form_of(word.text, text)]
    return counted and text.endswith("s") and tokens(name)[-1:] == tokens(" ".join(singular))


def _is_computed(draft: Draft, place: int) -> bool:
    """ "average delay" in a table of delays: rows have no average."""
    return place > 0 and any(draft.items[place - 1].says("op", kind) for kind in FIGURES if kind != "sum")


def _is_figure(draft: Draft, column: SchemaColumn) -> bool:
    """Whether figures are computed on the column. Not on years, nor on the time of a sale."""
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
        # "the highest total amount" is the maximum of a column of totals.
        kinds = [kind for kind in kinds if kind != "sum"] if _in_a_row(draft, bound.waiting) else kinds
    if kinds != ["sum"] or adds_up(draft, name) or _is_header(draft, draft.items[place]):
        _bind_kinds(draft, bound, kinds, name, place)


def _bind_kinds(draft: Draft, bound: _Binding, kinds: list[str], name: str, place: int) -> None:
    """Figures of a column, one for each operation that belongs to it."""
    kinds = [kind for kind in kinds if kind in (*FIGURES, "count")]
    for kind in kinds:
        if kind == "count" and not (adds_up(draft, name) and _is_whole(draft.items[place], name)):
            bound.figures.append(Figure(Operation.COUNT))
        else:
            bound.figures.append(Figure(FIGURES.get(kind, Operation.SUM), (name,), draft.over))
    draft.use("operation", *(at for at, _ in bound.waiting))
    draft.use("measure", place)
    bound.last, bound.waiting, bound.end = kinds, [], place


# Minimum score (0 to 1) of a word that is in the header itself, rather than a synonym.
_SPELLED = 0.7


def _is_whole(item: Item, name: str) -> bool:
    return any(each.whole or each.score > _SPELLED for each in item.columns if each.name == name)


def _in_a_row(draft: Draft, waiting: list[tuple[int, str]]) -> bool:
    """Whether operations are consecutive without "and": then one applies to the other."""
    return all(two[0] - one[0] == 1 and not joined(draft, one[0], two[0]) for one, two in pairwise(waiting))


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
        return _sold(draft, bound) or _counted_before(draft)
    if said:
        return _of_money(draft, bound, said)
    if bare and draft.asks_to_see:
        return []
    if bare and not _is_of_rows(draft, bare[0][0]):
        bare = _joined_or_best(draft, bare)
        draft.use("measure", *(at for at, _ in bare))
        kind = Operation.AVERAGE if draft.per_row else Operation.SUM
        return [Figure(kind, (name,), draft.over) for _, name in bare]
    if _speaks_of_money(draft) and (name := money(draft, 0)):
        return [Figure(Operation.SUM, (name,), draft.over)]
    return []


def _is_of_rows(draft: Draft, place: int) -> bool:
    """ "visits with no charge": rows are asked for, and the figure only tells which."""
    rows = [at for at, item in enumerate(draft.items[:place]) if counts_rows(draft, item)]
    between = draft.items[rows[-1] + 1 : place] if rows else ()
    return any(item.text in draft.lexicon.classes["with"] for item in between)


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
    spoken = _speaks_of_money(draft) or any(
        item.text in draft.lexicon.holders["amounts"] for _, item in draft.free()
    )
    rows = [place for place, item in draft.free() if counts_rows(draft, item)]
    if said == ["sum"] and rows and not spoken:
        draft.use("operation", *(at for at, _ in bound.waiting))
        draft.use("rows", *rows)
        return [Figure(Operation.COUNT)]
    name = money(draft, 0)
    if name is None or (said == ["sum"] and not adds_up(draft, name)):
        draft.hopeless = True
        return []
    draft.use("operation", *(at for at, _ in bound.waiting))
    return [Figure(FIGURES[kind], (name,), draft.over) for kind in dict.fromkeys(said)]


def _sold(draft: Draft, bound: _Binding) -> list[Figure]:
    """ "how many croissants did we sell?": of a cell, the quantity, not the rows. Open if several fit."""
    at = next(at for at, kind in bound.waiting if kind == "count")
    acts = draft.lexicon.classes["acts"] & {item.text for item in draft.items}
    quantity = draft.columns_that(
        lambda column: is_measure(column) and is_held(column.name, "quantity", draft.lexicon)
    )
    if not (acts and quantity and draft.used.get(at + 1) == "value"):
        return []
    return [draft.choose("sold", [Figure(Operation.SUM, (name,)) for name in quantity])]


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


def _quantile(draft: Draft, place: int, columns: list[tuple[int, str]]) -> list[Figure]:
    """ "90th percentile of waiting time"."""
    number = draft.items[place - 1].number if place else None
    if number is None or not 0 < number.value < 100 or len(columns) != 1:
        draft.hopeless = True
        return []
    draft.use("operation", place - 1, place)
    draft.use("measure", columns[0][0])
    return [Figure(Operation.QUANTILE, (columns[0][1],), at=str(number.value))]
