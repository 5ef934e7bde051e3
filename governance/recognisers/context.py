"""What neighbours say: a city beside a person's name is that person's, a shop's telephone is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from governance.recognisers.column import Candidate, ColumnView, TableView

SUGGEST = 0.5

# Kinds that only people have: one such column and the table speaks of people.
_ONLY_PEOPLE_HAVE = frozenset(
    {
        "PERSON",
        "US_SSN",
        "NATIONAL_ID",
        "DATE_OF_BIRTH",
        "GENDER",
        "CREDIT_CARD",
        "DRIVER_LICENSE",
        "NRP",
        "USERNAME",
        "PASSWORD",
        "AGE",
    }
)
# Kinds that people share with companies, events and things.
SHARED_WITH_THINGS = frozenset({"ADDRESS", "IBAN", "EMAIL", "URL", "PHONE", "LOCATION", "VIN"})
# An e-mail or internet address may lead to a person whoever the table is about.
_ALWAYS_PERSONAL = frozenset({"IBAN", "EMAIL", "VIN"})


def speaks_of_people(table: TableView, best: Sequence[Candidate | None]) -> str | None:
    """The column that shows it, None where the table does not speak of people."""
    surest = max(
        (
            (candidate.confidence, column.name)
            for column, candidate in zip(table.columns, best, strict=True)
            if candidate and candidate.entity in _ONLY_PEOPLE_HAVE and candidate.confidence >= SUGGEST
        ),
        default=None,
    )
    if surest:
        return surest[1]
    if "person" in table.subject.about and "thing" not in table.subject.about:
        return "its name"
    return None


# Half-sure kinds, what neighbours must hold to make them surer, and how that is said.
_BACKING = {
    "PERSON": (_ONLY_PEOPLE_HAVE | {"EMAIL"}, "neighbouring columns speak of people"),
    "NRP": (_ONLY_PEOPLE_HAVE, "neighbouring columns speak of people"),
    "LOCATION": (frozenset({"LOCATION", "ADDRESS"}), "neighbouring columns hold places"),
}
_HALF_SURE = 0.15
_SURE = 0.8


def raise_hints(table: TableView, found: Sequence[list[Candidate]]) -> list[list[Candidate]]:
    """What is half sure becomes surer where neighbours say so.

    A column "name" beside an e-mail address, a birth date or an age is a person's, beside prices it is not; a
    "region" beside a city is a place, beside a turnover it may be a sales team.
    """
    best = [max(candidates, key=_rank, default=None) for candidates in found]
    sure = {
        column.position: candidate.entity
        for column, candidate in zip(table.columns, best, strict=True)
        if candidate and candidate.confidence >= (_SURE if candidate.entity == "PERSON" else SUGGEST)
    }
    return [
        [_raised(column, candidate, sure) for candidate in candidates]
        for column, candidates in zip(table.columns, found, strict=True)
    ]


def _raised(column: ColumnView, candidate: Candidate, sure: Mapping[int, str]) -> Candidate:
    if candidate.entity not in _BACKING or not _HALF_SURE <= candidate.confidence < SUGGEST:
        return candidate
    kinds, reason = _BACKING[candidate.entity]
    if column.header.aside:
        return candidate
    if not column.header.clarity(candidate.entity) and not _unnamed_beside_a_name(column, candidate, sure):
        return candidate
    if candidate.entity == "PERSON" and {"organisation", "thing"} & column.header.about:
        return candidate
    if not any(kind in kinds for position, kind in sure.items() if position != column.position):
        return candidate
    return replace(
        candidate,
        confidence=round(min(_SURE, candidate.confidence + 0.35), 3),
        reasons=(*candidate.reasons, reason),
    )


def _unnamed_beside_a_name(column: ColumnView, candidate: Candidate, sure: Mapping[int, str]) -> bool:
    """Surnames under a header that says nothing, next to first names."""
    beside = {sure.get(column.position - 1), sure.get(column.position + 1)}
    says_nothing = not column.header.said and not column.header.about
    return candidate.entity == "PERSON" and says_nothing and "PERSON" in beside


def with_neighbours(column: ColumnView, candidate: Candidate, people: str | None) -> Candidate:
    """Says whether the column speaks of a person, by itself and by its neighbours."""
    if candidate.entity not in SHARED_WITH_THINGS or candidate.entity in _ALWAYS_PERSONAL:
        return candidate
    about = column.header.about
    if "person" not in about and "organisation" in about:
        return replace(
            candidate, personal=False, against=(*candidate.against, "the header speaks of an organisation")
        )
    if people or "person" in about:
        shown_by = f"the table speaks of people ({people})" if people else "the header speaks of people"
        return replace(candidate, personal=True, reasons=(*candidate.reasons, shown_by))
    return replace(
        candidate, personal=False, against=(*candidate.against, "nothing in the table speaks of people")
    )


def _rank(candidate: Candidate) -> float:
    return candidate.confidence
