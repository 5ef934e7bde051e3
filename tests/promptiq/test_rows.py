"""Rows by their numbers, as one reader may see them, and as strict JSON can hold them."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from unittest.mock import patch

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.models import Version
from datasets.tables.table import ROW
from governance.policies import MASK, Access, ColumnAccess, IndexTreatment
from promptiq.rows import fetch_rows, rows_from


def access(*masked: str, columns: tuple[str, ...] = ("name", "value")) -> Access:
    treatment = {True: IndexTreatment.MASK, False: IndexTreatment.INDEX}
    return Access(
        tuple(ColumnAccess(name, name in masked, treatment[name in masked], ()) for name in columns)
    )


def written(tmp_path: Path, values: list[object]) -> Path:
    """Groups of two rows."""
    path = tmp_path / "table.parquet"
    rows = {ROW: range(1, len(values) + 1), "name": [f"n{i}" for i in range(len(values))], "value": values}
    pq.write_table(pa.table({key: list(column) for key, column in rows.items()}), path, row_group_size=2)
    return path


def fetch(
    tmp_path: Path, values: list[object], numbers: list[int], given: Access, view_pii: bool = False
) -> dict[int, dict[str, object]]:
    path = written(tmp_path, values)
    with patch("promptiq.rows.local_parquet", return_value=path):
        return fetch_rows(Version(), numbers, given, view_pii)


def test_rows_come_by_their_number_in_the_file(tmp_path: Path) -> None:
    found = fetch(tmp_path, [10, 20, 30, 40, 50], [5, 2, 99], access())
    assert found == {2: {"name": "n1", "value": 20}, 5: {"name": "n4", "value": 50}}
    assert fetch(tmp_path, [10], [], access()) == {}


def test_what_is_masked_shows_neither_value_nor_emptiness(tmp_path: Path) -> None:
    found = fetch(tmp_path, [10, None], [1, 2], access("value"))
    assert [row["value"] for row in found.values()] == [MASK, MASK]
    assert fetch(tmp_path, [10], [1], access("value"), view_pii=True)[1]["value"] == 10


def test_a_column_that_nothing_was_decided_about_is_masked(tmp_path: Path) -> None:
    assert fetch(tmp_path, [10], [1], access(columns=("name",)))[1] == {"name": "n0", "value": MASK}


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (math.nan, None),
        (math.inf, None),
        (-math.inf, None),
        (None, None),
        (1.5, 1.5),
        (True, True),
        (2**62, 2**62),
        (Decimal("10.20"), "10.20"),
        (date(2024, 2, 29), "2024-02-29"),
        (datetime(2024, 2, 29, 12, 30, tzinfo=UTC), "2024-02-29T12:30:00+00:00"),
        (datetime(2024, 2, 29, 12, 30), "2024-02-29T12:30:00"),
        ("žluťoučký", "žluťoučký"),
    ],
)
def test_cells_are_strict_json(value: object, plain: object, tmp_path: Path) -> None:
    cell = fetch(tmp_path, [value], [1], access())[1]["value"]
    assert (cell, type(cell)) == (plain, type(plain))
    assert json.loads(json.dumps(cell, allow_nan=False)) == plain


def test_rows_in_a_row_leave_out_groups_before_and_after(tmp_path: Path) -> None:
    path = written(tmp_path, [*range(10)])
    read: list[int] = []

    class Watched(pq.ParquetFile):
        def iter_batches(self, *args: object, **options: object) -> object:
            for place in options["row_groups"]:
                for batch in super().iter_batches(**{**options, "row_groups": [place]}):
                    read.append(place)
                    yield batch

    with (
        patch("promptiq.rows.local_parquet", return_value=path),
        patch("promptiq.rows.pq.ParquetFile", Watched),
    ):
        found = rows_from(Version(), 4, 3, access("name"), view_pii=False)
    assert found == {number: {"name": MASK, "value": number - 1} for number in (4, 5, 6)}
    assert read == [1, 2]


def test_rows_beyond_the_end_are_none(tmp_path: Path) -> None:
    path = written(tmp_path, [*range(5)])
    with patch("promptiq.rows.local_parquet", return_value=path):
        assert [*rows_from(Version(), 5, 9, access(), view_pii=True)] == [5]
        assert rows_from(Version(), 6, 9, access(), view_pii=True) == {}
