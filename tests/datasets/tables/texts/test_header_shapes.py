"""A file without a header: the first person must not become the names of its columns."""

from __future__ import annotations

from pathlib import Path

import pytest

from datasets.tables.reading import read
from datasets.tables.table import column_names
from datasets.tables.texts.header_shapes import is_personal_value, is_row_of_values
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
