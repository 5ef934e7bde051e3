"""A file without a header: the first person must not become the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from datasets.tables.reading import read
from datasets.tables.table import column_names
from datasets.tables.texts.header_shapes import is_personal_value, is_row_of_values, without_values
from tests.governance import tables
from tests.governance.tables import many

VALUES = [
    "anna.berg@example.org",
    "<anna@example.org>",
    "+49 30 5550134",
    "(030) 555 0134",
    "0171-5550134",
    "212-555-0134",
    "078-05-1120",
    "DE89 3704 0044 0532 0130 00",
    "4111 1111 1111 1111",
    "3c:22:fb:1a:09:e7",
]
NAMES = [
    "",
    "e-mail",
    "Phone (home)",
    "2024",
    "2024-01-31",
    "01.02.2024",
    "2019-2020",
    "Q1 2024",
    "product_12345678",
    "0-4 years",
    "user@host",
    "1234567890123456",
    "DE00 0000 0000 0000 0000 00",
    "A1B2C3D4E5F6G7H8",
]


@pytest.mark.parametrize("cell", VALUES)
def test_values_of_people_by_their_form(cell: str) -> None:
    assert is_personal_value(cell)


@pytest.mark.parametrize("cell", NAMES)
def test_names_of_columns_are_none(cell: str) -> None:
    assert not is_personal_value(cell)


def test_made_up_values_of_each_kind_are_told() -> None:
    for make in (tables.email, tables.iban, tables.card, tables.ssn):
        assert all(map(is_personal_value, many(make, 50)))


def test_a_row_with_one_birthday_is_somebodys_and_one_of_dates_is_a_header() -> None:
    assert is_row_of_values(["Anna Berg", "1984-05-12", "Sales"])
    assert not is_row_of_values(["region", "2024-01-01", "2024-02-01", "2024-03-01"])
    assert not is_row_of_values(["region", "kind", "2024-01-01"])
    assert not is_row_of_values(["name", "born", "team"])


def test_a_column_is_never_called_by_somebodys_value() -> None:
    assert column_names(["name", "anna@example.org", "+49 30 5550134"]) == ["name", "column_2", "column_3"]


@pytest.mark.parametrize(
    "row",
    ["Anna Berg{0},anna{0}@example.org,Sales", "Anna Berg{0},1984-05-1{0},Sales", "Anna,212-555-013{0},yes"],
)
def test_a_file_without_header_keeps_its_first_row(tmp_path: Path, row: str) -> None:
    file = tmp_path / "people.csv"
    file.write_text("".join(row.format(place) + "\n" for place in range(1, 8)))
    table = read(file, tmp_path / "table.parquet")
    assert table.rows == 7
    assert not any("Anna" in column.name for column in table.columns)


def written(folder: Path, lines: Sequence[str]) -> tuple[list[str], int]:
    """What the columns of a file of these lines are called, and how many rows it has."""
    file = folder / "file.csv"
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    table = read(file, folder / "table.parquet")
    return [column.name for column in table.columns], table.rows


PEOPLE = ["Anna Weber", "James Miller", "Laura Becker", "Peter Novak", "Sofia Rossi", "Thomas Jones"]
HEADLESS = {
    "full names": PEOPLE,
    "a name that nobody knows over known ones": ["Anna Quenbyzwart", *PEOPLE],
    "surname first": [
        '"Weber, Anna"',
        '"Miller, James"',
        '"Becker, Laura"',
        '"Novak, Peter"',
        '"Rossi, Sofia"',
    ],
    "first names": ["Anna", "James", "Laura", "Peter", "Sofia", "Thomas"],
    "names and teams": [f"{name},{team}" for name, team in zip(PEOPLE, ("Sales", "IT") * 3, strict=True)],
    "names and illnesses": [f"{name};Asthma" for name in PEOPLE],
    "addresses of e-mail": [f"anna.w{place}@example.org" for place in range(5)],
    "streets": [f"Rosenweg {place}" for place in range(17, 22)],
    "streets after their numbers": [f"{place} Old Mill Lane" for place in range(17, 22)],
    "plates": [f"HH-AB {place}" for place in range(170, 175)],
    "numbers of people": [f"{place}TRWAGM" for place in range(12345670, 12345675)],
    "devices": [f"3c:22:fb:1a:09:e{place}" for place in range(5)],
}


@pytest.mark.parametrize("lines", HEADLESS.values(), ids=HEADLESS)
def test_first_row_of_what_has_no_header_is_a_row(tmp_path: Path, lines: Sequence[str]) -> None:
    names, rows = written(tmp_path, lines)
    assert rows == len(lines)
    assert all(re.fullmatch(r"column_\d", name) for name in names)


HEADED = {
    "words that are names too": ["Sales Name", *PEOPLE],
    "a name over numbers": ["Rose,Mark", "Anna,1", "James,2", "Laura,1", "Peter,3"],
    "a city over cities": [
        f"{city},{n}x" for n, city in enumerate(("San Jose", "San Diego", "Santa Ana", "Santa Rosa"))
    ],
    "a counted line": ["Address 1,id", "Rosenweg 17,a", "Lindenweg 4,b", "Am Anger 20,c", "Rosenweg 3,d"],
    "a quarter over quarters": ["Q1,Q2", "Q3,a", "Q4,b", "Q2,c", "Q1,d"],
    "initials of kinds": ["ISO 3,kind", "DE 276,a", "FR 250,b", "IT 380,c", "ES 724,d"],
}


@pytest.mark.parametrize("lines", HEADED.values(), ids=HEADED)
def test_headers_that_look_like_names_stay(tmp_path: Path, lines: Sequence[str]) -> None:
    _, rows = written(tmp_path, lines)
    assert rows == len(lines) - 1


def test_a_table_that_is_laid_out_by_people_names_none_of_them() -> None:
    assert without_values(["month", "Anna Weber", "James Miller"]) == ["month", "", ""]
    assert without_values(["month", "San Jose", "Santa Ana"]) == ["month", "San Jose", "Santa Ana"]
    assert without_values(["Sales Name", "Bill To", "Mark Price"]) == ["Sales Name", "Bill To", "Mark Price"]


def test_values_within_a_header_are_left_out() -> None:
    assert without_values(["Write to anna@example.org!", "Call +49 30 5550134 (Berlin)", "Call 112"]) == [
        "Write to •••!",
        "Call ••• (Berlin)",
        "Call 112",
    ]
