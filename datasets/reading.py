"""A file as a typed table: whatever comes in, a Parquet copy with known columns and types goes out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from datasets.column_types import ColumnType
from datasets.unreadable import UnreadableFile

__all__ = [
    "ColumnType",
    "Dialect",
    "Limits",
    "Table",
    "TableColumn",
    "UnreadableFile",
    "column_names",
    "read",
]

# The physical column of a row's number in the file: 1-based, the header not counted.
ROW = "_row"
# Rows of one row group: few enough that a lookup by row number reads little.
ROW_GROUP_ROWS = 16_384

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file was read. For Parquet everything but the format is None or without meaning.

    `skip_lines`: records before the header (titles, blank lines). `quote_char`: None: quotes mean nothing.
    """

    format: Literal["csv", "parquet"]
    encoding: str | None = None
    delimiter: str | None = None
    quote_char: str | None = None
    has_header: bool = True
    skip_lines: int = 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Dialect:
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table may have at most: more is refused with a clear error."""

    columns: int = 2_000
    cell_characters: int = 1_000_000


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`position`: 0-based. `name`: stripped, unique in the table whatever its case."""

    position: int
    name: str
    type: ColumnType


@dataclass(frozen=True, slots=True)
class Table:
    """A typed copy at `parquet`: the column `_row`, then the columns by their names, `rows` rows.

    `notes`: sentences for people on what was mended or decided, without values.
    """

    parquet: Path
    dialect: Dialect
    columns: tuple[TableColumn, ...]
    rows: int
    notes: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "parquet": str(self.parquet)}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Table:
        columns = tuple(
            TableColumn(column["position"], column["name"], ColumnType(column["type"]))
            for column in data["columns"]
        )
        return cls(
            Path(data["parquet"]),
            Dialect.from_json(data["dialect"]),
            columns,
            data["rows"],
            tuple(data["notes"]),
        )


def read(
    path: Path,
    parquet: Path,
    dialect: Dialect | None = None,
    progress: Progress | None = None,
    limits: Limits | None = None,
) -> Table:
    """Read the CSV or Parquet file at `path`, in batches, into a typed Parquet copy at `parquet`.

    Content decides what the file is, not its name; a given `dialect` is used instead of a guess. `progress`
    is called with the rows read so far. Only an empty cell is null. Raises UnreadableFile, leaving nothing.
    """
    from datasets.csv_reading import read_csv
    from datasets.parquet_reading import read_parquet
    from datasets.sniffing import HEAD_BYTES, is_parquet, refuse_foreign

    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    partial = parquet.with_name(parquet.name + ".part")
    try:
        if is_parquet(head):
            table = read_parquet(path, partial, progress, limits or Limits())
        else:
            refuse_foreign(head)
            table = read_csv(path, head, partial, dialect, progress, limits or Limits())
        if not table.rows:
            raise UnreadableFile("no-rows", "The file has a header and no rows.", "Upload it with its rows.")
        partial.replace(parquet)
    finally:
        partial.unlink(missing_ok=True)
    return Table(parquet, table.dialect, table.columns, table.rows, table.notes)


def column_names(headers: Sequence[str]) -> list[str]:
    """Names from headers: blanks folded, empty ones numbered by place, doubles by turn; `_row` is ours."""
    taken = {ROW}
    names = []
    for place, header in enumerate(headers, start=1):
        base = " ".join(header.split())[:500] or f"column_{place}"
        name, turn = base, 2
        while name.casefold() in taken:
            name, turn = f"{base}_{turn}", turn + 1
        taken.add(name.casefold())
        names.append(name)
    return names
