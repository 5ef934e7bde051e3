"""Copies Parquet from any writer, batch by batch, into a typed copy with our types only."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables.nesting import nested_in_arrow
from datasets.tables.table import (
    ROW,
    ROW_GROUP_ROWS,
    Dialect,
    Limits,
    Progress,
    Table,
    TableColumn,
    given_names,
)
from datasets.tables.unreadable import UnreadableFile
from datasets.tables.values import clocks
from datasets.tables.values.column_types import ColumnType

# Small, because a few bytes of Parquet can hold gigabytes of rows.
BATCH_ROWS = 8_192
# A larger batch in memory (bytes) is refused: its rows would not fit on any page.
BATCH_BYTES = 512 * 1024**2


def read_parquet(
    path: Path,
    parquet: Path,
    wish: Dialect,
    progress: Progress | None,
    limits: Limits,
    first_rows: int | None = None,
) -> Table:
    """See datasets.tables.reading.read. The file itself says how to read it, except for names of columns.

    `first_rows`: at most this many; None for all.
    """
    try:
        return _read(path, parquet, wish, progress, limits, first_rows)
    except MemoryError:
        raise  # Arrow's memory error is an ArrowException, too; it does not blame the file
    except (pa.ArrowException, OSError, ValueError, UnicodeDecodeError) as error:
        if getattr(error, "errno", None) == errno.ENOMEM:
            raise MemoryError from None
        # The library's message may quote the file, so only the kind of fault is passed on.
        if "too deeply nested" in str(error):
            raise UnreadableFile(
                "too-deeply-nested",
                "The Parquet file has columns that are nested deeper than 100 levels.",
                "Write what lies so deep as columns of their own, or as text.",
            ) from None
        encrypted = "ncrypt" in str(error) or "ecrypt" in str(error)
        if encrypted:
            raise UnreadableFile(
                "encrypted", "The Parquet file is encrypted.", "Upload it without encryption."
            ) from None
        raise UnreadableFile(
            "damaged-parquet", "The Parquet file is damaged or cut off.", "Write it again and upload that."
        ) from None


def _read(
    path: Path,
    parquet: Path,
    wish: Dialect,
    progress: Progress | None,
    limits: Limits,
    first_rows: int | None,
) -> Table:
    with pq.ParquetFile(path, memory_map=True) as source:
        fields = list(source.schema_arrow)
        if len(fields) > limits.columns:
            raise UnreadableFile(
                "too-many-columns",
                f"The table has {len(fields):,} columns; {limits.columns:,} are the most that is taken.",
                "Split it, or turn columns into rows.",
            )
        own, names = given_names([field.name for field in fields], wish)
        fitting = _fitting(source, fields)
        targets = [
            _cast(ColumnType.INT, pa.int64()) if place in fitting else _target(field.type)
            for place, field in enumerate(fields)
        ]
        schema = pa.schema([(ROW, pa.int64()), *((n, t.type) for n, t in zip(names, targets, strict=True))])
        rows = 0
        with pq.ParquetWriter(parquet, schema, compression="zstd") as out:
            for found_rows in source.iter_batches(batch_size=BATCH_ROWS):
                batch = found_rows if first_rows is None else found_rows.slice(0, first_rows - rows)
                if not len(batch) and rows:
                    break
                if batch.nbytes > BATCH_BYTES:
                    raise UnreadableFile(
                        "too-large-to-parse",
                        f"Rows {rows + 1:,} to {rows + len(batch):,} need more than {BATCH_BYTES:,} bytes.",
                        "Upload a table with smaller cells.",
                    )
                columns = [t.convert(c) for t, c in zip(targets, batch.columns, strict=True)]
                numbers = pa.array(range(rows + 1, rows + 1 + len(batch)), pa.int64())
                out.write_batch(
                    pa.record_batch([numbers, *columns], schema=schema), row_group_size=ROW_GROUP_ROWS
                )
                rows += len(batch)
                if progress:
                    progress(rows)
    columns_read = tuple(
        TableColumn(
            place, name, target.kind, header=header if header != name else "", nested=_nested(field.type)
        )
        for place, (name, header, field, target) in enumerate(zip(names, own, fields, targets, strict=True))
    )
    notes = tuple(
        f"Column {name} ({field.type}) is kept as text."
        for name, field, target in zip(names, fields, targets, strict=True)
        if target.noted
    )
    found = Dialect(format="parquet", names=wish.names)
    return Table(parquet, found, columns_read, rows, notes)


def _fitting(source: pq.ParquetFile, fields: list[pa.Field]) -> set[int]:
    """Positions of columns of unsigned 64-bit numbers that fit signed ones, by the file's statistics."""
    flat = {source.schema.column(n).path: n for n in range(len(source.schema))}
    found = set()
    for place, field in enumerate(fields):
        if pa.types.is_uint64(field.type) and field.name in flat:
            groups = range(source.metadata.num_row_groups)
            known = [source.metadata.row_group(group).column(flat[field.name]).statistics for group in groups]
            if all(each and each.has_min_max and 0 <= each.max < 2**63 for each in known):
                found.add(place)
    return found


class _Target:
    """What a column of the file becomes: our type, Arrow's type, and the conversion."""

    def __init__(
        self,
        kind: ColumnType,
        type: pa.DataType,
        convert: Callable[[pa.Array], pa.Array],
        noted: bool = False,
    ) -> None:
        self.kind, self.type, self.convert, self.noted = kind, type, convert, noted


def _target(type: pa.DataType) -> _Target:
    if pa.types.is_dictionary(type):
        inner = _target(type.value_type)
        return _Target(inner.kind, inner.type, lambda a: inner.convert(a.cast(type.value_type)), inner.noted)
    types = pa.types
    if types.is_boolean(type):
        return _cast(ColumnType.BOOLEAN, pa.bool_())
    if types.is_uint64(type):
        return _Target(ColumnType.STRING, pa.string(), lambda a: a.cast(pa.string()), noted=True)
    if types.is_integer(type):
        return _cast(ColumnType.INT, pa.int64())
    if types.is_decimal(type) and type.precision <= 38:
        return _cast(ColumnType.FLOAT, pa.decimal128(type.precision, type.scale))
    if types.is_floating(type):
        return _Target(ColumnType.FLOAT, pa.float64(), _finite)
    if types.is_date(type):
        return _cast(ColumnType.DATE, pa.date32())
    if types.is_timestamp(type):
        return _cast(ColumnType.TIMESTAMP, pa.timestamp("us", tz="UTC" if type.tz else None), safe=False)
    if types.is_time(type):
        return _cast(ColumnType.TIME, clocks.TIME, safe=False)
    if types.is_duration(type):
        return _cast(ColumnType.DURATION, clocks.DURATION, safe=False)
    if types.is_string(type) or types.is_large_string(type) or types.is_string_view(type):
        return _cast(ColumnType.STRING, pa.string())
    if types.is_binary(type) or types.is_large_binary(type) or types.is_fixed_size_binary(type):
        return _Target(ColumnType.STRING, pa.string(), _binary_as_text)
    return _Target(ColumnType.STRING, pa.string(), _as_json, noted=True)


def _nested(type: pa.DataType) -> dict[str, Any] | None:
    found = nested_in_arrow(type, lambda inner: _target(inner).kind)
    return found.as_json() if found else None


def _cast(kind: ColumnType, type: pa.DataType, *, safe: bool = True) -> _Target:
    return _Target(kind, type, lambda array: pc.cast(array, type, safe=safe))


def _finite(array: pa.Array) -> pa.Array:
    """NaN and infinity become null."""
    floats = array.cast(pa.float64())
    return pc.if_else(pc.is_finite(floats), floats, pa.scalar(None, pa.float64()))


def _binary_as_text(array: pa.Array) -> pa.Array:
    """As text if the whole batch is UTF-8, otherwise in hexadecimal."""
    try:
        return array.cast(pa.binary()).cast(pa.string())
    except pa.ArrowInvalid:
        return pa.array([None if v is None else v.hex() for v in array.to_pylist()], pa.string())


def _as_json(array: pa.Array) -> pa.Array:
    """Lists, maps and structures as JSON text."""
    return pa.array([None if v is None else _json(v) for v in array.to_pylist()], pa.string())


def _json(value: Any) -> str:
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return str(value)


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else str(value)
