"""Writes a table of texts, batch by batch, as a typed Parquet copy (described in datasets.tables.table).

Types are detected in the first rows, and all rows are written with them. If a later cell does not fit, types
are detected over the whole file, and the copy is written again.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables.edge_totals import edge_total, without_row
from datasets.tables.table import (
    ROW,
    ROW_GROUP_ROWS,
    WRITTEN,
    Description,
    Progress,
    Table,
    TableColumn,
    counted,
)
from datasets.tables.typed_source import Source
from datasets.tables.values.cell_forms import MISSING
from datasets.tables.values.column_types import (
    AS_TEXT,
    CALLED,
    ColumnType,
    Context,
    Reading,
    Texts,
    TypeSearch,
    context_of,
    feed,
)
from datasets.tables.values.written_numbers import normal

# Rows in which types are detected first.
SEARCHED_ROWS = 50_000
_NO_TEXT = pa.scalar(None, pa.string())
_MISSING = pa.array(sorted(MISSING), pa.string())


class _Misfit(Exception):
    """A cell of the column at `place` does not have the detected type."""

    place = 0


def write_typed(source: Source, parquet: Path, progress: Progress | None) -> Table:
    """Write the typed copy at `parquet`. Raises whatever the source's batches raise."""
    searches = _search(source, SEARCHED_ROWS)
    whole = False
    while True:
        try:
            table = _write(source, searches, _readings(source, searches), parquet, progress)
            total = edge_total(table)
            if total is None:
                return table
            source = without_row(source, total)
        except _Misfit as misfit:
            if whole:  # it has the form of its type but is invalid, such as an impossible date
                searches[misfit.place].guarded = True
            else:
                searches, whole = _search(source, None), True


def cleaned(texts: Texts) -> Texts:
    """Cells without outer blanks and spreadsheets' guards. Null if nothing is left."""
    plain = pc.utf8_trim_whitespace(texts)
    if pc.any(pc.match_substring_regex(plain, _GUARD)).as_py():
        plain = pc.replace_substring_regex(plain, r'^="(.*)"$', r"\1")
        plain = pc.replace_substring_regex(plain, r"^'(\d.*)$", r"\1")
    return pc.if_else(pc.equal(plain, ""), _NO_TEXT, plain)


_GUARD = r"""^(=".*"|'\d.*)$"""


def _search(source: Source, rows: int | None) -> list[TypeSearch]:
    searches = [TypeSearch() for _ in source.names]
    seen = 0
    for batch in source.batches():
        _feed(searches, batch)
        seen += len(batch)
        if rows is not None and seen >= rows:
            break
    return searches


def _feed(searches: Sequence[TypeSearch], batch: pa.RecordBatch) -> None:
    columns = zip(searches, batch.columns, strict=True)
    still = [(search, column) for search, column in columns if search.possible != []]
    for search, column in still:
        search.guarded = search.guarded or bool(pc.any(pc.match_substring_regex(column, _GUARD)).as_py())
    feed([search for search, _ in still], [cleaned(column) for _, column in still])


def _readings(source: Source, searches: Sequence[TypeSearch]) -> list[Reading]:
    dialect = source.dialect
    context = context_of(searches, dialect.decimal or source.decimal, dialect.date_order or "")
    return [
        AS_TEXT
        if place in source.texts
        else _asked(search, dialect.type_of(source.headers[place]), context, source.headers[place])
        for place, search in enumerate(searches)
    ]


def _asked(search: TypeSearch, wish: str | None, context: Context, header: str) -> Reading:
    """The reading of a column: of the requested type, if the cells allow it."""
    found = search.reading(context, header, wish or "")
    if wish is None or found.type.value == wish:
        return found
    if wish == ColumnType.STRING:
        return AS_TEXT
    target = _WIDER.get((found.type, ColumnType(wish)))
    if target is not None and found.convert is not None:
        convert = found.convert
        return replace(
            found, type=ColumnType(wish), arrow=target, convert=lambda t: convert(t).cast(target), plain=False
        )
    return replace(
        found, doubt=f"has cells that are no {CALLED[ColumnType(wish)]}: it stays as it was found."
    )


# Types that a column can be given without loss, with Arrow's types.
_WIDER = {
    (ColumnType.INT, ColumnType.FLOAT): pa.float64(),
    (ColumnType.DATE, ColumnType.TIMESTAMP): pa.timestamp("us"),
}


def _write(
    source: Source,
    searches: Sequence[TypeSearch],
    readings: list[Reading],
    parquet: Path,
    progress: Progress | None,
) -> Table:
    writer = _Writer(source, readings, [search.has_missing for search in searches], parquet)
    # Close the batches before others begin: both would count repairs.
    with writer, closing(_ahead(source.batches())) as batches:
        for batch in batches:
            writer.take(batch)
            if progress:
                progress(writer.rows)
    return writer.table()


def _ahead(batches: Iterator[pa.RecordBatch]) -> Generator[pa.RecordBatch, None, None]:
    """The same items, each prepared while the one before is processed."""
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, batches, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, batches, None)
            yield batch


class _Writer:
    """Writes batches: the values, and the text if the value does not give it back."""

    def __init__(
        self, source: Source, readings: list[Reading], has_missing: list[bool], parquet: Path
    ) -> None:
        self.source, self.readings, self.parquet = source, readings, parquet
        self.rows = 0
        self.missing = [0] * len(readings)
        self.written = [
            reading.convert is not None and (missing or not reading.plain)
            for reading, missing in zip(readings, has_missing, strict=True)
        ]
        fields = [(ROW, pa.int64())]
        fields += [(name, r.arrow) for name, r in zip(source.names, readings, strict=True)]
        fields += [(f"{WRITTEN}{p}", pa.string()) for p, kept in enumerate(self.written) if kept]
        self.schema = pa.schema(fields)
        self.out = pq.ParquetWriter(parquet, self.schema, compression="zstd")
        self.pool = ThreadPoolExecutor(os.cpu_count())

    def __enter__(self) -> _Writer:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.out.add_key_value_metadata(
                Description(self.columns(), tuple(self.source.set_apart)).as_metadata()
            )
        self.pool.shutdown()
        self.out.close()

    def take(self, batch: pa.RecordBatch) -> None:
        columns = list(self.pool.map(self._column, range(batch.num_columns), batch.columns))
        written = [cells for _, cells in columns if cells is not None]
        numbers = pa.array(np.arange(self.rows + 1, self.rows + 1 + len(batch)), pa.int64())
        self.rows += len(batch)
        record = pa.record_batch([numbers, *(values for values, _ in columns), *written], schema=self.schema)
        self.out.write_batch(record, row_group_size=ROW_GROUP_ROWS)

    def _column(self, place: int, column: Texts) -> tuple[pa.Array, Texts | None]:
        """The values of a column, and its cells as written, if those are kept."""
        reading, texts = self.readings[place], cleaned(column)
        try:
            found, missing = _values(texts, reading)
            if missing and not self.written[place]:
                raise _Misfit
        except _Misfit as misfit:
            misfit.place = place
            raise
        self.missing[place] += missing
        return found, self._as_written(texts, found, reading) if self.written[place] else None

    def _as_written(self, texts: Texts, values: pa.Array, reading: Reading) -> pa.Array:
        """All filled cells if the values do not give their notation back; otherwise only words for
        "missing".
        """
        return pc.if_else(pc.is_valid(values), _NO_TEXT, texts) if reading.plain else texts

    def columns(self) -> tuple[TableColumn, ...]:
        return tuple(
            TableColumn(
                place,
                name,
                reading.type,
                reading.unit,
                missing,
                used,
                own if own != name else "",
                self.source.nested.get(place),
            )
            for place, (name, own, reading, missing, used) in enumerate(
                zip(
                    self.source.names,
                    self.source.headers,
                    self.readings,
                    self.missing,
                    self.written,
                    strict=True,
                )
            )
        )

    def table(self) -> Table:
        columns = self.columns()
        notes = [*self.source.notes(), *notes_on(columns, self.readings)]
        return Table(self.parquet, self.source.dialect, columns, self.rows, tuple(notes))


def _values(texts: Texts, reading: Reading) -> tuple[pa.Array, int]:
    """The values, and the number of words for "missing". Raises _Misfit."""
    if reading.convert is None:
        return texts, 0
    matched = pc.match_substring_regex(normal(texts), f"^(?:{reading.pattern})$")
    fitting = texts if pc.all(matched).as_py() is not False else pc.if_else(matched, texts, _NO_TEXT)
    try:
        values = reading.convert(fitting).cast(reading.arrow)
    except pa.ArrowInvalid:
        raise _Misfit from None
    if values.null_count == texts.null_count:
        return values, 0
    odd = texts.filter(pc.and_(pc.is_null(values), pc.is_valid(texts)))
    said = pc.is_in(pc.utf8_lower(odd), _MISSING)
    if reading.unit:  # "$ -" in a ledger
        said = pc.or_(said, pc.match_substring_regex(odd, r"^[^\d]*-[^\d]*$"))
    if not pc.all(said).as_py():
        raise _Misfit
    return values, len(odd)


def notes_on(columns: Sequence[TableColumn], readings: Sequence[Reading]) -> list[str]:
    notes = []
    for column, reading in zip(columns, readings, strict=True):
        if reading.doubt:
            notes.append(f"Column {column.name} {reading.doubt}")
        if column.missing_words:
            cells = counted(column.missing_words, "cell", "cells")
            say = "says" if column.missing_words == 1 else "say"
            notes.append(f"{cells} of column {column.name} {say} that there is no value.")
        if "|" in column.unit:
            notes.append(f"Column {column.name} mixes {column.unit.replace('|', ', ')}: do not add it up.")
    return notes
