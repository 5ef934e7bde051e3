"""Groups and orders: "per region", "by month", "which rep … the most", "top 5", "in each dept"."""

from __future__ import annotations

from promptiq.exact.grammar.amounts import thing
from promptiq.exact.grammar.draft import (
    Draft,
    is_date,
    is_group,
    is_measure,
)
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.grammar.times import date_column
from promptiq.exact.plans import SchemaColumn
from promptiq.exact.reading.question import Item

# Maximum number of distinct values of a numeric column to group by: ratings, stars, numbers of rooms.
MOST_BINS = 30


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
            by_part(draft, place, part)
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
    name = date_column(draft, place)
    if name is None:
        return False
    moment = draft.schema.get(name)
    draft.keys.append((name, part if is_date(moment) else ""))
    draft.use("group", place)
    return True
