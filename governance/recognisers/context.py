"""Uses neighbouring columns: a city beside a person's name is that person's; a shop's telephone is not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from governance.recognisers.column import Candidate, ColumnView, TableView
from governance.recognisers.header_reading import Header
from governance.recognisers.vocabulary import (
    FIGURES_OF_GROUPS,
    IDENTIFIERS,
    IDENTIFIERS_OF_PEOPLE,
    NUMBERED_PEOPLE,
)

SUGGEST = 0.5

# Kinds that only people have: with one such column, the table is about people.
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
# Kinds that are about somebody only in a table about people. Elsewhere they are codes and amounts.
_BESIDE_PEOPLE_ONLY = frozenset({"HEALTH", "TRADE_UNION", "SEXUAL_ORIENTATION", "SALARY"})
# Kinds that people share with companies, events and things.
SHARED_WITH_THINGS = frozenset(
    {"ADDRESS", "IBAN", "EMAIL", "URL", "PHONE", "LOCATION", "VIN", "LICENSE_PLATE"}
)
# An e-mail or internet address may lead to a person whatever the table is about.
_ALWAYS_PERSONAL = frozenset({"IBAN", "EMAIL", "VIN"})


def speaks_of_people(table: TableView, best: Sequence[Candidate | None]) -> str | None:
    """The column that shows it. None if the table is not about people."""
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


def beside_people(table: TableView, found: Sequence[list[Candidate]]) -> list[list[Candidate]]:
    """The candidates without those that cannot belong to anybody in the table.

    A code list of illnesses, a budget of salaries and the religion of a district are about nobody.
    """
    sure = [
        [c for c in candidates if c.entity not in _nobodys(column)]
        for column, candidates in zip(table.columns, found, strict=True)
    ]
    best = [max(candidates, key=_rank, default=None) for candidates in sure]
    people = speaks_of_people(table, best) or _numbers_people(table)
    if people is None:
        return sure
    others = [c if c and c.entity != "NRP" else None for c in best]
    if speaks_of_people(table, others) or not _speaks_of_groups(table):
        return list(found)
    return [[c for c in candidates if c.entity not in {*_BESIDE_PEOPLE_ONLY, "NRP"}] for candidates in found]


def _nobodys(column: ColumnView) -> frozenset[str]:
    """The kinds that a column cannot be if the table has no people. Part numbers are grouped like social
    security and telephone numbers, which have no check digit.
    """
    return _BESIDE_PEOPLE_ONLY | ({"US_SSN", "PHONE"} if column.header.numbers_things else set())


def _numbers_people(table: TableView) -> str | None:
    """The column of person numbers, such as "employee_no", in a table without names."""
    return next((c.name for c in table.columns if _is_number_of_people(c.header)), None)


def _is_number_of_people(header: Header) -> bool:
    said = set(header.words)
    return bool(said & NUMBERED_PEOPLE and said & IDENTIFIERS) or bool(said & IDENTIFIERS_OF_PEOPLE)


def _speaks_of_groups(table: TableView) -> bool:
    """Figures about many people in each row: medians, shares, counts."""
    return any(column.header.has(*FIGURES_OF_GROUPS) for column in table.columns)


# Uncertain kinds, the neighbours that make them more certain, and the sentence that says so.
_BACKING = {
    "PERSON": (_ONLY_PEOPLE_HAVE | {"EMAIL"}, "neighbouring columns speak of people"),
    "NRP": (_ONLY_PEOPLE_HAVE, "neighbouring columns speak of people"),
    "LOCATION": (frozenset({"LOCATION", "ADDRESS"}), "neighbouring columns hold places"),
}
_HALF_SURE = 0.15
_SURE = 0.8


def raise_hints(table: TableView, found: Sequence[list[Candidate]]) -> list[list[Candidate]]:
    """Raise the confidence of uncertain candidates if neighbours support them.

    A column "name" beside an e-mail address, a birth date or an age is a person's; beside prices it is not. A
    "region" beside a city is a place; beside a turnover it may be a sales team.
    """
    best = [max(candidates, key=_rank, default=None) for candidates in found]
    sure = {
        column.position: candidate.entity
        for column, candidate in zip(table.columns, best, strict=True)
        if candidate and candidate.confidence >= (_SURE if candidate.entity == "PERSON" else SUGGEST)
    }
    kinds = Counter(sure.values())
    return [
        [_raised(column, candidate, sure, kinds) for candidate in candidates]
        for column, candidates in zip(table.columns, found, strict=True)
    ]


def _raised(
    column: ColumnView, candidate: Candidate, sure: Mapping[int, str], held: Mapping[str, int]
) -> Candidate:
    """`held`: by kind, the number of columns that are sure to hold it."""
    if candidate.entity not in _BACKING or not _HALF_SURE <= candidate.confidence < SUGGEST:
        return candidate
    kinds, reason = _BACKING[candidate.entity]
    if column.header.aside:
        return candidate
    if not column.header.clarity(candidate.entity) and not _unnamed_beside_a_name(column, candidate, sure):
        return candidate
    if candidate.entity == "PERSON" and {"organisation", "thing"} & column.header.about:
        return candidate
    if not any(held.get(kind, 0) > (sure.get(column.position) == kind) for kind in kinds):
        return candidate
    return replace(
        candidate,
        confidence=round(min(_SURE, candidate.confidence + 0.35), 3),
        reasons=(*candidate.reasons, reason),
    )


def _unnamed_beside_a_name(column: ColumnView, candidate: Candidate, sure: Mapping[int, str]) -> bool:
    """Surnames under a header without meaning, next to first names."""
    beside = {sure.get(column.position - 1), sure.get(column.position + 1)}
    says_nothing = not column.header.said and not column.header.about
    return candidate.entity == "PERSON" and says_nothing and "PERSON" in beside


def with_neighbours(column: ColumnView, candidate: Candidate, people: str | None) -> Candidate:
    """Decide whether the column is about a person, by itself and by its neighbours."""
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


# Kinds whose single values are recognisable by their form, however few they are.
_TOLD_BY_EACH_VALUE = frozenset({"EMAIL", "CREDIT_CARD", "IBAN", "US_SSN", "NATIONAL_ID"})
# A card's bare digits may also look like a telephone number: the check digits decide.
_TOLD_BY_CHECKSUM = frozenset({"CREDIT_CARD", "IBAN"})
_MIXED = 0.9
_A_TENTH = 0.1


def most_telling(candidates: Sequence[Candidate]) -> Candidate | None:
    """The most certain interpretation. In a mixed column, the most certain of the most harmful kinds, if a
    tenth of the values have it: telephone numbers with a few e-mail addresses are tagged as e-mail addresses.
    """
    best = max(candidates, key=_rank, default=None)
    if best is None or best.entity in _TOLD_BY_EACH_VALUE:
        return best
    kinds = _TOLD_BY_CHECKSUM if best.matched >= _MIXED else _TOLD_BY_EACH_VALUE
    strict = [
        candidate
        for candidate in candidates
        if candidate.entity in kinds and candidate.confidence >= SUGGEST and candidate.matched >= _A_TENTH
    ]
    return max(strict, key=_rank, default=best)
