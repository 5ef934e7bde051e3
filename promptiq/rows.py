"""Reads rows of a version's typed copy by number, masked for one reader."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.models import Version
from datasets.storage import local_parquet
from datasets.tables.table import ROW, visible
from datasets.tables.values.clocks import clock_text
from governance.policies import Access, mask

# Rows decoded at once when a page of rows is read.
BATCH_ROWS = 1_024


def fetch_rows(
    version: Version, numbers: Sequence[int], access: Access, view_pii: bool
) -> dict[int, dict[str, Any]]:
    """Cells by column name for each existing row number. Masked values are the mask's constant.

    Values are JSON-safe: numbers, booleans, None, or text (dates in ISO 8601, times as 08:15:00). NaN and
    infinity, which JSON lacks, are None.
    """
    return _as_seen(_read(version, numbers).to_pylist(), access, view_pii) if numbers else {}


def _read(version: Version, numbers: Sequence[int]) -> pa.Table:
    # Row numbers rise through the file, so row groups without a wanted one are not read.
    parquet = local_parquet(version)
    columns = [ROW, *visible(pq.read_schema(parquet).names)]
    return pq.read_table(parquet, columns=columns, filters=[(ROW, "in", list(numbers))], use_threads=False)


def rows_from(
    version: Version, first: int, limit: int, access: Access, view_pii: bool
) -> dict[int, dict[str, Any]]:
    """At most `limit` rows from number `first` on, in file order, in the form of fetch_rows.

    Earlier row groups are skipped by their statistics. At most one batch is in memory.
    """
    found: list[dict[str, Any]] = []
    with pq.ParquetFile(local_parquet(version)) as file:
        groups = _groups_from(file, first)
        columns = [ROW, *visible(file.schema_arrow.names)]
        for batch in file.iter_batches(BATCH_ROWS, row_groups=groups, columns=columns, use_threads=False):
            wanted = batch.filter(pc.greater_equal(batch[ROW], first))
            found += wanted.slice(0, limit - len(found)).to_pylist()
            if len(found) == limit:
                break
    return _as_seen(found, access, view_pii)


def every_row(version: Version, access: Access, view_pii: bool) -> Iterator[dict[str, Any]]:
    """The cells of all rows in file order, in the form of fetch_rows. One batch is in memory.

    Raises FileNotFoundError and TypedCopyDamaged at once, not at the first row.
    """
    return _every_row(pq.ParquetFile(local_parquet(version)), access, view_pii)


def _every_row(file: pq.ParquetFile, access: Access, view_pii: bool) -> Iterator[dict[str, Any]]:
    with file:
        columns = [ROW, *visible(file.schema_arrow.names)]
        for batch in file.iter_batches(BATCH_ROWS, columns=columns, use_threads=False):
            yield from _as_seen(batch.to_pylist(), access, view_pii).values()


def _groups_from(file: pq.ParquetFile, first: int) -> list[int]:
    """The row groups that may contain this row or a later one."""
    column = file.schema_arrow.get_field_index(ROW)
    described = [
        file.metadata.row_group(place).column(column).statistics for place in range(file.num_row_groups)
    ]
    return [
        place
        for place, known in enumerate(described)
        if not (known and known.has_min_max and known.max < first)
    ]


def _as_seen(rows: list[dict[str, Any]], access: Access, view_pii: bool) -> dict[int, dict[str, Any]]:
    seen = {}
    for row in rows:
        number = int(row.pop(ROW))
        seen[number] = {name: _plain(value) for name, value in mask(row, access, view_pii).items()}
    return seen


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, time | timedelta):
        return clock_text(value)
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
