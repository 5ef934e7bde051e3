"""Which edit counts where several were made since both sides agreed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from governance.catalog.contract import CatalogEntry, CatalogMoment
from governance.sync.merging import NOTHING, Agreed, tag_edits, text_edits

START = datetime(2026, 1, 1, tzinfo=UTC)
TAG = "PII.Sensitive"
# A version, who made it ("bot" is a tool), and the tag's state after it; the oldest first.
Told = tuple[str, str, str | None]


def moment(told: Told, minutes: int, text: str = "") -> CatalogMoment:
    version, by, state = told
    states = {"email": {TAG: state} if state else {}}
    return CatalogMoment(
        version, by, by == "bot", START + timedelta(minutes=minutes), states, {"": "", "email": text}
    )


def compared(was: str | None, version: str, *told: Told) -> list[tuple[str, str]]:
    """(state, by) of each edit since both sides agreed on `was` at `version`."""
    history = [moment(each, minutes) for minutes, each in enumerate(told)][::-1]
    agreed = Agreed({"email": {TAG: was} if was else {}}, {}, version, START)
    return [(edit.state, edit.by) for edit in tag_edits(agreed, entry(history[0]), history)]


def entry(now: CatalogMoment) -> CatalogEntry:
    return CatalogEntry(
        id="1", fqn="a.b.c.d", version=now.version, link=None, tags={}, owner=None, as_of=now.at,
        states=now.states, descriptions=now.descriptions,
    )  # fmt: skip


AGREED = ("0.1", "bot", "confirmed")
FREE = ("0.1", "bot", None)


@pytest.mark.parametrize(
    ("told", "edits"),
    [
        ([("0.2", "maria", None)], [("rejected", "maria")]),
        ([("0.2", "maria", None), ("0.3", "bot", "suggested")], [("rejected", "maria")]),
        ([("0.2", "maria", None), ("0.3", "bot", "confirmed")], [("rejected", "maria")]),
        ([("0.2", "maria", None), ("0.3", "admin", "confirmed")], []),
        ([("0.2", "bot", None), ("0.3", "admin", "confirmed")], [("confirmed", "admin")]),
        ([("0.2", "bot", None)], [("rejected", "bot")]),
        ([("0.2", "bot", "suggested")], []),
        ([("0.2", "maria", "confirmed")], []),
    ],
)
def test_of_a_tag_that_both_sides_had_the_last_word_of_a_person_counts(
    told: list[Told], edits: list[tuple[str, str]]
) -> None:
    assert compared("confirmed", "0.1", AGREED, *told) == edits


@pytest.mark.parametrize(
    ("told", "edits"),
    [
        ([("0.2", "maria", "confirmed"), ("0.3", "bot", None)], [("confirmed", "maria")]),
        ([("0.2", "bot", "suggested"), ("0.3", "maria", None)], [("rejected", "maria")]),
        ([("0.2", "bot", "suggested")], [("suggested", "bot")]),
        ([("0.2", "maria", "confirmed"), ("0.3", "maria", None)], []),
        ([("0.2", "bot", "suggested"), ("0.3", "bot", None)], []),
    ],
)
def test_of_a_tag_that_neither_side_had_the_last_word_of_a_person_counts(
    told: list[Told], edits: list[tuple[str, str]]
) -> None:
    assert compared(None, "0.1", FREE, *told) == edits


def test_what_was_said_before_both_sides_agreed_is_said_no_more() -> None:
    assert (
        compared("confirmed", "0.2", FREE, ("0.2", "maria", "confirmed"), ("0.3", "bot", "confirmed")) == []
    )
    later = ("0.3", "bot", "suggested")
    assert compared(None, "0.2", AGREED, ("0.2", "maria", None), later) == [("suggested", "bot")]


def test_an_edit_that_went_with_its_version_was_a_persons() -> None:
    """Maria's tag was agreed on, she took it off again, and a tool's edit has her version's number now."""
    assert compared("confirmed", "0.2", FREE) == [("rejected", "")]
    assert compared("confirmed", "0.2", FREE, ("0.2", "bot", None)) == [("rejected", "")]
    assert compared("confirmed", "0.2", FREE, ("0.2", "bot", "suggested")) == [("rejected", "")]
    again = [FREE, ("0.2", "bot", "suggested"), ("0.3", "admin", "confirmed")]
    assert compared("confirmed", "0.2", *again) == [("confirmed", "admin")]
    assert compared("suggested", "0.1", ("0.1", "bot", "confirmed")) == [("confirmed", "")]


def test_an_edit_that_was_put_together_with_one_agreed_on_is_that_persons() -> None:
    assert compared("confirmed", "0.2", AGREED, ("0.2", "maria", None)) == [("rejected", "maria")]
    later = ("0.3", "bot", "suggested")
    assert compared("confirmed", "0.2", AGREED, ("0.2", "maria", None), later) == [("rejected", "maria")]


def described(was: str, *told: tuple[str, str, str]) -> list[tuple[str, str]]:
    moments = [("0.1", "bot", was), *told]
    history = [moment((version, by, None), at, text) for at, (version, by, text) in enumerate(moments)][::-1]
    agreed = Agreed({}, {"email": was}, "0.1", START)
    return [(edit.text, edit.by) for edit in text_edits(agreed, entry(history[0]), history)]


@pytest.mark.parametrize(
    ("told", "edits"),
    [
        ([("0.2", "maria", "two")], [("two", "maria")]),
        ([("0.2", "maria", "")], [("", "maria")]),
        ([("0.2", "maria", "two"), ("0.3", "bot", "three")], [("two", "maria")]),
        ([("0.2", "maria", "two"), ("0.3", "bot", "one")], [("two", "maria")]),
        ([("0.2", "bot", "two")], []),
        ([("0.2", "maria", "two"), ("0.3", "admin", "one")], []),
    ],
)
def test_the_last_text_of_a_person_counts(
    told: list[tuple[str, str, str]], edits: list[tuple[str, str]]
) -> None:
    assert described("one", *told) == edits


@pytest.mark.parametrize(
    ("told", "edits"),
    [
        ([("0.2", "maria", "two")], [("two", "maria")]),
        ([("0.2", "maria", "two"), ("0.3", "bot", "one")], []),
        ([("0.1", "bot", "two"), ("0.2", "maria", "")], [("", "maria")]),
        ([], []),
    ],
)
def test_without_an_agreement_a_text_counts_that_a_person_made_and_nobody_changed(
    told: list[tuple[str, str, str]], edits: list[tuple[str, str]]
) -> None:
    moments = [("", "", ""), *told]
    history = [moment((version, by, None), at, text) for at, (version, by, text) in enumerate(moments)][::-1]
    agreed = Agreed({}, {"email": ""}, NOTHING, START)
    found = text_edits(agreed, entry(history[0]), history)
    assert [(edit.text, edit.by) for edit in found] == edits
