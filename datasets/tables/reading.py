"""A file as a typed table: whatever comes in, a Parquet copy with known columns and types goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from datasets.tables.formats.csv_reading import csv_source
from datasets.tables.formats.jsonl_reading import jsonl_source
from datasets.tables.formats.parquet_reading import read_parquet
from datasets.tables.formats.xlsx_reading import xlsx_source
from datasets.tables.sniffing import HEAD_BYTES, format_of
from datasets.tables.table import Dialect, Format, Limits, Progress, Table, TableColumn
from datasets.tables.typed_copy import Source, first_rows, notes_on, write_typed
from datasets.tables.unpacking import unpacked
from datasets.tables.unreadable import UnreadableFile

# A file format that holds texts is a module with a source and one line here, with its first bytes in
# `sniffing.format_of`. Parquet, whose cells have types, is copied.
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

    Content decides what the file is, not its name. What `dialect` says is obeyed; what it leaves open is
    found out, and the table's dialect says all of it. `progress` is called with the rows read so far. Raises
    UnreadableFile, leaving nothing.
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
        raise UnreadableFile("no-rows", "The file has a header and no rows.", "Upload it with its rows.")
    return table


@dataclass(frozen=True, slots=True)
class Preview:
    """The first rows of a file as they would be. `written`, `values`: rows × columns, cells as texts as they
    were written, and typed; None where there is nothing.
    """

    dialect: Dialect
    columns: tuple[TableColumn, ...]
    values: list[list[Any]]
    written: list[list[str | None]]
    notes: tuple[str, ...]


def preview(
    path: Path, dialect: Dialect | None = None, rows: int = 50, limits: Limits | None = None
) -> Preview:
    """The first rows, typed and as written, by the types of the first 50,000. Raises UnreadableFile.

    Notes tell of these rows alone.
    """
    wish, bounds = dialect or Dialect(), limits or Limits()
    with TemporaryDirectory() as folder, unpacked(path, Path(folder) / "preview", bounds) as inner:
        with inner.open("rb") as file:
            head = file.read(HEAD_BYTES)
        format = format_of(head)
        if format == "parquet":
            return _preview_parquet(inner, Path(folder) / "copy", rows, bounds)
        source = READERS[format](inner, head, wish, bounds)
        readings, cells = first_rows(source, rows)
        columns = tuple(
            TableColumn(place, name, reading.type, reading.unit, written=not reading.plain)
            for place, (name, reading) in enumerate(zip(source.names, readings, strict=True))
        )
        values, written = (list(map(list, zip(*(side.to_pylist() for side in sides), strict=True)))
                           for sides in zip(*cells, strict=True))  # fmt: skip
        notes = (*source.notes(), *notes_on(columns, readings))
        return Preview(source.dialect, columns, values, written, notes)


def _preview_parquet(path: Path, copy: Path, rows: int, limits: Limits) -> Preview:
    table = read_parquet(path, copy, Dialect(), None, limits)
    names = [column.name for column in table.columns]
    with pq.ParquetFile(copy) as file:
        batch = next(file.iter_batches(rows, columns=names), None)
    found = [list(row.values()) for row in batch.to_pylist()] if batch is not None else []
    texts = [[None if cell is None else str(cell) for cell in row] for row in found]
    return Preview(table.dialect, table.columns, found, texts, table.notes)
