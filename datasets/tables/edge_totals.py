"""A total in the first or the last row that lacks nothing a row has: told by its name and by its sums."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables.table import ROW, SetApart, Table, TableColumn
from datasets.tables.typed_source import Source
from datasets.tables.values.cell_forms import TOTAL
from datasets.tables.values.column_types import ColumnType

# Two rows may have the same number by chance; a total has at least so many under it.
LEAST_ROWS = 3
# Columns, from the left, in which a row is called a total.
NAMED_IN = 4
_NUMBERS = {ColumnType.INT, ColumnType.FLOAT}


def edge_total(table: Table) -> int | None:
    """The number of a first or last row that is called a total and is the sum of all others in a column at
    least; None: there is none. A thing may be called Total, too, but does not add up."""
    if table.rows < LEAST_ROWS:
        return None
    for number in (table.rows, 1):
        row = _row(table, number)
        if _names_total(table, row) and any(
            _is_sum(table, column, row[column.name]) for column in _numbers(table)
        ):
            return number
    return None


def may_begin_with_total(table: Table) -> bool:
    """Whether the first row of these, which are not all, is called a total and has more than the others that
    were read: only the whole file tells."""
    row = _row(table, 1)
    return _names_total(table, row) and any(
        (value := row[column.name]) is not None and value > _sum(table, column) - value
        for column in _numbers(table)
    )


def _names_total(table: Table, row: dict[str, Any]) -> bool:
    texts = [column for column in table.columns if column.type == ColumnType.STRING][:NAMED_IN]
    return any(_is_called_total(row[column.name]) for column in texts)


def _numbers(table: Table) -> list[TableColumn]:
    return [column for column in table.columns if column.type in _NUMBERS and column.unit != "%"]


def _row(table: Table, number: int) -> dict[str, Any]:
    file = pq.ParquetFile(table.parquet)
    group = 0 if number == 1 else file.num_row_groups - 1
    rows = file.read_row_group(group, columns=[ROW, *(column.name for column in table.columns)])
    found: dict[str, Any] = rows.filter(pc.equal(rows[ROW], number)).to_pylist()[0]
    return found


def _is_called_total(cell: str | None) -> bool:
    called = TOTAL.fullmatch(cell.strip()) if cell else None
    return bool(called and not called["group"] and not (called["more"] or "").strip(" :."))


def _is_sum(table: Table, column: TableColumn, value: Any) -> bool:
    if not value or value != value:
        return False
    total = _sum(table, column)
    if isinstance(total, Decimal | int):
        return bool(total == 2 * value)
    return math.isclose(total, 2 * value, rel_tol=1e-9)


def _sum(table: Table, column: TableColumn) -> Any:
    total: Any = 0
    for batch in pq.ParquetFile(table.parquet).iter_batches(columns=[column.name]):
        total += pc.sum(batch.column(0)).as_py() or 0
    return total


def without_row(source: Source, number: int) -> Source:
    """The same source, one of its rows set apart as a total."""

    def batches() -> Iterator[pa.RecordBatch]:
        begin, cells = 0, tuple[str, ...]()
        for batch in source.batches():
            place = number - 1 - begin
            begin += len(batch)
            if not 0 <= place < len(batch):
                yield batch
                continue
            cells = tuple(column[place].as_py() or "" for column in batch.columns)
            yield from (part for part in (batch.slice(0, place), batch.slice(place + 1)) if len(part))
        source.set_apart.append(SetApart(number - 1, "total", cells))

    where = "first" if number == 1 else "last"
    note = f"The {where} row is the total of the others: it was set apart, so that sums do not count twice."
    return replace(source, batches=batches, notes=lambda: [*source.notes(), note])
