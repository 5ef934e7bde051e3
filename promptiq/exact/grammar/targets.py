"""Reads which cells are requested: 'which supplier', 'who', 'list the companies'."""

from __future__ import annotations

from promptiq.exact.grammar.amounts import thing
from promptiq.exact.grammar.draft import (
    Draft,
    is_adverb_of_time,
    is_held,
    is_measure,
    is_moment,
    is_name,
    is_number,
)
from promptiq.exact.grammar.grouping import by_part, is_a_column
from promptiq.exact.grammar.nouns import counts_rows, is_label, label
from promptiq.exact.grammar.times import date_column
from promptiq.exact.reading.question import Item, says_nothing


def take_target(draft: Draft) -> str | None:
    """The column whose cells are requested: "which supplier", "who", "list the companies"."""
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
    """The requested noun. None if the speaker stands before it: "the most we ever paid"."""
    after = draft.beside(place, 1)
    while after is not None and (
        draft.items[after].number
        or is_label(draft, after)
        or draft.items[after].says("top")
        or draft.items[after].says("distinct")
        or (draft.items[after].says("list") and not draft.items[after].columns)
    ):
        after = draft.beside(after, 1)
    between = draft.items[place + 1 : after]
    return None if any(item.text in draft.lexicon.classes["speakers"] for item in between) else after


def _asked_by_word(draft: Draft, place: int, item: Item) -> str | None:
    """The column for "who", "when" or "where". "": open. None: no such word begins the question."""
    if not item.says("ask") or any(not says_nothing(each, draft.lexicon) for each in draft.items[:place]):
        return None
    if item.says("ask", "who") and (name := _who(draft, place)):
        draft.use("target", place)
        return name
    if item.says("ask", "when") and not draft.tops:
        draft.use("target", place)
        return date_column(draft, plainly=True) or ""
    if item.says("ask", "where") and (name := _held(draft, "where")):
        draft.use("target", place)
        return name
    return None


def _who(draft: Draft, place: int) -> str | None:
    """The column of people that a word of the question names, else the column of names."""
    named = [
        name
        for _, item in draft.free(place + 1)
        if item.columns and not counts_rows(draft, item) and (name := _person(draft, item))
    ]
    if named:
        return named[0]
    own = label(draft.schema, draft.lexicon)
    is_called = own is not None and not draft.schema.get(own).identifier and is_name(draft.schema.get(own))
    return _held(draft, "who") or (own if is_called else None)


def _placed_thing(draft: Draft) -> str | None:
    """What is ranked without a "which": "5 countries with the biggest total", "busiest weekday"."""
    for place, item in list(draft.free()):
        if any(draft.schema.get(each.name).flags for each in item.columns):
            continue
        if _is_beside_the_point(draft, place):
            draft.use("rows", *([place] if counts_rows(draft, item) else []))
            continue
        names = bool(item.columns) and not _is_figure(draft, item)
        if any(
            each.text in draft.lexicon.classes["speakers"] for each in draft.items[:place]
        ) and not item.says("part"):
            return None
        if place and draft.items[place - 1].text in draft.lexicon.classes["singles"]:
            # "the largest number of seats held by one company": a figure is requested.
            draft.use("rows", *([place] if counts_rows(draft, item) or names else []))
            continue
        if not (item.says("part") or names or _is_numbered(draft, place)):
            continue
        if name := _target_at(draft, place):
            return name
    return None


def _is_beside_the_point(draft: Draft, place: int) -> bool:
    """ "the highest rate on a booking", "the lowest monthly cost": of the figure, not what is ranked."""
    item = draft.items[place]
    if is_adverb_of_time(item):
        return True
    words = [each.text for each in draft.items[max(0, place - 2) : place]]
    behind = any(draft.used.get(at) == "top" for at in range(place)) and "measure" in draft.used.values()
    return (
        behind
        and len(words) == 2
        and words[0] in draft.lexicon.classes["prepositions"]
        and words[1] in ("a", "an", "any", "one")
    )


def _is_numbered(draft: Draft, place: int) -> bool:
    """ "the 5 members with the most visits"."""
    return place > 0 and draft.items[place - 1].number is not None and counts_rows(draft, draft.items[place])


def _target_at(draft: Draft, place: int) -> str | None:
    item = draft.items[place]
    if is_adverb_of_time(item):
        return None
    if item.says("part") and not is_a_column(draft, item):
        if not draft.keys and by_part(draft, place, item.value("part")):
            return draft.keys[0][0]
        return None
    if counts_rows(draft, item) and (name := label(draft.schema, draft.lexicon)):
        draft.use("target", place)
        return name
    if not item.columns or _chooses(draft, place):
        return None
    moment = draft.fitting(item, is_moment)
    if moment and moment[0].score >= item.columns[0].score - 0.05 and (draft.tops or draft.filters):
        draft.use("target", place)
        return draft.column(item, is_moment, "target")
    if not _is_figure(draft, item) and (name := thing(draft, item)):
        draft.use("target", place)
        return name
    return None


def _chooses(draft: Draft, place: int) -> bool:
    """ "list all discontinued products": yes or no before the noun that it tells of."""
    after = place + 1
    if draft.schema.get(draft.items[place].columns[0].name).flags is None or after == len(draft.items):
        return False
    return bool(draft.items[after].columns) or counts_rows(draft, draft.items[after])


def _is_figure(draft: Draft, item: Item) -> bool:
    found = [each for each in draft.fitting(item, is_number) if not is_moment(draft.schema.get(each.name))]
    return bool(found) and found[0].score >= item.columns[0].score - 0.01


def _person(draft: Draft, item: Item) -> str | None:
    found = draft.fitting(item, is_name)
    return found[0].name if found and is_held(found[0].name, "who", draft.lexicon) else None


def _held(draft: Draft, kind: str) -> str | None:
    """The column of names or places for "who" or "where"."""
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
