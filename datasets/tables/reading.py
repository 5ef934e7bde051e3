"""Reads any supported file into a typed Parquet copy with known columns and types."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from datasets.tables.edge_totals import may_begin_with_total
from datasets.tables.formats.csv_reading import csv_source
from datasets.tables.formats.jsonl_reading import jsonl_source
from datasets.tables.formats.parquet_reading import read_parquet
from datasets.tables.formats.xlsx_reading import sheets_of, xlsx_source
from datasets.tables.sniffing import HEAD_BYTES, format_of
from datasets.tables.table import Dialect, Format, Limits, Progress, Table
from datasets.tables.typed_copy import write_typed
from datasets.tables.typed_source import Source
from datasets.tables.unpacking import end_with_a_line, unpacked
from datasets.tables.unreadable import UnreadableFile

# How much of a file is read for a preview: enough for types and odd cells, and fast enough for a person who
# waits.
BEGINNING_ROWS = 20_000
BEGINNING_BYTES = 64 * 1024**2
_PERHAPS_TOTAL = (
    "The first row is called a total. If the whole file shows that it is the sum of the others, it will be "
    "set apart, so that sums do not count twice."
)

# Readers by format. A text format is one module with a source and one line here, and its first bytes in
# `sniffing.format_of`. Parquet has typed cells and is copied.
READERS: dict[Format, Callable[[Path, bytes, Dialect, Limits], Source]] = {
    "csv": csv_source,
    "jsonl": jsonl_source,
    "xlsx": xlsx_source,
}


def read(
    path: Path,
    parquet: Path,
    dialect: Dialect | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Table:
    """Read the file at `path`, in batches, into a typed Parquet copy at `parquet`.

    The content decides the format, not the name. What `dialect` leaves open is detected; the table's dialect
    is complete. `progress` gets the rows read so far. Raises UnreadableFile, and then leaves nothing behind.
    """
    partial = parquet.with_name(parquet.name + ".part")
    wish, bounds = dialect or Dialect(), limits or Limits()
    try:
        with unpacked(path, partial, bounds) as inner:
            table = _read(inner, partial, wish, progress, bounds)
        partial.replace(parquet)
    finally:
        partial.unlink(missing_ok=True)
    return replace(table, parquet=parquet)


def _read(path: Path, partial: Path, wish: Dialect, progress: Progress | None, limits: Limits) -> Table:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    format = format_of(head)
    if format == "parquet":
        return read_parquet(path, partial, wish, progress, limits)
    table = write_typed(READERS[format](path, head, wish, limits), partial, progress)
    if not table.rows:
        raise _no_rows()
    return table


@dataclass(frozen=True, slots=True)
class Beginning:
    """The first rows of a file in a typed copy. `whole`: the file has no others. `sheets`: of a workbook, by
    name in order; empty for other formats.
    """

    table: Table
    whole: bool
    sheets: tuple[str, ...] = ()


def read_beginning(
    path: Path,
    parquet: Path,
    dialect: Dialect | None = None,
    rows: int = BEGINNING_ROWS,
    limits: Limits | None = None,
) -> Beginning:
    """As `read`, for the first rows only, in time that hardly grows with the file.

    Types and notes are about these rows. For a text longer than BEGINNING_BYTES, so is the encoding. Raises
    UnreadableFile, and then leaves nothing behind.
    """
    wish, bounds = dialect or Dialect(), limits or Limits()
    partial = parquet.with_name(parquet.name + ".part")
    try:
        with unpacked(path, partial, bounds, first_bytes=BEGINNING_BYTES) as inner:
            is_cut = inner != path and inner.stat().st_size == BEGINNING_BYTES
            if is_cut:
                end_with_a_line(inner)
            found = _read_beginning(inner, partial, wish, rows, bounds)
        partial.replace(parquet)
    finally:
        partial.unlink(missing_ok=True)
    return replace(found, table=replace(found.table, parquet=parquet), whole=found.whole and not is_cut)


def _read_beginning(path: Path, partial: Path, wish: Dialect, rows: int, limits: Limits) -> Beginning:
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    format = format_of(head)
    if format == "parquet":
        table = read_parquet(path, partial, wish, None, limits, first_rows=rows)
        return Beginning(table, whole=table.rows == pq.read_metadata(path).num_rows)
    source, whole = READERS[format](path, head, wish, limits), True

    def first() -> Iterator[pa.RecordBatch]:
        nonlocal whole
        left = rows
        for batch in source.batches():
            if not left:
                whole = False
                return
            whole = whole and len(batch) <= left
            yield batch.slice(0, left)
            left -= min(left, len(batch))

    table = write_typed(replace(source, batches=first), partial, None)
    if not table.rows:
        raise _no_rows()
    if not whole and may_begin_with_total(table):
        table = replace(table, notes=(*table.notes, _PERHAPS_TOTAL))
    return Beginning(table, whole, sheets_of(path) if format == "xlsx" else ())


def _no_rows() -> UnreadableFile:
    return UnreadableFile("no-rows", "The file has a header and no rows.", "Upload it with its rows.")
