"""Whom or what a table is about."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from governance.classifier import classify
from governance.subjects import Subject, SubjectKind, subject_of
from tests.governance import tables
from tests.governance.tables import as_table, many

PEOPLE = many(tables.full_name, 30, seed=4)
MONTHS = 8


def numbered(shape: str, count: int = 30) -> list[str]:
    return [shape.format(place) for place in range(1, count + 1)]


def monthly(values: Sequence[str]) -> list[str]:
    return [value for value in values for _ in range(MONTHS)]


def subject(table: dict[str, Sequence[str | None]], types: dict[str, str] | None = None) -> Subject:
    sample, profiles = as_table(table, types)
    return subject_of(profiles, classify(sample, profiles, "table"))


PAY = {"month": [f"2024-0{month}" for month in range(1, MONTHS + 1)] * 30}


def test_the_number_of_an_employee_is_the_subject_of_a_payroll() -> None:
    found = subject({"employee_no": monthly(numbered("E{:04}")), "full_name": monthly(PEOPLE), **PAY})
    assert (found.column, found.kind, found.distinct) == ("employee_no", SubjectKind.PERSON, 30)
    assert found.reasons[-1] == "30 different values in 240 rows"


@pytest.mark.parametrize("header", ["Personalnummer", "Kundennr", "PatientID", "member_no", "user_id", "mrn"])
def test_numbers_of_people_in_several_languages(header: str) -> None:
    assert subject({header: monthly(numbered("{:05}")), "score": numbered("{}.5", 240)}).column == header


def test_a_name_is_the_subject_where_nothing_numbers_people() -> None:
    table = {"payslip_id": numbered("{:05}", 240), "full_name": monthly(PEOPLE), **PAY}
    assert subject(table).column == "full_name"


def test_a_number_of_each_visit_does_not_stand_for_people() -> None:
    """Called the customer's, it is another in each row of the same person."""
    assert subject({"customer_no": numbered("{:05}", 240), "name": monthly(PEOPLE)}).column == "name"


def test_who_acted_on_rows_is_not_whom_they_are_about() -> None:
    doctors = [PEOPLE[place % 3] for place in range(30)]
    patients = many(tables.full_name, 30, seed=9)
    assert subject({"doctor_name": doctors, "patient_name": patients}).column == "patient_name"
    alone = subject({"visit": numbered("V{:03}"), "doctor_name": doctors})
    assert alone.column == "doctor_name"
    assert "who act" in alone.reasons[0]


def test_the_finer_part_of_a_name_stands_for_people() -> None:
    first = [tables.FIRST[place % 5] for place in range(30)]
    last = [tables.LAST[place % 9] for place in range(30)]
    assert subject({"first_name": first, "last_name": last}).column == "last_name"


def test_addresses_come_after_names() -> None:
    mail = many(tables.email, 30)
    assert subject({"first_name": [tables.FIRST[0], tables.FIRST[1]] * 15, "email": mail}).column == "email"
    assert subject({"email": mail, "full_name": PEOPLE}).column == "full_name"


def test_an_identifier_stands_in_where_no_column_is_of_people() -> None:
    found = subject({"id": numbered("{}", 240), "account_ref": monthly(numbered("A{:03}")), **PAY})
    assert (found.column, found.kind) == ("account_ref", SubjectKind.IDENTIFIER)
    machines = {"order_id": numbered("{}", 240), "product_id": monthly(numbered("P{:03}"))}
    assert subject(machines).column == "order_id"


@pytest.mark.parametrize(
    "table",
    [
        {"price": numbered("{}.5"), "colour": ["red", "blue"] * 15},
        {"employee_no": ["E1", *[None] * 29], "price": numbered("{}.5")},
        {"employee_no": ["E1"] * 30, "price": numbered("{}.5")},
    ],
    ids=["no number", "a number with gaps", "one number for all"],
)
def test_the_row_is_the_subject_where_no_column_says_of_every_row(
    table: dict[str, Sequence[str | None]],
) -> None:
    found = subject(table)
    assert (found.column, found.kind, found.distinct) == (None, SubjectKind.ROW, 30)


def test_an_empty_table_has_no_subject_and_no_rows() -> None:
    assert subject_of([], []).as_json() == {
        "column": None,
        "kind": "row",
        "distinct": 0,
        "reasons": ["no column says of every row whom or what it is about"],
    }


def test_profiles_and_findings_must_belong_together() -> None:
    sample, profiles = as_table({"a": ["1", "2"]})
    with pytest.raises(ValueError, match="shorter"):
        subject_of([*profiles, *profiles], classify(sample, profiles))


def test_reasons_hold_no_values() -> None:
    found = subject({"employee_no": numbered("E{:04}"), "full_name": PEOPLE})
    assert not any(value in str(found.as_json()["reasons"]) for value in [*PEOPLE, *numbered("E{:04}")])
