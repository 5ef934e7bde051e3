"""Appends the rows of a file to those of a version."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.models import Version
from datasets.previews.changes import changes_between
from datasets.tables.table import (
    ROW,
    ROW_GROUP_ROWS,
    WRITTEN,
    Description,
    Table,
    TableColumn,
    counted,
    read_description,
)
from datasets.tables.unreadable import UnreadableFile
from datasets.tables.values.clocks import as_texts
from datasets.tables.values.column_types import ColumnType

BATCH_ROWS = 65_536
# Arrow's widest decimal (digits).
WIDEST_DECIMAL = 38


@dataclass(frozen=True, slots=True)
class _Part:
    """A column of one of the two copies. `name`, `written`: its physical columns; "" if there is none."""

    column: TableColumn | None
    name: str = ""
    written: str = ""
    type: pa.DataType | None = None


@dataclass(frozen=True, slots=True)
class _Joined:
    """A column of both copies together. `type`: Arrow's. `is_text`: kept as text, as it was written."""

    before: _Part
    after: _Part
    result: TableColumn
    type: pa.DataType
    is_text: bool


def put_behind(base: Version, earlier: Path, later: Table, out: Path) -> Table:
    """Write the rows of a version, whose typed copy is at `earlier`, followed by those of a file.

    Columns are those of the version, under its names, then those that only the file has. A column whose two
    types do not fit together becomes text, as it was written. Raises UnreadableFile if the two have no column
    in common.
    """
    columns = _joined(base, earlier, later)
    try:
        return _write(columns, earlier, later, out)
    except pa.ArrowInvalid:  # numbers too long for a common type
        return _write([_as_text(each) if _is_number(each) else each for each in columns], earlier, later, out)


def _joined(base: Version, earlier: Path, later: Table) -> list[_Joined]:
    changes = changes_between(base, later.columns)
    if not changes.pairs:
        raise UnreadableFile(
            "other-columns",
            f"The file has no column in common with version {base.number}, behind whose rows it would come.",
            "Upload it as a new version, or as a dataset of its own.",
        )
    schemas = pq.read_schema(earlier), pq.read_schema(later.parquet)
    held = {column.position: column for column in read_description(earlier).columns}
    partners = {pair.before.position: pair.after.position for pair in changes.pairs}
    joined: list[_Joined] = []
    for item in base.columns.order_by("position"):
        known = held.get(item.position) or TableColumn(item.position, item.name, ColumnType(item.type))
        partner = later.columns[partners[item.position]] if item.position in partners else None
        joined.append(_join(len(joined), _part(known, schemas[0]), _part(partner, schemas[1]), item.name))
    new = {each.position for each in changes.added}
    for column in later.columns:
        if column.position in new:
            joined.append(_join(len(joined), _Part(None), _part(column, schemas[1]), column.name))
    return joined


def _part(column: TableColumn | None, schema: pa.Schema) -> _Part:
    if column is None:
        return _Part(None)
    written = f"{WRITTEN}{column.position}"
    return _Part(
        column, column.name, written if written in schema.names else "", schema.field(column.name).type
    )


def _join(place: int, before: _Part, after: _Part, name: str) -> _Joined:
    there = [part.column for part in (before, after) if part.column is not None]
    arrow, kind = _common(before, after)
    units = sorted({unit for column in there for unit in column.unit.split("|") if unit})
    own = after.column.own_name if after.column else name
    result = TableColumn(
        place,
        name,
        kind,
        "|".join(units),
        sum(column.missing_words for column in there),
        bool(before.written or after.written),
        own if own != name else "",
    )
    joined = _Joined(before, after, result, arrow, False)
    return _as_text(joined) if kind is ColumnType.STRING and len(there) == 2 else joined


def _as_text(joined: _Joined) -> _Joined:
    result = replace(joined.result, type=ColumnType.STRING, unit="", written=False)
    return replace(joined, result=result, type=pa.string(), is_text=True)


def _is_number(joined: _Joined) -> bool:
    return joined.result.type in {ColumnType.INT, ColumnType.FLOAT}


def _common(before: _Part, after: _Part) -> tuple[pa.DataType, ColumnType]:
    """A type that holds the values of both."""
    if before.column is None or after.column is None:
        only = before if after.column is None else after
        assert only.column is not None  # noqa: S101 - a joined column is one of either
        return only.type, only.column.type
    one, other, kinds = before.type, after.type, {before.column.type, after.column.type}
    if one == other and len(kinds) == 1:
        return one, before.column.type
    if kinds <= {ColumnType.INT, ColumnType.FLOAT}:
        return _common_number(one, other), ColumnType.FLOAT if ColumnType.FLOAT in kinds else ColumnType.INT
    zoned = {getattr(type, "tz", None) is not None for type in (one, other)}
    if kinds == {ColumnType.DATE, ColumnType.TIMESTAMP} and zoned == {False}:
        return pa.timestamp("us"), ColumnType.TIMESTAMP
    return pa.string(), ColumnType.STRING


def _common_number(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    if pa.types.is_floating(one) or pa.types.is_floating(other):
        return pa.float64()
    scale = max(getattr(type, "scale", 0) for type in (one, other))
    return pa.decimal128(WIDEST_DECIMAL, scale)


def _write(columns: list[_Joined], earlier: Path, later: Table, out: Path) -> Table:
    fields = [(ROW, pa.int64()), *((each.result.name, each.type) for each in columns)]
    fields += [(f"{WRITTEN}{c.result.position}", pa.string()) for c in columns if c.result.written]
    schema, rows = pa.schema(fields), 0
    before = pq.read_metadata(earlier).num_rows
    results = tuple(each.result for each in columns)
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for batch in _batches(columns, earlier, later.parquet):
            numbers = pa.array(range(rows + 1, rows + 1 + len(batch[0])), pa.int64())
            rows += len(numbers)
            record = pa.record_batch([numbers, *batch], schema=schema)
            writer.write_batch(record, row_group_size=ROW_GROUP_ROWS)
        apart = [
            *read_description(earlier).set_apart,
            *(replace(each, after=each.after + before) for each in read_description(later.parquet).set_apart),
        ]
        writer.add_key_value_metadata(Description(results, tuple(apart)).as_metadata())
    new = counted(rows - before, "row of this file was", "rows of this file were")
    added = f"{new} put behind the {before:,} that were there."
    texts = [each.result.name for each in columns if each.is_text and _was_other(each)]
    notes = [
        added,
        *(f"Column {name} is of another type in this file: it is kept as text." for name in texts),
    ]
    return Table(out, later.dialect, results, rows, (*notes, *later.notes))


def _was_other(joined: _Joined) -> bool:
    kinds = {part.column.type for part in (joined.before, joined.after) if part.column is not None}
    return kinds != {ColumnType.STRING}


def _batches(columns: list[_Joined], earlier: Path, later: Path) -> Iterator[list[pa.Array]]:
    for path, side in ((earlier, "before"), (later, "after")):
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH_ROWS):
                values = [_values(each, getattr(each, side), batch) for each in columns]
                written = [_written(getattr(each, side), batch) for each in columns if each.result.written]
                yield [*values, *written]


def _values(joined: _Joined, part: _Part, batch: pa.RecordBatch) -> pa.Array:
    if part.column is None:
        return pa.nulls(len(batch), joined.type)
    held = batch.column(part.name)
    if not joined.is_text:
        return pc.cast(held, joined.type)
    texts = as_texts(held)
    return pc.coalesce(batch.column(part.written), texts) if part.written else texts


def _written(part: _Part, batch: pa.RecordBatch) -> pa.Array:
    return batch.column(part.written) if part.written else pa.nulls(len(batch), pa.string())
