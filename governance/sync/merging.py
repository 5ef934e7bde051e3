"""Finds edits in the catalog since the last agreement, by a three-way comparison. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from itertools import pairwise
from typing import Generic, TypeVar

from governance.catalog.contract import CatalogEntry, CatalogMoment

# The agreed version before any agreement: everything there counts as edited since.
NOTHING = ""

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
    """A description that a person changed there. `column` is "" for the table's own. `over`: without an
    agreement, what it was before: if ours is one of these, the edit is later.
    """

    column: str
    text: str
    by: str
    at: datetime
    over: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Agreed:
    """The catalog's state at the last agreement: tags with their states, and descriptions.

    `version`: what it called that; `at`: when it was, by our clock.
    """

    states: Mapping[str, Mapping[str, str]]
    descriptions: Mapping[str, str]
    version: str
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


@dataclass(frozen=True, slots=True)
class Step(Generic[Value]):
    """One change of a value. `moment`: who made it and when. None: not in the catalog's history."""

    moment: CatalogMoment | None
    before: Value
    after: Value

    @property
    def by_tool(self) -> bool:
        return self.moment is not None and self.moment.by_tool


def tag_edits(agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]) -> list[TagEdit]:
    """Edits by column and tag, in order of their names. `history`: newest first, at least the present state.

    Of several edits of a tag, the last one by a person counts, even if tools edited it later. A change from
    confirmed to suggested is not an edit, because the tag is still there.
    """
    return list(_tag_edits(agreed, entry, history))


def _tag_edits(agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]) -> Iterator[TagEdit]:
    for column, before in sorted(agreed.states.items()):
        now = entry.states.get(column)
        if now is None:
            continue
        known = {*before, *now, *(tag for moment in history for tag in moment.states.get(column, ()))}
        for tag in sorted(known):
            was, state = before.get(tag), now.get(tag)
            steps = _steps(agreed, history, partial(_state, column=column, tag=tag), was, state)
            steps = [step for step in steps if not _is_weakened(step)]
            # Only people confirm tags, and remove confirmed ones.
            by_people = [
                step for step in steps if _is_by_person(step, "confirmed" in (step.before, step.after))
            ]
            if last := _counting(steps, by_people, is_same=was == state):
                made = last.moment or _untold(history[0], agreed, entry, last)
                yield TagEdit(column, tag, last.after or "rejected", made.by, made.by_tool, made.at)


def text_edits(agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]) -> list[TextEdit]:
    """Descriptions that people changed since the last agreement. A tool's change does not count.

    Without an agreement, as of a table that was deleted there and is kept, the tool may have been ours, with
    a person's words: only the present text counts then.
    """
    edits = []
    for column, before in sorted(agreed.descriptions.items()):
        text = entry.descriptions.get(column)
        if text is None:
            continue
        steps = _steps(agreed, history, partial(_text, column=column), before, text)
        over: frozenset[str] = frozenset()
        if agreed.version == NOTHING:
            last = steps[0] if steps else None
            over = frozenset(step.before for step in steps)
        else:
            by_people = [step for step in steps if not step.by_tool]
            last = _counting(steps, by_people, is_same=before == text)
        if last and not last.by_tool:
            by, at = (last.moment.by, last.moment.at) if last.moment else ("", agreed.at)
            edits.append(TextEdit(column, last.after, by, at, over))
    return edits


def _steps(
    agreed: Agreed,
    history: Sequence[CatalogMoment],
    value: Callable[[CatalogMoment], Value],
    was: Value,
    now: Value,
) -> list[Step[Value]]:
    """Changes of a value since both sides agreed on `was`, newest first.

    The agreed version may have another value now: the server merged a later edit of the same person into it,
    or that person's edits were undone and another person's edits got the same number.
    """
    place = next((at for at, moment in enumerate(history) if moment.version == agreed.version), 0)
    is_other = value(history[place]) != was
    told = pairwise(history[: place + 1 + is_other])
    steps = [
        Step(later, value(earlier), value(later)) for later, earlier in told if value(later) != value(earlier)
    ]
    first = steps[-1].before if steps else now
    return steps if first == was else [*steps, Step(None, was, first)]


def _counting(
    steps: Sequence[Step[Value]], by_people: Sequence[Step[Value]], *, is_same: bool
) -> Step[Value] | None:
    """The step that counts: a person's last, else the last. None if people changed it and changed it back."""
    if is_same and len(by_people) == len(steps):
        return None
    counting = by_people or ([] if is_same else steps)
    return counting[0] if counting else None


def _is_weakened(step: Step[str | None]) -> bool:
    return (step.before, step.after) == ("confirmed", "suggested")


def _is_by_person(step: Step[str | None], of_people: bool) -> bool:
    return of_people if step.moment is None else not step.by_tool


def _untold(
    last: CatalogMoment, agreed: Agreed, entry: CatalogEntry, step: Step[str | None]
) -> CatalogMoment:
    """The author of an edit that the history does not show.

    There are two such edits. Somebody undid their own edit, which makes the previous version the last one
    again. Or somebody accepted a suggestion. The time of a removal is unknown: the last agreement's is used.
    """
    if step.after == "confirmed":
        return replace(last, by="", by_tool=False, at=entry.as_of)
    if step.before == "confirmed":
        return replace(last, by="", by_tool=False, at=agreed.at)
    return last


def _state(moment: CatalogMoment, column: str, tag: str) -> str | None:
    return moment.states.get(column, {}).get(tag)


def _text(moment: CatalogMoment, column: str) -> str:
    return moment.descriptions.get(column, "")
