"""Cells of CSV files: no spreadsheet takes one for a formula, whatever it takes for a separator."""

from __future__ import annotations

import csv
import io

import pytest

from omdplatform.base.csv_export import csv_lines, inert

DANGEROUS = [
    "=1+1",
    "+1+1",
    "-1+1|cmd",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "\n=1",
    '"=1',
    "-",
    "+44 20",
]


@pytest.mark.parametrize("cell", DANGEROUS)
def test_a_formula_becomes_text(cell: str) -> None:
    assert inert(cell).lstrip(' \t\r\n"')[0] == "'"
    assert inert(cell).replace("'", "", 1) == cell


@pytest.mark.parametrize("separator", [";", "\t", "\n", "\r\n"])
@pytest.mark.parametrize("cell", DANGEROUS)
def test_no_formula_stands_behind_what_other_spreadsheets_cut_at(separator: str, cell: str) -> None:
    written = b"".join(csv_lines(["a", "b"], [["x", f"plain{separator}{cell}"]])).decode()
    for piece in written.replace("\r", "\n").replace("\t", "\n").replace(";", "\n").split("\n"):
        assert not piece.lstrip(' "').startswith(("=", "+", "-", "@", "＝"))


@pytest.mark.parametrize("cell", ["-12.5", "0", "1e-05", "12", "plain", "a=b", "a - b", "x@y.example"])
def test_numbers_and_plain_text_stay(cell: str) -> None:
    assert inert(cell) == cell


def test_nothing_is_empty_and_lines_can_be_read_again() -> None:
    lines = list(csv_lines(["name", "says"], [["Zoë", None], ["a,b", 'two\n"lines"'], [True, -3]]))
    assert lines[0].startswith(b"\xef\xbb\xbf")
    assert len(lines) == 4
    read = list(csv.reader(io.StringIO(b"".join(lines).decode("utf-8-sig"))))
    assert read == [["name", "says"], ["Zoë", ""], ["a,b", 'two\n"lines"'], ["True", "-3"]]
