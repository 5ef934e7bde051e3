"""What a table is once it was read: its columns, their types and units, how the file was read.

The typed Parquet copy holds the column `_row`, then the columns by their names. Two more things travel in it:

- Companion columns `_written_N` (N: the 0-based position of a column): the cell as it was written, where the
  typed value alone does not give it back (an amount with its currency, a word for a missing value, a date in
  the manner of a country); null where it does. A column without such cells has no companion.
- The file's metadata under `METADATA_KEY`, JSON: {"columns": [{"position", "name", "type", "unit",
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

from datasets.tables.texts.header_shapes import without_value
from datasets.tables.values.column_types import ColumnType

# The physical column of a row's number in the table: 1-based, the header and what was set apart not counted.
ROW = "_row"
# Before the position of a column: the physical column of its cells as they were written.
WRITTEN = "_written_"
# Rows of one row group: few enough that a lookup by row number reads little.
ROW_GROUP_ROWS = 16_384
METADATA_KEY = b"omdplatform.table"

Progress = Callable[[int], None]
Format = Literal["csv", "parquet", "xlsx", "jsonl"]
# Rows that are no data: a total or subtotal; a line of text; names, units or types again; a comment.
ApartKind = Literal["total", "text", "header", "comment"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is read: everything about it that a person can correct.

    In a wish None means "find it out"; in what was found it means that the format knows no such thing. ""
    for `quote_char`, `escape_char` and `comment`: there is none.

    `skip_lines`: records before the header (titles, blank lines, notes). `header_rows`: records whose cells
    together name the columns; 0: none does. `skip_after`: records behind the header that are no data (units,
    types). `comment`: what a line begins with that is no row. `sheet`: of a workbook, by name. `decimal`:
    the decimal sign, "." or ",". `date_order`: "dmy", "mdy" or "ymd", for dates that are written in figures.
    `names`, `types`: those that a person gave to columns, by the name that the file gives a column, however
    it is spelled (see `folded`); types as in ColumnType.
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

    @property
    def has_header(self) -> bool:
        return self.header_rows != 0

    def corrected(self, wish: Dialect) -> Dialect:
        """This dialect with everything that the wish says in its place."""
        said = {f.name: value for f in fields(wish) if (value := getattr(wish, f.name)) not in (None, {})}
        return replace(self, **said)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Dialect:
        """Fields that are unknown are passed over: dialects of earlier versions had others."""
        known = {f.name for f in fields(cls)}
        return cls(**{name: value for name, value in data.items() if name in known})

    def said(self) -> dict[str, Any]:
        """as_json without what it leaves open."""
        return {name: value for name, value in self.as_json().items() if value not in (None, {})}

    def type_of(self, header: str) -> str | None:
        """The type that a person gave to the column that the file calls so."""
        return _by_header(self.types, header)

    def name_of(self, header: str) -> str:
        return _by_header(self.names, header) or header


@dataclass(frozen=True, slots=True)
class Limits:
    """What a table may have at most: more is refused with a clear error.

    `unpacked_bytes`, `unpacked_ratio`: of a compressed file, what may come out of it.
    """

    columns: int = 2_000
    cell_characters: int = 1_000_000
    unpacked_bytes: int = 20 * 1024**3
    unpacked_ratio: int = 200


@dataclass(frozen=True, slots=True)
class TableColumn:
    """`position`: 0-based. `name`: stripped, unique in the table whatever its case.

    `unit` of a number: "%" (the number as it was written before the sign: 12.5 for 12.5 %), a currency's
    ISO 4217 code or its sign where several share it, several of them joined by "|" (a column of mixed
    currencies: its sum means nothing), or "". `missing_words`: cells that hold a word for "missing" and are
    null. `written`: whether there is a companion column of cells as they were written. `header`: what the
    file calls it, where a person gave it another name; else "". `nested`: the JSON of
    datasets.tables.nesting.Nested where a text stands for a list, a map or a structure; None: it does not.
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
        """What the file calls it."""
        return self.header or self.name


@dataclass(frozen=True, slots=True)
class SetApart:
    """A record between the rows that is no row. `after`: the number of the row before it, 0: none.

    `cells`: as they were written, without empty ones at the end.
    """

    after: int
    kind: ApartKind
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A typed copy at `parquet`, `rows` rows.

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
    """What a typed copy says about itself; empty for one that was written before copies did."""

    columns: tuple[TableColumn, ...] = ()
    set_apart: tuple[SetApart, ...] = ()

    def as_metadata(self) -> dict[bytes, bytes]:
        return {METADATA_KEY: json.dumps(asdict(self), ensure_ascii=False).encode()}


def read_description(parquet: Path) -> Description:
    """Raises OSError and pyarrow's errors where the file is none."""
    held = (pq.read_metadata(parquet).metadata or {}).get(METADATA_KEY)
    if held is None:
        return Description()
    data = json.loads(held)
    apart = (SetApart(each["after"], each["kind"], tuple(each["cells"])) for each in data["set_apart"])
    return Description(tuple(map(_column, data["columns"])), tuple(apart))


def is_hidden(name: str) -> bool:
    """Whether a physical column of a typed copy is ours: `_row`, or cells as they were written."""
    return name == ROW or (name.startswith(WRITTEN) and name[len(WRITTEN) :].isdigit())


def visible(names: Iterable[str]) -> list[str]:
    """The columns that are the file's own."""
    return [name for name in names if not is_hidden(name)]


def folded(name: str) -> str:
    """A name without case, blanks and underscores: staff_no and Staff No are the same."""
    return re.sub(r"[\s_]+", "", name.casefold())


def _by_header(given: dict[str, str], header: str) -> str | None:
    """What is said of a column: under its very name, else under the only one that is spelled like it."""
    if header in given:
        return given[header]
    alike = [value for name, value in given.items() if folded(name) == folded(header)]
    return alike[0] if len(alike) == 1 else None


def column_names(headers: Sequence[str]) -> list[str]:
    """Names from headers: blanks folded, empty ones numbered by place, doubles and hidden ones by turn."""
    taken: set[str] = set()
    names = []
    for place, header in enumerate(map(without_value, headers), start=1):
        base = " ".join(header.split())[:500] or f"column_{place}"
        name, turn = base, 2
        while name.casefold() in taken or is_hidden(name.casefold()):
            name, turn = f"{base}_{turn}", turn + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def given_names(headers: Sequence[str], wish: Dialect) -> tuple[list[str], list[str]]:
    """What the file calls its columns, and what they are called once a person has given names to some."""
    own = column_names(headers)
    return own, column_names([wish.name_of(name) for name in own])
