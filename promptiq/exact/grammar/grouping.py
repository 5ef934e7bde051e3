"""Groups and orders: "per region", "by month", "which rep … the most", "top 5", "in each dept"."""

from __future__ import annotations

from promptiq.exact.grammar.amounts import thing
from promptiq.exact.grammar.draft import (
    Draft,
    is_adverb_of_time,
    is_date,
    is_group,
    is_measure,
    is_name,
)
from promptiq.exact.grammar.nouns import counts_rows, is_label, row_key
from promptiq.exact.grammar.times import date_column
from promptiq.exact.plans import SchemaColumn
from promptiq.exact.reading.question import Item

# Maximum number of distinct values of a numeric column to group by: ratings, stars, numbers of rooms.
MOST_BINS = 30
# From this share of distinct cells on, each row is another thing.
MOSTLY_ONE = 0.9


def take_bins(draft: Draft) -> None:
    """ "by age in groups of 10", "total in steps of 50": a column of numbers by bins of one width."""
    for place in draft.said("bins"):
        number = draft.items[place + 1].number if place + 1 < len(draft.items) else None
        before = draft.beside(place, -1)
        if number is None or number.value <= 0 or number.ordinal or before is None:
            continue
        name = draft.column(draft.items[before], is_measure, "bins")
        if name is None:
            continue
        draft.keys.append((name, number.text))
        led = draft.beside(before, -1)
        behind = place + 2 if place + 2 < len(draft.items) and _is_unit(draft.items[place + 2]) else None
        draft.use("group", before, place, place + 1, *([behind] if behind else []))
        draft.use("group", *([led] if led is not None and draft.items[led].says("group") else []))


def _is_unit(item: Item) -> bool:
    return item.says("unit") or item.says("part")


def take_keys(draft: Draft) -> None:
    """Columns and parts of dates to group by."""
    for place in draft.said("group:by"):
        after = draft.beside(place, 1)
        if (
            after is None
            or after in draft.used
            or draft.items[place + 1].text in draft.lexicon.classes["singles"]
        ):
            continue
        if _is_adjective_of_rows(draft, after):
            draft.use("rows", after)
            after = draft.beside(after, 1) or after
        behind = draft.beside(after, 1)
        if behind is not None and (
            draft.items[after].says("distinct") or _counts_parts(draft, after, behind)
        ):
            draft.use("group", after)
            after = behind
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
            # "average monthly usage": of the sums of all months, or of each?
            and not (place and draft.items[place - 1].says("op", "average", "median"))
        ):
            by_part(draft, place, part)
    if draft.keys:
        draft.use("group", *draft.said("group:breakdown"))
    if not draft.keys and (places := draft.said("group:breakdown")):
        for place, item in draft.free():
            if item.columns and (name := draft.column(item, is_group, "key")):
                draft.keys.append((name, ""))
                draft.use("group", place, *places)
                break


def _counts_parts(draft: Draft, place: int, behind: int) -> bool:
    """ "for different numbers of cylinders": a column of numbers, rather than rows counted."""
    counts = draft.items[place].says("op", "count") and not draft.said("top")
    return counts and bool(
        draft.fitting(draft.items[behind], lambda each: is_measure(each) and _is_key(each))
    )


def _is_adjective_of_rows(draft: Draft, place: int) -> bool:
    """ "per weekly entry": rows, each of a week."""
    behind = draft.items[place + 1 : place + 2]
    return is_adverb_of_time(draft.items[place]) and bool(behind) and counts_rows(draft, behind[0])


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
    behind = {each.text for each in draft.items[place + 1 : place + 2]}
    if behind & draft.lexicon.classes["dated"]:
        return False  # "by order date": which dates are meant
    if counts_rows(draft, item) and not draft.said("op:count"):
        draft.per_row = True
        draft.use("rows", place)
        return True
    if (
        item.says("part")
        and not is_a_column(draft, item)
        and (draft.columns_that(is_date) or not item.columns)
    ):
        return by_part(draft, place, item.value("part"))
    if not item.columns or (item.period and not item.columns[0].whole):
        return False
    moment = draft.fitting(item, is_date)
    if (
        moment
        and moment[0].score >= item.columns[0].score - 0.01
        and draft.schema.get(moment[0].name).distinct > 40
    ):
        # "by start date": names the dates of a condition, so it is not a key.
        return False
    ranks = bool(draft.said("top"))
    name = draft.column(item, lambda column: _is_key(column) and not (ranks and is_measure(column)), "key")
    if name is None:
        return _over_at(draft, place)
    column = draft.schema.get(name)
    if column.identifier and (better := thing(draft, item)):
        name = better
    if (name, "") not in draft.keys:
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


def is_a_column(draft: Draft, item: Item) -> bool:
    """Whether the item is a column's own header, such as "Year" or "Month"."""
    return any(each.score > 0.95 for each in item.columns)


def by_part(draft: Draft, place: int, part: str) -> bool:
    own = [column.name for column in draft.schema.columns if column.name.strip().casefold() == part]
    name = own[0] if own else date_column(draft, place)
    if name is None:
        return False
    moment = draft.schema.get(name)
    if part == "hour" and is_date(moment) and not any(":" in value for value in moment.values[:100]):
        # Days have no hours.
        draft.hopeless = True
    if (key := (name, part if is_date(moment) else "")) not in draft.keys:
        draft.keys.append(key)
    draft.use("group", place)
    return True


def grouped_thing(draft: Draft, place: int) -> int | None:
    """The place of the noun, before a number, of things with several rows each."""
    nouns = [
        at for at, each in draft.free(0, place)
        if (each.columns or counts_rows(draft, each)) and not is_label(draft, at)
    ]  # fmt: skip
    if not nouns or counts_rows(draft, draft.items[nouns[0]]):
        return None
    found = draft.fitting(draft.items[nouns[0]], is_name)
    repeats = bool(found) and draft.schema.get(found[0].name).distinct < MOSTLY_ONE * draft.schema.rows
    return nouns[0] if repeats and found[0].score >= draft.items[nouns[0]].columns[0].score else None


def counts_groups(draft: Draft, place: int) -> bool:
    """ "more than 50 orders": the number of rows in each group."""
    after = draft.beside(place, 1)
    if after is not None and draft.items[after].says("compare"):
        after = draft.beside(after, 1)
    times = after is not None and after == place + 1 and draft.items[after].says("unit", "time")
    if times and after is not None and grouped_thing(draft, place) is not None:
        draft.use("rows", after, *(at for at, each in draft.free(0, place) if _is_verb_of_rows(draft, each)))
        return True
    # "20 active customers": the words between qualify the customers.
    for _ in range(2):
        if after is not None and not counts_rows(draft, draft.items[after]) and draft.items[after].cells:
            after = draft.beside(after, 1)
    if after is None or not counts_rows(draft, draft.items[after]):
        return False
    if grouped_thing(draft, place) is None:
        return False
    draft.use("rows", after)
    return True


def _is_verb_of_rows(draft: Draft, item: Item) -> bool:
    """ "guests who booked more than 9 times" in a table of bookings."""
    key = row_key(draft.schema)
    of_key = key is not None and any(each.name == key.name for each in item.columns)
    return not item.roles and (of_key or counts_rows(draft, item))
