"""A table after reading: its columns, their types and units, and how the file was read.

The typed Parquet copy has the column `_row`, then the columns by their names. It also has:

- Companion columns `_written_N` (N: a column's 0-based position): the cell as it was written, if the typed
  value alone does not give it back (an amount with its currency, a word for a missing value, a date in a
  country's notation); null otherwise. A column without such cells has no companion.
- Metadata under `METADATA_KEY`, JSON: {"columns": [{"position", "name", "type", "unit",
  "missing_words", "written"}], "set_apart": [{"after", "kind", "cells"}]}: see TableColumn and SetApart.
  `read_description` reads it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Literal

import pyarrow.parquet as pq

from datasets.tables.texts.header_shapes import without_values
from datasets.tables.values.column_types import ColumnType
from omdplatform.base.environment import number

# The physical column of the row number: 1-based, without the header and what was set apart.
ROW = "_row"
# Prefix of the physical columns with cells as they were written; a column's position follows.
WRITTEN = "_written_"
# Rows of one row group: few, so that a lookup by row number reads little.
ROW_GROUP_ROWS = 16_384
METADATA_KEY = b"omdplatform.table"
# Read here and not in the settings: processes that parse know none of these.
MOST_COLUMNS = number("TABLE_MAX_COLUMNS", default=2_000)

Progress = Callable[[int], None]
Format = Literal["csv", "parquet", "xlsx", "jsonl"]
# Records that are not data: a total or subtotal; a line of text; repeated names, units or types; a comment.
ApartKind = Literal["total", "text", "header", "comment"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is read: everything about it that a person can correct.

    In a request, None means "detect it". In a result, None means that the format has no such thing. "" for
    `quote_char`, `escape_char` and `comment` means that there is none.

    `skip_lines`: records before the header (titles, blank lines, notes). `header_rows`: records that together
    name the columns; 0 if there is no header. `skip_after`: records after the header that are not data
    (units, types). `comment`: the start of a comment line. `sheet`: of a workbook, by name. `decimal`: the
    decimal sign, "." or ",". `date_order`: "dmy", "mdy" or "ymd", for dates written in digits. `names`,
    `types`: given by a person, by the file's column name in any spelling (see `folded`); types as in
    ColumnType.
    """

    format: Format | None = None
    encoding: str | None = None
    delimiter: str | None = None
    quote_char: str | None = None
    escape_char: str | None = None
    comment: str | None = None
    skip_lines: int | None = None
    header_rows: int | None = None
    skip_after: int | None = None
    sheet: str | None = None
    decimal: str | None = None
    date_order: str | None = None
    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)

    def corrected(self, wish: Dialect) -> Dialect:
        """This dialect, with everything that the request specifies in its place."""
        said = {f.name: value for f in fields(wish) if (value := getattr(wish, f.name)) not in (None, {})}
        return replace(self, **said)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Dialect:
        """Unknown fields are ignored: dialects of earlier versions had others."""
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    def said(self) -> dict[str, Any]:
        """as_json without the fields that are open."""
        return {name: value for name, value in self.as_json().items() if value not in (None, {})}

    def type_of(self, header: str) -> str | None:
        """The type that a person gave to the column of this name in the file."""
        return _by_header(self.types, header)

    def name_of(self, header: str) -> str:
        return _by_header(self.names, header) or header


@dataclass(frozen=True, slots=True)
class Limits:
    """A table's limits. A larger table is refused with a clear error. `columns`: TABLE_MAX_COLUMNS.

    `unpacked_bytes`, `unpacked_ratio`: the most that may come out of a compressed file.
    """

    columns: int = MOST_COLUMNS
    cell_characters: int = 1_000_000
    unpacked_bytes: int = 20 * 1024**3
    unpacked_ratio: int = 200


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`position`: 0-based. `name`: stripped, unique in the table regardless of case.

    `unit` of a number: "%" (the value is the number before the sign: 12.5 for 12.5 %), a currency's ISO 4217
    code, or its sign if several currencies share it. Several units are joined by "|": a column of mixed
    currencies, whose sum means nothing. Otherwise "". `missing_words`: cells with a word for "missing", which
    are null. `written`: whether there is a companion column. `header`: the file's name for it, if a person
    gave another; else "". `nested`: JSON of datasets.tables.nesting.Nested if the text stands for a list, a
    map or a structure; else None.
    """

    position: int
    name: str
    type: ColumnType
    unit: str = ""
    missing_words: int = 0
    written: bool = False
    header: str = ""
    nested: dict[str, Any] | None = None

    @property
    def own_name(self) -> str:
        """The file's name for it."""
        return self.header or self.name


@dataclass(frozen=True, slots=True)
class SetApart:
    """A record between the rows that is not a row. `after`: the number of the row before it; 0 for none.

    `cells`: as written, without empty ones at the end.
    """

    after: int
    kind: ApartKind
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A typed copy at `parquet` with `rows` rows.

    `notes`: sentences for people about repairs and decisions, without values.
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
        return cls(
            Path(data["parquet"]),
            Dialect.from_json(data["dialect"]),
            tuple(map(_column, data["columns"])),
            data["rows"],
            tuple(data["notes"]),
        )


def _column(data: dict[str, Any]) -> TableColumn:
    return TableColumn(**{**data, "type": ColumnType(data["type"])})


@dataclass(frozen=True, slots=True)
class Description:
    """What a typed copy says about itself. Empty for old copies without metadata."""

    columns: tuple[TableColumn, ...] = ()
    set_apart: tuple[SetApart, ...] = ()

    def as_metadata(self) -> dict[bytes, bytes]:
        return {METADATA_KEY: json.dumps(asdict(self), ensure_ascii=False).encode()}


def read_description(parquet: Path) -> Description:
    """Raises OSError, and pyarrow's errors if the file is not Parquet."""
    held = (pq.read_metadata(parquet).metadata or {}).get(METADATA_KEY)
    if held is None:
        return Description()
    data = json.loads(held)
    apart = (SetApart(each["after"], each["kind"], tuple(each["cells"])) for each in data["set_apart"])
    return Description(tuple(map(_column, data["columns"])), tuple(apart))


def is_hidden(name: str) -> bool:
    """Whether a physical column is ours: `_row`, or cells as they were written."""
    return name == ROW or (name.startswith(WRITTEN) and name[len(WRITTEN) :].isdigit())


def visible(names: Iterable[str]) -> list[str]:
    """The file's own columns."""
    return [name for name in names if not is_hidden(name)]


def counted(number: int, one: str, many: str) -> str:
    """ "1 row was", "1,204 rows were"."""
    return f"1 {one}" if number == 1 else f"{number:,} {many}"


def folded(name: str) -> str:
    """A name without case, blanks and underscores: staff_no and Staff No are equal."""
    return re.sub(r"[\s_]+", "", name.casefold())


def _by_header(given: dict[str, str], header: str) -> str | None:
    """The entry for a column: under its exact name, else under the only name with the same spelling."""
    if header in given:
        return given[header]
    alike = [value for name, value in given.items() if folded(name) == folded(header)]
    return alike[0] if len(alike) == 1 else None


def column_names(headers: Sequence[str]) -> list[str]:
    """Names from headers. Blanks are collapsed, empty names numbered by position, repeated and reserved ones
    numbered in turn.
    """
    taken: set[str] = set()
    names = []
    for place, header in enumerate(without_values(headers), start=1):
        base = " ".join(header.split())[:500] or f"column_{place}"
        name, turn = base, 2
        while name.casefold() in taken or is_hidden(name.casefold()):
            name, turn = f"{base}_{turn}", turn + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def given_names(headers: Sequence[str], wish: Dialect) -> tuple[list[str], list[str]]:
    """The file's names for its columns, and their names after a person's changes."""
    own = column_names(headers)
    return own, column_names([wish.name_of(name) for name in own])
