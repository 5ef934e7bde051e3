"""Decides whom or what a table is about: its subject.

Protection counts different subjects, not rows: eight months of one person's pay are eight rows and one
subject. The subject is the column that tells people apart, else the column that numbers the things that rows
are about, else the row itself. Pure: profiles and findings in, column out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance.classifier import Finding
from governance.recognisers.column import ProfiledColumn
from governance.recognisers.header_reading import Header, read_header
from governance.recognisers.vocabulary import ACTORS, IDENTIFIERS, IDENTIFIERS_OF_PEOPLE, words

_PART_OF_A_NAME = words("subjects", "part_of_a_name")

# If more than this share of its cells is empty (0–1), a column does not say whose each row is.
_MOST_GAPS = 0.1
# With this many more numbers than names, a column numbers visits or orders of people rather than people.
# People who share a name give much less: 10,000 made-up customers have about 8,000 names.
_NUMBERS_A_NAME = 2
_NUMBERED_TYPES = frozenset({"INT", "STRING"})


class SubjectKind(StrEnum):
    PERSON = "person"
    IDENTIFIER = "identifier"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Subject:
    """`column`: None if each row is a subject of its own. `distinct`: different subjects in the table, as the
    profile counts them. `reasons`: plain sentences, without values.
    """

    column: str | None
    kind: SubjectKind
    distinct: int
    reasons: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Keys column, kind, distinct, reasons (a list)."""
        return {
            "column": self.column,
            "kind": self.kind.value,
            "distinct": self.distinct,
            "reasons": list(self.reasons),
        }


@dataclass(frozen=True, slots=True)
class _Column:
    position: int
    profile: ProfiledColumn
    finding: Finding
    header: Header

    @property
    def acts(self) -> bool:
        return bool(ACTORS & set(self.header.words))

    def holds(self, *entities: str) -> bool:
        return self.finding.entity in entities and self.finding.personal


def subject_of(profiles: Sequence[ProfiledColumn], findings: Sequence[Finding]) -> Subject:
    """`profiles`, `findings`: one for each column, in the same order (ValueError if they differ).

    An empty cell does not say whose the row is: all empty cells count as one subject.
    """
    columns = [
        _Column(position, profile, finding, read_header(profile.name))
        for position, (profile, finding) in enumerate(zip(profiles, findings, strict=True))
    ]
    whole = [column for column in columns if _may_be_a_subject(column)]
    for is_kind, kind, reason in _READINGS:
        fitting = [column for column in whole if is_kind(column)]
        if is_kind is _numbers_people:
            fitting = _without_events_of(fitting, whole)
        if is_kind is _numbers_things:
            fitting = _that_repeat(fitting) or fitting
        if fitting:
            return _subject(_finest(fitting), kind, reason)
    rows = max((profile.rows for profile in profiles), default=0)
    return Subject(None, SubjectKind.ROW, rows, ("no column says of every row whom or what it is about",))


def _may_be_a_subject(column: _Column) -> bool:
    profile = column.profile
    return profile.distinct > 1 and profile.nulls <= profile.rows * _MOST_GAPS


def _numbers_people(column: _Column) -> bool:
    """Identity numbers, and columns whose header is a person's number: "employee_no"."""
    if column.acts:
        return False
    if column.holds("US_SSN", "NATIONAL_ID"):
        return True
    if column.profile.type not in _NUMBERED_TYPES or column.finding.entity not in (
        "NONE",
        "USERNAME",
        "HEALTH",
    ):
        return False
    said = set(column.header.words)
    if len(said) <= 2 and IDENTIFIERS_OF_PEOPLE & said:
        return True
    others = said - IDENTIFIERS
    return bool(others) and others != said and _only_people(others)


def _only_people(said: Iterable[str]) -> bool:
    return all("person" in read_header(word).about for word in said)


def _without_events_of(numbered: list[_Column], columns: Sequence[_Column]) -> list[_Column]:
    names = [column.profile.distinct for column in columns if _names_people(column)]
    most = max(names, default=0) * _NUMBERS_A_NAME
    return [column for column in numbered if not most or column.profile.distinct < most]


def _names_people(column: _Column) -> bool:
    return column.holds("PERSON") and not column.acts and not _PART_OF_A_NAME & set(column.header.words)


def _reaches_people(column: _Column) -> bool:
    return column.holds("EMAIL", "USERNAME", "PHONE") and not column.acts


def _names_people_in_part(column: _Column) -> bool:
    return column.holds("PERSON") and not column.acts


def _acts_on_rows(column: _Column) -> bool:
    return column.acts and column.holds("PERSON", "EMAIL", "USERNAME")


def _numbers_things(column: _Column) -> bool:
    """Columns whose header is a number: "account_no", "machine id"."""
    if column.profile.type not in _NUMBERED_TYPES or column.acts:
        return False
    return bool(IDENTIFIERS & set(column.header.words)) and column.finding.entity in ("NONE", "IBAN", "VIN")


def _that_repeat(numbered: Iterable[_Column]) -> list[_Column]:
    """Numbers that repeat, unless they are a thing's or a firm's. Beside each payment's number stands the
    account, and counting payments would count one person many times.
    """
    return [
        column
        for column in numbered
        if column.profile.distinct < column.profile.rows
        and not {"thing", "organisation"} & column.header.about
    ]


# The first that fits a column of the table decides.
_READINGS: tuple[tuple[Callable[[_Column], bool], SubjectKind, str], ...] = (
    (_numbers_people, SubjectKind.PERSON, "it numbers people"),
    (_names_people, SubjectKind.PERSON, "it names people"),
    (_reaches_people, SubjectKind.PERSON, "it says how to reach people"),
    (_names_people_in_part, SubjectKind.PERSON, "it names people in part; no column names them whole"),
    (_acts_on_rows, SubjectKind.PERSON, "it names people who act, and the table is about no others"),
    (
        _numbers_things,
        SubjectKind.IDENTIFIER,
        "no column stands for people, and it numbers what rows are about",
    ),
)


def _finest(columns: Sequence[_Column]) -> _Column:
    """The one with most different values, or the leftmost of equals: of first and last names, the last."""
    return max(columns, key=lambda column: (column.profile.distinct, -column.position))


def _subject(column: _Column, kind: SubjectKind, reason: str) -> Subject:
    profile = column.profile
    told = f"{profile.distinct} different values in {profile.rows} rows"
    return Subject(profile.name, kind, profile.distinct, (reason, told))
