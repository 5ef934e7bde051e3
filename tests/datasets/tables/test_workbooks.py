"""Excel workbooks: which sheet, which rows of it, and what its cells are."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from datasets.tables.reading import read, read_beginning
from datasets.tables.table import Dialect, read_description, visible
from datasets.tables.unreadable import UnreadableFile
from tests.datasets.tables.workbooks import Formula, workbook

SALES = [
    ["Sales of the yard"],
    [],
    ["Day", "Tree", "Code", "Logs", "Price", "Paid", "Sent"],
    [date(2025, 1, 3), "oak", "0012", 4, 1.25, True, datetime(2025, 1, 4, 9, 30)],
    [date(2025, 1, 4), "elm", "0013", 6, Formula("E4*2", 2.5), False, datetime(2025, 1, 5, 0, 0)],
    [date(2025, 1, 5), "ash", "0014", 5, None, True, datetime(2025, 1, 6, 17, 5)],
    ["Total", None, None, 15, 3.75],
]
BOOK = {"About": [["Made by the office"]], "Sales": SALES, "Prices": [["tree", "euro"], ["oak", 3]]}


def _columns(parquet: Path) -> dict[str, list[Any]]:
    whole = pq.read_table(parquet)
    return whole.select(visible(whole.column_names)).to_pydict()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    written = tmp_path / "book.xlsx"
    written.write_bytes(workbook(BOOK))
    return written


def test_the_largest_sheet_is_read_with_values_of_its_cells(path: Path, tmp_path: Path) -> None:
    table = read(path, tmp_path / "out.parquet")
    assert _columns(table.parquet) == {
        "Day": [date(2025, 1, 3), date(2025, 1, 4), date(2025, 1, 5)],
        "Tree": ["oak", "elm", "ash"],
        "Code": ["0012", "0013", "0014"],
        "Logs": [4, 6, 5],
        "Price": [Decimal("1.25"), Decimal("2.50"), None],
        "Paid": [True, False, True],
        "Sent": [datetime(2025, 1, 4, 9, 30), datetime(2025, 1, 5), datetime(2025, 1, 6, 17, 5)],
    }
    assert table.dialect.sheet == "Sales"
    assert [each.kind for each in read_description(table.parquet).set_apart] == ["total"]
    assert any("2 others" in note for note in table.notes)


def test_another_sheet_can_be_chosen(path: Path, tmp_path: Path) -> None:
    found = read_beginning(path, tmp_path / "out.parquet", Dialect(sheet="Prices"))
    assert found.sheets == ("About", "Sales", "Prices")
    assert _columns(found.table.parquet) == {"tree": ["oak"], "euro": [3]}


def test_refusals_say_what_to_do(path: Path, tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile) as missing:
        read(path, tmp_path / "out.parquet", Dialect(sheet="Trees"))
    assert missing.value.code == "no-such-sheet"
    path.write_bytes(workbook({"Empty": []}))
    with pytest.raises(UnreadableFile) as empty:
        read(path, tmp_path / "out.parquet")
    assert empty.value.code == "empty-file"
    content = workbook(BOOK)
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableFile) as damaged:
        read(path, tmp_path / "out.parquet")
    assert damaged.value.code in {"damaged-workbook", "damaged-archive"}
    assert damaged.value.remedy
