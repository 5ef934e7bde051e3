"""Finds edits in the catalog since the last agreement, by a three-way comparison. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import TypeVar

from governance.catalog.contract import CatalogEntry, CatalogMoment

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class TagEdit:
    """A change of one tag in the catalog. `column`: its name there.

    `state`: "confirmed", "suggested", or "rejected" if it was removed. `by`: a name in the catalog.
    `by_tool`: not a person's. `at`: by the catalog's own clock.
    """

    column: str
    tag: str
    state: str
    by: str
    by_tool: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class TextEdit:
    """A description that a person changed there. `column` is "" for the table's own."""

    column: str
    text: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreed:
    """The catalog's state at the last agreement: tags with their states, and descriptions.

    `at`: when that was, by our clock.
    """

    states: Mapping[str, Mapping[str, str]]
    descriptions: Mapping[str, str]
    at: datetime

    def differs_from(self, entry: CatalogEntry) -> bool:
        """Compares only columns that both have. New or missing columns are not edits."""
        return any(
            dict(tags) != entry.states[name] for name, tags in self.states.items() if name in entry.states
        ) or any(
            text != entry.descriptions[name]
            for name, text in self.descriptions.items()
            if name in entry.descriptions
        )


def tag_edits(agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]) -> list[TagEdit]:
    """Edits by column and tag, in order of their names. `history`: newest first, at least the present state.

    That a confirmed tag became a suggestion is no edit: it is still there.
    """
    return list(_tag_edits(agreed, entry, history))


def _tag_edits(agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]) -> Iterator[TagEdit]:
    for column, before in sorted(agreed.states.items()):
        now = entry.states.get(column)
        if now is None:
            continue
        for tag in sorted({*before, *now}):
            was, state = before.get(tag), now.get(tag)
            if was == state or (was == "confirmed" and state == "suggested"):
                continue
            made = _made(history, partial(_state, column=column, tag=tag))
            if made is None:
                made = _untold(history[0], agreed, entry, was, state)
            yield TagEdit(column, tag, state or "rejected", made.by, made.by_tool, made.at)


def _untold(
    last: CatalogMoment, agreed: Agreed, entry: CatalogEntry, was: str | None, state: str | None
) -> CatalogMoment:
    """The author of an edit that the history does not show.

    Two are like that: somebody took an own edit back, then the version before it is the last one again; and
    somebody accepted a suggestion. Only people confirm tags, and take off what was confirmed. When they took
    it off is not known: since both sides agreed.
    """
    if state == "confirmed":
        return replace(last, by="", by_tool=False, at=entry.as_of)
    if was == "confirmed":
        return replace(last, by="", by_tool=False, at=agreed.at)
    return last


def text_edits(agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]) -> list[TextEdit]:
    """Descriptions that differ from what both sides agreed on; what a tool wrote is none."""
    edits = []
    for column, before in sorted(agreed.descriptions.items()):
        text = entry.descriptions.get(column)
        if text is None or text == before:
            continue
        made = _made(history, partial(_text, column=column))
        if made is None:  # Somebody took an own edit back; no tool of ours does.
            edits.append(TextEdit(column, text, "", agreed.at))
        elif not made.by_tool:
            edits.append(TextEdit(column, text, made.by, made.at))
    return edits


def _state(moment: CatalogMoment, column: str, tag: str) -> str | None:
    return moment.states.get(column, {}).get(tag)


def _text(moment: CatalogMoment, column: str) -> str:
    return moment.descriptions.get(column, "")


def _made(history: Sequence[CatalogMoment], value: Callable[[CatalogMoment], Value]) -> CatalogMoment | None:
    """The moment that made the value what it is; None where the history does not tell."""
    for later, earlier in pairwise(history):
        if value(later) != value(earlier):
            return later
    return None
