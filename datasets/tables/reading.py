"""A file as a typed table: whatever comes in, a Parquet copy with known columns and types goes out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from datasets.tables.csv_reading import read_csv
from datasets.tables.parquet_reading import read_parquet
from datasets.tables.sniffing import HEAD_BYTES, format_of
from datasets.tables.table import Dialect, Format, Limits, Progress, Table
from datasets.tables.unreadable import UnreadableFile

Reader = Callable[[Path, bytes, Path, Dialect | None, Progress | None, Limits], Table]

# A file format is a module with a reader, one line here, and its first bytes in `sniffing.format_of`.
READERS: dict[Format, Reader] = {"csv": read_csv, "parquet": read_parquet}


def read(
    path: Path,
    parquet: Path,
    dialect: Dialect | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Table:
    """Read the file at `path`, in batches, into a typed Parquet copy at `parquet`.

    Content decides what the file is, not its name; a given `dialect` is used instead of a guess. `progress`
    is called with the rows read so far. Only an empty cell is null. Raises UnreadableFile, leaving nothing.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    partial = parquet.with_name(parquet.name + ".part")
    try:
        reader = READERS[format_of(head)]
        table = reader(path, head, partial, dialect, progress, limits or Limits())
        if not table.rows:
            raise UnreadableFile("no-rows", "The file has a header and no rows.", "Upload it with its rows.")
        partial.replace(parquet)
    finally:
        partial.unlink(missing_ok=True)
    return Table(parquet, table.dialect, table.columns, table.rows, table.notes)
