"""A file as a typed table: whatever comes in, a Parquet copy with known columns and types goes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from datasets.tables.csv_reading import csv_source
from datasets.tables.parquet_reading import read_parquet
from datasets.tables.sniffing import HEAD_BYTES, format_of
from datasets.tables.table import Dialect, Format, Limits, Progress, Table
from datasets.tables.typed_copy import Source, write_typed
from datasets.tables.unreadable import UnreadableFile

# A file format that holds texts is a module with a source and one line here, with its first bytes in
# `sniffing.format_of`. Parquet, whose cells have types, is copied.
READERS: dict[Format, Callable[[Path, bytes, Dialect, Limits], Source]] = {"csv": csv_source}


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
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    partial = parquet.with_name(parquet.name + ".part")
    wish, bounds = dialect or Dialect(), limits or Limits()
    try:
        format = format_of(head)
        if format == "parquet":
            table = read_parquet(path, partial, wish, progress, bounds)
        else:
            table = write_typed(READERS[format](path, head, wish, bounds), partial, progress)
            if not table.rows:
                raise UnreadableFile(
                    "no-rows", "The file has a header and no rows.", "Upload it with its rows."
                )
        partial.replace(parquet)
    finally:
        partial.unlink(missing_ok=True)
    return replace(table, parquet=parquet)
