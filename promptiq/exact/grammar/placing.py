"""Rankings: which rows or groups come first, and by which figure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from promptiq.exact.grammar.amounts import FIGURES, Figure, adds_up, counted_at, group_of, joined
from promptiq.exact.grammar.bounds import money
from promptiq.exact.grammar.draft import (
    Draft,
    is_date,
    is_held,
    is_measure,
    is_moment,
    is_number,
)
from promptiq.exact.grammar.nouns import counts_rows, label
from promptiq.exact.grammar.times import date_column
from promptiq.exact.plans import Operation, Order, Plan
from promptiq.exact.reading.question import Item


@dataclass(frozen=True, slots=True)
class Top:
    """A requested ranking: "the three highest".

    `most`: greatest first. `limit`: number of places shown. `skip`: number of places passed over first.
    `hint`: an adjective that implies the column, such as "old". `by`: the figure named with the superlative:
    "highest total price".
    """

    place: int
    most: bool
    limit: int = 1
    skip: int = 0
    hint: str = ""
    by: Figure | None = None


# Maximum number of rows in a sorted list, as many as an answer shows.
ALL = 1_000
# Maximum number of places: "the 1,000 largest".
MOST_PLACES = 1_000


_UP = {"most", "expensive", "old", "late", "long", "heavy", "tall"}


def take_top(draft: Draft) -> Top | None:
    places = [at for at in draft.said("top") if not _is_only_a_figure(draft, at)]
    if not places or _both_ends(draft, places):
        return None
    place = places[0]
    item = draft.items[place]
    number = _number_near(draft, place)
    kind = item.value("top")
    draft.use("top", place, *([number] if number is not None else []))
    limit, skip = _places(draft.items[number]) if number is not None else (1, 0)
    last = place
    for at in places:
        # "top 3 highest"
        if at - 1 in (last, number):
            last = at
            draft.use("top", at)
    draft.tops = True
    hint = kind if kind not in ("most", "least") else ""
    return Top(place, kind in _UP, limit, skip, hint, None if hint else _by_what(draft, last))


def _is_only_a_figure(draft: Draft, place: int) -> bool:
    """ "maximum and minimum", "max, min and mean": figures, not a ranking."""
    if not draft.items[place].says("op", "min", "max"):
        return False
    others = [at for at in draft.said("op") if at != place and draft.items[at].value("op") in FIGURES]
    if others and not any(item.says("ask", "who") or item.text == "which" for item in draft.items):
        return True
    beside = [at for at in (draft.beside(place, -1), draft.beside(place, 1)) if at is not None]
    return any(draft.items[at].says("op", *FIGURES) and joined(draft, *sorted((at, place))) for at in beside)


def _both_ends(draft: Draft, places: list[int]) -> bool:
    """ "the difference between the highest and the lowest price": two figures, not a ranking."""
    values = {draft.items[place].value("top") for place in places}
    return {"most", "least"} <= values and not any(
        item.says("ask", "who") or item.text in ("which", "list") for item in draft.items
    )


def _by_what(draft: Draft, place: int) -> Figure | None:
    """The figure named just after a superlative: "most orders", "highest average price"."""
    kind, after = "sum", draft.beside(place, 1)
    used: list[int] = []
    while after is not None and after not in draft.used:
        item = draft.items[after]
        if item.number and not item.period:
            after = draft.beside(after, 1)
            continue
        column = draft.column(item, is_number, "top") if _may_be_figure(draft, item) else None
        if column:
            draft.use("measure", after, *used)
            return Figure(FIGURES.get(kind, Operation.SUM), (column,))
        if item.says("op") and item.value("op") in (*FIGURES, "count"):
            kind = item.value("op")
            used.append(after)
            after = draft.beside(after, 1)
            continue
        break
    if after is None or after in draft.used:
        return None
    counting = kind == "count" or draft.items[place].text in _COUNTED
    if counting and (found := counted_at(draft, after, draft.items[after], of_rows=kind != "count")):
        draft.use("operation", *used)
        return found
    return None


# Superlatives that rank by the number of what is named after them.
_COUNTED = frozenset({"most", "the most", "fewest", "the least", "least"})


def _may_be_figure(draft: Draft, item: Item) -> bool:
    found = draft.fitting(item, is_number)
    return (
        bool(found)
        and not is_moment(draft.schema.get(found[0].name))
        and not counts_rows(draft, item)
        and (found[0].score >= item.columns[0].score - 0.05)
    )


def _places(item: Item) -> tuple[int, int]:
    """Number of places requested, and number passed over first: "top 3", "second highest"."""
    if item.number is None:
        return 1, 0
    return (1, int(item.number.value) - 1) if item.number.ordinal else (int(item.number.value), 0)


def _number_near(draft: Draft, place: int) -> int | None:
    for at in (place - 1, place + 1, place - 2, place + 2):
        if 0 <= at < len(draft.items) and at not in draft.used:
            number = draft.items[at].number
            if number and not draft.items[at].period and 0 < number.value <= 1000:
                return at
    return None


def topped(draft: Draft, top: Top, figures: list[Figure], target: str | None, base: Plan) -> Plan | None:
    """The best rows or groups, with the figure that ranks them."""
    measure = _measure(draft, top, figures)
    if measure is None or (part_said(draft, top) and figures and figures[0] == measure):
        return None
    key, part = draft.keys[0] if draft.keys else (target or "", "")
    if target and draft.keys and target != key:
        return _within(draft, top, measure, target, base)
    if (
        draft.keys
        and (not target or target == key)
        and draft.by_said
        and measure.columns
        and top.limit == 1
        and not top.skip
        and measure.operation is Operation.SUM
    ):
        measure = replace(measure, operation=Operation.MAX if top.most else Operation.MIN)
        group = group_of(measure, key, part=part, figures=True)
        return replace(base, operation=Operation.GROUP, columns=(), group=group, several=True)
    if not key:
        return None
    alone = draft.schema.tells_rows_apart(key)
    by_rows = not part and not measure.over and (alone or _of_rows(draft, measure) or _of_a_row(draft, key))
    if by_rows and measure.columns and measure.operation in (Operation.SUM, Operation.MAX, Operation.MIN):
        order = Order(measure.columns, top.most, top.limit, top.skip)
        return replace(base, operation=Operation.LOOKUP, columns=(key,), order=order, several=top.limit > 1)
    if by_rows and measure.operation is Operation.COUNT and alone:
        draft.hopeless = True  # each thing has one row
    if measure.operation in (Operation.MAX, Operation.MIN):
        measure = replace(measure, operation=Operation.SUM)
    group = group_of(
        measure, key, part=part, order="most" if top.most else "least", limit=top.limit, skip=top.skip
    )
    return (
        replace(base, operation=Operation.GROUP, columns=(), group=group, several=top.limit > 1)
        if group
        else None
    )


def part_said(draft: Draft, top: Top) -> bool:
    """ "the last quarter": a time rather than a ranking."""
    behind = draft.items[top.place + 1 : top.place + 2]
    return top.hint in ("early", "late") and bool(behind) and behind[0].says("part")


def _within(draft: Draft, top: Top, measure: Figure, target: str, base: Plan) -> Plan | None:
    """ "the two best sellers of each region", "the commonest genre at each branch"."""
    key, part = draft.keys[0]
    if len(draft.keys) > 1 or measure.over or key == target:
        return None
    single = draft.schema.tells_rows_apart(target) or _of_rows(draft, measure)
    if single and measure.columns and measure.operation in (Operation.SUM, Operation.MAX) and not part:
        order = Order(measure.columns, top.most, top.limit, top.skip, within=key)
        return replace(base, operation=Operation.LOOKUP, columns=(target,), order=order, several=True)
    if single:
        return None
    if measure.operation is Operation.MAX:
        measure = replace(measure, operation=Operation.SUM)
    group = group_of(
        measure, key, part=part, second=target, order="most" if top.most else "least", limit=top.limit,
        skip=top.skip, within=True,
    )  # fmt: skip
    return replace(base, operation=Operation.GROUP, columns=(), group=group, several=True) if group else None


def _of_a_row(draft: Draft, key: str) -> bool:
    """ "the keeper of the shed with the highest rent": one row's cell, not the sum of equal rows."""
    own = label(draft.schema, draft.lexicon)
    return own != key and any(
        not item.text.endswith("s")
        and (counts_rows(draft, item) or bool(item.columns and item.columns[0].name == own))
        for item in draft.items
    )


def _of_rows(draft: Draft, measure: Figure) -> bool:
    """Whether single rows are ranked, because prices, ages and dates are not summed."""
    if not measure.columns or measure.operation is Operation.AVERAGE:
        return False
    name = measure.columns[0]
    column = draft.schema.get(name) if name in [each.name for each in draft.schema.columns] else None
    return column is not None and (is_date(column) or is_moment(column) or not adds_up(draft, name))


def _measure(draft: Draft, top: Top, figures: list[Figure]) -> Figure | None:
    found = _measure_said(draft, top, figures)
    judged = draft.items[top.place].text in draft.lexicon.classes["judging"]
    said = top.by is not None or bool(figures)
    if judged and said and found and found.columns and not is_held(found.columns[0], "scored", draft.lexicon):
        # The worst delay is the greatest, the worst turnover the smallest.
        draft.hopeless = True
    return found


def _measure_said(draft: Draft, top: Top, figures: list[Figure]) -> Figure | None:
    if top.by is not None:
        return top.by
    if figures:
        return figures[0]
    if top.hint in ("early", "late"):
        name = date_column(draft, top.place)
        return Figure(Operation.MAX, (name,)) if name else None
    if top.hint:
        words = draft.lexicon.hints.get(top.hint, ())
        for word, fits in [
            *((word, str.__eq__) for word in words),
            *((w, draft.lexicon.alike) for w in words),
        ]:
            found = [
                column.name
                for column in draft.schema.columns
                if is_number(column) and any(fits(word, stem) for stem in _stems(draft, column.name))
            ]
            if found:
                return Figure(Operation.MAX, (draft.choose(f"hint:{top.place}", found),))
        return None
    if draft.items[top.place].text in draft.lexicon.vague and not draft.said("rows"):
        return _vague(draft, top)
    said = set(draft.items[top.place].text.split())
    return Figure(Operation.COUNT) if said & draft.lexicon.counting or draft.said("op:count") else None


def _vague(draft: Draft, top: Top) -> Figure:
    """ "the best customer": ranked by rows, or by any column that can be summed."""
    sums = [
        column.name for column in draft.schema.columns if is_measure(column) and adds_up(draft, column.name)
    ]
    return draft.choose(
        f"best:{top.place}", [Figure(Operation.COUNT), *(Figure(Operation.SUM, (name,)) for name in sums)]
    )


def _stems(draft: Draft, name: str) -> list[str]:
    from promptiq.exact.grammar.draft import header_stems

    return sorted(header_stems(name, draft.lexicon))


def extreme(draft: Draft, top: Top, figures: list[Figure], base: Plan) -> Plan | None:
    """ "the highest unit price": only the figure is requested."""
    operation = Operation.MAX if top.most else Operation.MIN
    if top.limit > 1:
        return None
    if draft.items[top.place].text in ("most", "fewest") and not draft.items[0].says("list"):
        # "most away goals?": who has them, or how many are they?
        return None
    measure = _measure(draft, top, figures) if top.hint or top.by or figures else None
    if measure and measure.columns and measure.operation is not Operation.COUNT:
        if measure.operation not in (Operation.SUM, Operation.MAX, Operation.MIN):
            return None
        return replace(base, operation=operation, columns=measure.columns)
    name = money(draft, top.place) if not top.hint and not figures and not top.by else None
    return replace(base, operation=operation, columns=(name,)) if name else None


def number_of(draft: Draft, top: Top | None) -> Top | None:
    """The ranking with the number of places given before the noun: "the five products that cost most"."""
    if top is None or top.limit > 1 or top.skip:
        return top
    for place, item in draft.free():
        number = item.number if item.period is None and place + 1 < len(draft.items) else None
        if number is None or number.ordinal or not 1 < number.value <= MOST_PLACES:
            continue
        if draft.used.get(place + 1) in ("target", "group") or counts_rows(draft, draft.items[place + 1]):
            draft.use("top", place)
            return replace(top, limit=int(number.value))
    return top


def sorted_by(draft: Draft, columns: list[str]) -> Order | None:
    """ "ordered by age, from old to young": all rows, sorted. Takes out of `columns` the one that is only
    named to sort by.
    """
    places = draft.said("order")
    if not places or not columns:
        return None
    falling = any(draft.items[at].says("order", "descending") for at in places)
    draft.use("order", *places)
    draft.use(
        "order",
        *(at + 1 for at in places if draft.items[at + 1 : at + 2] and draft.items[at + 1].text == "order"),
    )
    by = next((at for at in range(places[0], len(draft.items)) if _is_shown(draft, at)), None)
    if by is None or any(item.text == "and" for item in draft.items[places[0] : by]):
        return Order((columns[0],), falling, ALL)
    name = next((each.name for each in draft.items[by].columns if each.name in columns), columns[0])
    before = [at for at in range(places[0]) if _is_shown(draft, at)]
    if len(columns) > 1 and not any(draft.items[at].columns[0].name == name for at in before):
        columns.remove(name)
    return Order((name,), falling, ALL)


def _is_shown(draft: Draft, place: int) -> bool:
    return draft.used.get(place) in ("shown", "target") and bool(draft.items[place].columns)
