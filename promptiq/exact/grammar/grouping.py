"""Groups and orders: "per region", "by month", "which rep … the most", "top 5", "in each dept"."""

from __future__ import annotations

from dataclasses import dataclass, replace

from promptiq.exact.grammar.conditions import money
from promptiq.exact.grammar.draft import (
    Draft,
    is_date,
    is_group,
    is_held,
    is_measure,
    is_moment,
    is_name,
    is_number,
)
from promptiq.exact.grammar.measuring import (
    FIGURES,
    Figure,
    adds_up,
    counted_at,
    group_of,
    joined,
    thing,
)
from promptiq.exact.grammar.nouns import counts_rows, label, row_key
from promptiq.exact.grammar.times import date_column
from promptiq.exact.plans import Operation, Order, Plan, SchemaColumn
from promptiq.exact.reading.question import Item, says_nothing


@dataclass(frozen=True, slots=True)
class Top:
    """ "the three highest": of the greatest where `most`. `hint`: of an adjective, what it is said of. `by`:
    the figure that is said of it: "highest total price".
    """

    place: int
    most: bool
    limit: int = 1
    skip: int = 0
    hint: str = ""
    by: Figure | None = None


# Places that are shown at most: "the 1,000 largest".
MOST_PLACES = 1_000
# Different figures of a column that is grouped by all the same: ratings, stars, numbers of rooms.
MOST_BINS = 30
_UP = {"most", "expensive", "old", "late", "long", "heavy", "tall"}


def take_keys(draft: Draft) -> None:
    """Columns and parts of dates to group by."""
    for place in draft.said("group:by"):
        after = draft.beside(place, 1)
        if after is None or after in draft.used:
            continue
        if draft.items[after].says("distinct"):
            draft.use("group", after)
            after = draft.beside(after, 1) or after
        if _key_at(draft, after):
            draft.by_said = True
            draft.use("group", place)
            _also(draft, after)
    for place, item in list(draft.free()):
        part = item.value("part")
        if (
            part
            and (item.text.endswith("ly") or " by " in item.text)
            and draft.columns_that(is_date)
            and not item.columns
        ):
            _by_part(draft, place, part)
    if draft.keys:
        draft.use("group", *draft.said("group:breakdown"))
    if not draft.keys and (places := draft.said("group:breakdown")):
        for place, item in draft.free():
            if item.columns and (name := draft.column(item, is_group, "key")):
                draft.keys.append((name, ""))
                draft.use("group", place, *places)
                break


def _also(draft: Draft, place: int) -> None:
    """A second key: "by region and month"."""
    after = draft.beside(place, 1)
    if (
        after is not None
        and after - place == 2
        and draft.items[place + 1].text == "and"
        and after not in draft.used
    ):
        item = draft.items[after]
        if not draft.fitting(item, is_measure):
            _key_at(draft, after)


def _key_at(draft: Draft, place: int) -> bool:
    item = draft.items[place]
    if counts_rows(draft, item) and not draft.said("op:count"):
        draft.per_row = True
        draft.use("rows", place)
        return True
    if (
        item.says("part")
        and not _is_a_column(draft, item)
        and (draft.columns_that(is_date) or not item.columns)
    ):
        return _by_part(draft, place, item.value("part"))
    if not item.columns or (item.period and not item.columns[0].whole):
        return False
    moment = draft.fitting(item, is_date)
    if (
        moment
        and moment[0].score >= item.columns[0].score - 0.01
        and draft.schema.get(moment[0].name).distinct > 40
    ):
        # "by start date": a condition says whose months are meant, so it is not a key.
        return False
    ranks = bool(draft.said("top"))
    name = draft.column(item, lambda column: _is_key(column) and not (ranks and is_measure(column)), "key")
    if name is None:
        return _over_at(draft, place)
    column = draft.schema.get(name)
    if column.identifier and (better := thing(draft, item)):
        name = better
    draft.keys.append((name, ""))
    draft.use("group", place)
    return True


def _is_key(column: SchemaColumn) -> bool:
    return not is_date(column) and (not is_measure(column) or column.distinct <= MOST_BINS)


def _over_at(draft: Draft, place: int) -> bool:
    """ "cost per click": one sum divided by another."""
    before = draft.beside(place, -1)
    if before is None or draft.items[before].text != "per" or draft.said("top", "op:average"):
        return False
    name = draft.column(draft.items[place], is_measure, "over")
    if name is None:
        return False
    draft.over = name
    draft.use("group", place)
    return True


def _is_a_column(draft: Draft, item: Item) -> bool:
    """Whether a column is called "Year" or "Month" itself."""
    return any(each.score > 0.95 for each in item.columns)


def _by_part(draft: Draft, place: int, part: str) -> bool:
    name = date_column(draft, place)
    if name is None:
        return False
    moment = draft.schema.get(name)
    draft.keys.append((name, part if is_date(moment) else ""))
    draft.use("group", place)
    return True


# --- orders


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
    draft.use("top", *(at for at in places if at != place and abs(at - place) == 1))
    draft.tops = True
    hint = kind if kind not in ("most", "least") else ""
    return Top(place, kind in _UP, limit, skip, hint, None if hint else _by_what(draft, place))


def _is_only_a_figure(draft: Draft, place: int) -> bool:
    """ "maximum and minimum", "max, min and mean": figures side by side."""
    if not draft.items[place].says("op", "min", "max"):
        return False
    others = [at for at in draft.said("op") if at != place and draft.items[at].value("op") in FIGURES]
    if others and not any(item.says("ask", "who") or item.text == "which" for item in draft.items):
        return True
    beside = [at for at in (draft.beside(place, -1), draft.beside(place, 1)) if at is not None]
    return any(draft.items[at].says("op", *FIGURES) and joined(draft, *sorted((at, place))) for at in beside)


def _both_ends(draft: Draft, places: list[int]) -> bool:
    """ "the difference between the highest and the lowest price": two figures, and nothing is placed."""
    values = {draft.items[place].value("top") for place in places}
    return {"most", "least"} <= values and not any(
        item.says("ask", "who") or item.text in ("which", "list") for item in draft.items
    )


def _by_what(draft: Draft, place: int) -> Figure | None:
    """The figure named right behind a superlative: "most orders", "highest average price"."""
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


# Superlatives of how many there are of what is named behind them.
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
    """How many are wanted, and how many are passed over first: "top 3", "second highest"."""
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
    """The best rows, or the best groups, with what they are best by."""
    measure = _measure(draft, top, figures)
    if measure is None:
        return None
    key, part = draft.keys[0] if draft.keys else (target or "", "")
    if target and draft.keys and target != key and not measure.columns:
        # "the commonest genre at each branch": a place in each group, counted, is more than a plan can say.
        return None
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
    if target and draft.keys and target != key and measure.columns:
        order = Order(measure.columns, top.most, top.limit, within=key)
        return replace(base, operation=Operation.LOOKUP, columns=(target,), order=order, several=True)
    if not key:
        return None
    column = draft.schema.get(key)
    by_rows = (
        not part
        and not measure.over
        and (column.distinct >= 0.98 * draft.schema.rows or _of_rows(draft, measure) or _of_a_row(draft, key))
    )
    if by_rows and measure.columns and measure.operation in (Operation.SUM, Operation.MAX, Operation.MIN):
        order = Order(measure.columns, top.most, top.limit, top.skip)
        return replace(base, operation=Operation.LOOKUP, columns=(key,), order=order, several=top.limit > 1)
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


def _of_a_row(draft: Draft, key: str) -> bool:
    """ "the keeper of the shed with the highest rent": one row's cell, not the sum of all that are alike."""
    own = label(draft.schema, draft.lexicon)
    return own != key and any(
        not item.text.endswith("s")
        and (counts_rows(draft, item) or bool(item.columns and item.columns[0].name == own))
        for item in draft.items
    )


def _of_rows(draft: Draft, measure: Figure) -> bool:
    """Whether the best single row is meant: of prices, ages and dates nobody asks for the sum."""
    if not measure.columns or measure.operation is Operation.AVERAGE:
        return False
    name = measure.columns[0]
    column = draft.schema.get(name) if name in [each.name for each in draft.schema.columns] else None
    return column is not None and (is_date(column) or is_moment(column) or not adds_up(draft, name))


def _measure(draft: Draft, top: Top, figures: list[Figure]) -> Figure | None:
    if top.by is not None:
        return top.by
    if figures:
        return figures[0]
    if top.hint in ("early", "late"):
        name = date_column(draft, top.place)
        return Figure(Operation.MAX, (name,)) if name else None
    if top.hint:
        words = draft.lexicon.hints.get(top.hint, ())
        for word in words:
            found = [
                column.name
                for column in draft.schema.columns
                if (is_number(column)) and word in " ".join(w for w in _stems(draft, column.name)).split()
            ]
            if found:
                return Figure(Operation.MAX, (draft.choose(f"hint:{top.place}", found),))
        return None
    if draft.items[top.place].text in draft.lexicon.vague and not draft.said("rows"):
        return _vague(draft, top)
    said = set(draft.items[top.place].text.split())
    return Figure(Operation.COUNT) if said & draft.lexicon.counting or draft.said("op:count") else None


def _vague(draft: Draft, top: Top) -> Figure:
    """ "the best customer": by rows, or by any column that adds up."""
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
    """ "the highest unit price": no thing is asked for but the figure itself."""
    operation = Operation.MAX if top.most else Operation.MIN
    measure = _measure(draft, top, figures) if top.hint or top.by or figures else None
    if measure and measure.columns and measure.operation is not Operation.COUNT:
        if measure.operation not in (Operation.SUM, Operation.MAX, Operation.MIN):
            return None
        return replace(base, operation=operation, columns=measure.columns)
    name = money(draft, top.place) if not top.hint and not figures and not top.by else None
    return replace(base, operation=operation, columns=(name,)) if name else None


# --- what is asked for


def take_target(draft: Draft) -> str | None:
    """The column whose cells are asked for: "which supplier", "who", "list the companies"."""
    for place, item in enumerate(draft.items):
        if draft.used.get(place) not in (None, "top"):
            continue
        if (found := _asked_by_word(draft, place, item)) is not None:
            return found or None
        if item.says("list") or item.says("top") or item.says("second"):
            after = _noun_behind(draft, place)
            if after is not None and after not in draft.used and (name := _target_at(draft, after)):
                return name
    return _placed_thing(draft) if draft.tops else None


def _noun_behind(draft: Draft, place: int) -> int | None:
    after = draft.beside(place, 1)
    while after is not None and (
        draft.items[after].number
        or draft.items[after].says("top")
        or draft.items[after].says("distinct")
        or draft.items[after].says("list")
    ):
        after = draft.beside(after, 1)
    return after


def _asked_by_word(draft: Draft, place: int, item: Item) -> str | None:
    """What "who", "when" and "where" ask for; "" where that is left open; None where they do not lead."""
    if not item.says("ask") or any(not says_nothing(each, draft.lexicon) for each in draft.items[:place]):
        return None
    if item.says("ask", "who") and (name := _who(draft, place)):
        draft.use("target", place)
        return name
    if item.says("ask", "when") and not draft.tops:
        draft.use("target", place)
        return date_column(draft) or ""
    if item.says("ask", "where") and (name := _held(draft, "where")):
        draft.use("target", place)
        return name
    return None


def _who(draft: Draft, place: int) -> str | None:
    """The person that a word of the question names, else the column of names."""
    named = [
        name
        for _, item in draft.free(place + 1)
        if item.columns and not counts_rows(draft, item) and (name := _person(draft, item))
    ]
    if named:
        return named[0]
    own = label(draft.schema, draft.lexicon)
    return _held(draft, "who") or (own if own and is_name(draft.schema.get(own)) else None)


def _placed_thing(draft: Draft) -> str | None:
    """What is placed without a "which": "5 countries with the biggest total", "busiest weekday"."""
    for place, item in list(draft.free()):
        names = bool(item.columns) and not _is_figure(draft, item)
        if not (item.says("part") or names or _is_numbered(draft, place)):
            continue
        if name := _target_at(draft, place):
            return name
    return None


def _is_numbered(draft: Draft, place: int) -> bool:
    """ "the 5 members with the most visits"."""
    return place > 0 and draft.items[place - 1].number is not None and counts_rows(draft, draft.items[place])


def number_of(draft: Draft, top: Top | None) -> Top | None:
    """How many are placed, where that is said of the things: "the five products that cost most"."""
    if top is None or top.limit > 1 or top.skip:
        return top
    for place, became in list(draft.used.items()):
        before = draft.items[place - 1] if place else None
        if (
            became in ("target", "group")
            and before is not None
            and place - 1 not in draft.used
            and (number := before.number)
            and before.period is None
            and not number.ordinal
            and 1 < number.value <= MOST_PLACES
        ):
            draft.use("top", place - 1)
            return replace(top, limit=int(number.value))
    return top


def _target_at(draft: Draft, place: int) -> str | None:
    item = draft.items[place]
    if item.says("part") and not _is_a_column(draft, item):
        if not draft.keys and _by_part(draft, place, item.value("part")):
            return draft.keys[0][0]
        return None
    if counts_rows(draft, item) and (name := label(draft.schema, draft.lexicon)):
        draft.use("target", place)
        return name
    if not item.columns:
        return None
    moment = draft.fitting(item, is_moment)
    if moment and moment[0].score >= item.columns[0].score - 0.05 and (draft.tops or draft.filters):
        draft.use("target", place)
        return draft.column(item, is_moment, "target")
    if not _is_figure(draft, item) and (name := thing(draft, item)):
        draft.use("target", place)
        return name
    return None


def _is_figure(draft: Draft, item: Item) -> bool:
    found = [each for each in draft.fitting(item, is_number) if not is_moment(draft.schema.get(each.name))]
    return bool(found) and found[0].score >= item.columns[0].score - 0.01


def _person(draft: Draft, item: Item) -> str | None:
    found = draft.fitting(item, is_name)
    return found[0].name if found and is_held(found[0].name, "who", draft.lexicon) else None


def _held(draft: Draft, kind: str) -> str | None:
    """The column of names, or of places, that "who" or "where" asks for."""
    names = [
        column.name
        for column in draft.schema.columns
        if not column.masked and is_name(column) and not column.identifier
        and is_held(column.name, kind, draft.lexicon)
        and not is_measure(column) and column.flags is None
    ]  # fmt: skip
    if kind == "who":
        own = label(draft.schema, draft.lexicon)
        if own in names:
            return own
    return draft.choose(f"{kind}", names) if names else None


__all__ = ["Top", "extreme", "row_key", "take_keys", "take_target", "take_top", "topped"]
