"""What a table is once it was read: its columns, their types, how the file was read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from datasets.tables.column_types import ColumnType
from datasets.tables.header_shapes import without_value

# The physical column of a row's number in the file: 1-based, the header not counted.
ROW = "_row"
# Rows of one row group: few enough that a lookup by row number reads little.
ROW_GROUP_ROWS = 16_384

Progress = Callable[[int], None]
Format = Literal["csv", "parquet"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file was read. For Parquet everything but the format is None or without meaning.

    `skip_lines`: records before the header (titles, blank lines). `quote_char`: None: quotes mean nothing.
    """

    format: Format
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


def column_names(headers: Sequence[str]) -> list[str]:
    """Names from headers: blanks folded, empty ones numbered by place, doubles by turn; `_row` is ours."""
    taken = {ROW}
    names = []
    for place, header in enumerate(map(without_value, headers), start=1):
        base = " ".join(header.split())[:500] or f"column_{place}"
        name, turn = base, 2
        while name.casefold() in taken:
            name, turn = f"{base}_{turn}", turn + 1
        taken.add(name.casefold())
        names.append(name)
    return names
