"""Reads CSV in any dialect, as batches of texts for the typed copy."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pyarrow as pa

from datasets.tables.formats.blocks import Blocks, Piece, Rows, lines_of, not_text
from datasets.tables.sniffing import HEAD_BYTES, encoding_of
from datasets.tables.table import ROW_GROUP_ROWS, Dialect, Limits, SetApart, counted, given_names
from datasets.tables.texts.apart import Judge
from datasets.tables.texts.dialects import best_cut
from datasets.tables.texts.layout import Layout, layout_of
from datasets.tables.texts.records import Cutter
from datasets.tables.typed_source import Source
from datasets.tables.unreadable import UnreadableFile
from datasets.tables.values import cell_forms

_NONE = pa.array([], pa.string())
BATCH_ROWS = 4 * ROW_GROUP_ROWS
BATCH_BYTES = 64 * 1024**2
# Memory of a cell beside its characters (bytes).
CELL_BYTES = 16
# Lines with runs of blanks from which they are thought to be columns.
ALIGNED_LINES = 3
# Set-apart records whose cells are kept. More are only counted.
MOST_APART = 10_000


def csv_source(path: Path, head: bytes, wish: Dialect, limits: Limits) -> Source:
    """See datasets.tables.reading.READERS. Raises UnreadableFile."""
    encoding = wish.encoding or encoding_of(head)
    if encoding == "utf-8" and not wish.encoding and not _is_utf8(path):
        encoding = "cp1252"
    if encoding == "cp1252" and not wish.encoding and not _decodes(path, encoding):
        encoding = "latin-1"
    lines = _head_lines(head, encoding)
    if not any(line.strip("\ufeff \t\r\n\x1a") for line in lines):
        raise UnreadableFile("empty-file", "The file holds nothing but blanks.", "Upload a file with rows.")
    cut = best_cut(lines, wish)
    layout = layout_of(cut.records, wish)
    dialect = replace(
        cut.dialect,
        format="csv",
        encoding=encoding,
        comment=layout.comment,
        skip_lines=layout.skip_lines,
        header_rows=layout.header_rows,
        skip_after=layout.skip_after,
        decimal=wish.decimal,
        date_order=wish.date_order,
        names=wish.names,
        types=wish.types,
    )
    if layout.width > limits.columns:
        raise too_many_columns(layout.width, limits)
    own, names = given_names(layout.names, wish)
    above = [cell for record in cut.records[: layout.skip_lines] for cell in record]
    reading = RecordReading(dialect, layout, names, is_aligned=_is_aligned(cut.records, layout))

    def batches() -> Iterator[pa.RecordBatch]:
        cutter = Cutter(dialect, limits.cell_characters, layout.width)
        blocks = Blocks(path, encoding, cutter, layout, reading.begin)
        try:
            yield from reading.batches_of(blocks.pieces())
        except UnicodeError:
            raise UnreadableFile(
                "unreadable-text",
                f"The file is not text in {encoding} to its end.",
                "Export it again as CSV in UTF-8.",
            ) from None
        reading.odd = cutter.odd

    return Source(
        names,
        batches,
        dialect,
        reading.set_apart,
        reading.notes,
        own_names=own,
        decimal=decimal_in(above),
    )


def _is_aligned(records: list[list[str]], layout: Layout) -> bool:
    """Whether a table of one column looks like several, kept apart by runs of blanks."""
    lines = [record[0].strip() for record in records if record and record[0].strip()]
    runs = sum("  " in line or "\t" in line for line in lines)
    return layout.width == 1 and len(lines) >= ALIGNED_LINES and runs * 10 >= len(lines) * 9


def decimal_in(above: list[str]) -> str:
    """The decimal sign of the numbers above a table; "" if they have none."""
    found = {
        "," if bare[-3:-2] == "," else "."
        for cell in above
        if len(bare := cell_forms.without_unit(cell_forms.with_plain_signs(cell.strip()))[0].strip()) > 3
        and cell_forms.is_number(bare)
        and bare[-3:-2] in {",", "."}
    }
    return found.pop() if len(found) == 1 else ""


def too_many_columns(width: int, limits: Limits) -> UnreadableFile:
    return UnreadableFile(
        "too-many-columns",
        f"The table has {width:,} columns; {limits.columns:,} are the most that is taken.",
        "Split it, or turn columns into rows.",
    )


def _head_lines(head: bytes, encoding: str) -> list[str]:
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if "\x00" in text:
        raise not_text()
    lines = lines_of(text.rstrip("\x1a"))
    # The last line may be cut in the middle.
    return lines[:-1] if len(head) == HEAD_BYTES and len(lines) > 1 else lines


def _is_utf8(path: Path) -> bool:
    return _decodes(path, "utf-8")


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while chunk := file.read(4 * 1024**2):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


@dataclass
class Tally:
    """A kind of repair: how often it was made, and where first."""

    count: int = 0
    first: int = 0

    def add(self, row: int, count: int = 1) -> None:
        self.count += count
        self.first = self.first or row


@dataclass
class RecordReading:
    """Turns records of any format into batches of rows, and counts repairs."""

    dialect: Dialect
    layout: Layout
    names: list[str]
    set_apart: list[SetApart] = field(default_factory=list)
    padded: Tally = field(default_factory=Tally)
    trimmed: Tally = field(default_factory=Tally)
    apart: dict[str, Tally] = field(default_factory=dict)
    odd: int = 0
    is_aligned: bool = False
    # Rows so far, and the judge, which needs records in order.
    _number: int = 0
    _judge: Judge = field(init=False)

    def __post_init__(self) -> None:
        self._judge = Judge(self.layout)

    @property
    def begin(self) -> int:
        """Skip the records before the first row."""
        dialect = self.dialect
        return (dialect.skip_lines or 0) + (dialect.header_rows or 0) + (dialect.skip_after or 0)

    def batches_of(self, pieces: Iterable[Piece]) -> Iterator[pa.RecordBatch]:
        """Batches of BATCH_ROWS rows, fewer if rows are wide. Each call counts repairs anew."""
        self.set_apart.clear()
        self.apart, self.padded, self.trimmed = {}, Tally(), Tally()
        self._number, self._judge = 0, Judge(self.layout)
        yield from _in_batches(self._parts(pieces), len(self.names))

    def _parts(self, pieces: Iterable[Piece]) -> Iterator[list[pa.StringArray]]:
        skipped = 0
        for piece in pieces:
            if isinstance(piece, Rows):
                yield self._columns(piece)
                continue
            records = piece[max(0, self.begin - skipped) :]
            skipped += len(piece)
            rows: list[list[str]] = []
            size = 0
            for row in self._rows(records):
                rows.append(row)
                size += sum(map(len, row)) + CELL_BYTES * len(row)
                if size > BATCH_BYTES:
                    yield _columns_of(rows)
                    rows, size = [], 0
            if rows:
                yield _columns_of(rows)

    def _columns(self, rows: Rows) -> list[pa.StringArray]:
        """The rows among records that were cut by columns, filled up to the table's width."""
        total, length, width = len(rows.columns[0]), len(rows.columns), self.layout.width
        apart: list[int] = []
        previous = -1
        for place in rows.suspects:
            if place > previous + 1:
                self._judge.after_blank = False
            record = rows.record(place)
            kind = self._judge.kind((record + [""] * (width - length))[:width], width=length)
            if kind:
                apart.append(place)
            if kind and kind != "blank":
                self._set_apart(kind, record, self._number + place + 1 - len(apart))
            previous = place
        if previous < total - 1:
            self._judge.after_blank = False
        columns = rows.columns[:width]
        if apart:
            keep = np.ones(total, bool)
            keep[apart] = False
            columns = [column.filter(pa.array(keep)) for column in columns]
        count = total - len(apart)
        if count and length != width:
            (self.padded if length < width else self.trimmed).add(self._number + 1, count)
        self._number += count
        return columns + [pa.array([""] * count, pa.string())] * (width - length)

    def _rows(self, records: list[list[str]]) -> Iterator[list[str]]:
        judge, width = self._judge, self.layout.width
        for record in records:
            length = len(record)
            fitted = record if length == width else record[:width] + [""] * (width - length)
            kind = judge.kind(fitted, width=length) if record else judge.kind([""], width=0)
            if kind == "blank":
                continue
            if kind:
                self._set_apart(kind, record, self._number)
                continue
            self._number += 1
            if length != width:
                self._note_width(record, self._number)
            yield fitted

    def _set_apart(self, kind: str, record: list[str], number: int) -> None:
        self.apart.setdefault(kind, Tally()).add(number)
        if len(self.set_apart) < MOST_APART:
            while record and not record[-1].strip():
                record = record[:-1]
            self.set_apart.append(SetApart(number, kind, tuple(record)))  # type: ignore[arg-type]

    def _note_width(self, record: list[str], number: int) -> None:
        width = self.layout.width
        if len(record) < width:
            self.padded.add(number)
        elif any(cell.strip() for cell in record[width:]):
            raise UnreadableFile(
                "ragged-row",
                f"Row {number:,} has {len(record):,} cells where the table has {width:,} columns.",
                "Put cells that hold the delimiter in quotes, or mend the row, and upload again.",
                row=number,
            )
        else:
            self.trimmed.add(number)

    def notes(self) -> list[str]:
        dialect, notes = self.dialect, []
        if self.is_aligned:
            notes.append(
                "The lines seem to be columns kept apart by blanks: they were read as one column. Save the "
                "table with a comma, a semicolon or a tab between its cells."
            )
        if dialect.skip_lines:
            lines = counted(dialect.skip_lines, "line before the header was", "lines before the header were")
            notes.append(f"{lines} passed over.")
        if not dialect.header_rows:
            notes.append("The file has no header: columns are numbered.")
        elif dialect.header_rows > 1:
            notes.append(f"The names of the columns stand in {dialect.header_rows} lines: they were joined.")
        if dialect.skip_after:
            one, many = (
                "line behind the header is no row: it was",
                "lines behind the header are no rows: they were",
            )
            notes.append(f"{counted(dialect.skip_after, one, many)} passed over.")
        if self.padded.count:
            notes.append(
                f"{counted(self.padded.count, 'short row was', 'short rows were')} filled with empty cells, "
                f"first row {self.padded.first:,}."
            )
        if self.trimmed.count:
            notes.append(
                f"Empty cells too many were cut from {counted(self.trimmed.count, 'row', 'rows')}, "
                f"first row {self.trimmed.first:,}."
            )
        if self.odd:
            rows = counted(self.odd, "row has", "rows have")
            notes.append(f"{rows} quotes that open nothing: they were taken as characters.")
        return notes + notes_on_apart(self.apart)


_WHAT = {
    "total": ("row of totals was", "rows of totals were", ", so that sums do not count twice"),
    "text": (
        "line of text between or after the rows was",
        "lines of text between or after the rows were",
        "",
    ),
    "header": ("repeated header was", "repeated headers were", ""),
    "comment": ("comment was", "comments were", ""),
}


def notes_on_apart(apart: dict[str, Tally]) -> list[str]:
    notes = []
    for kind, tally in apart.items():
        one, many, why = _WHAT[kind]
        where = f"after row {tally.first:,}" if tally.count == 1 else f"the first after row {tally.first:,}"
        notes.append(f"{counted(tally.count, one, many)} set apart{why}: {where}.")
    return notes


def _columns_of(rows: list[list[str]]) -> list[pa.StringArray]:
    return [pa.array(column, pa.string()) for column in zip(*rows, strict=True)]


def _in_batches(parts: Iterable[list[pa.StringArray]], width: int) -> Iterator[pa.RecordBatch]:
    """Join parts and cut them into batches of whole row groups, except the last. One empty batch if there are
    no rows. Wide tables get smaller batches.
    """
    names = [str(place) for place in range(width)]
    schema = pa.schema([(name, pa.string()) for name in names])
    held, rows, size, is_none = [], 0, 0, True
    for columns in parts:
        held.append(pa.record_batch(columns, schema=schema))
        rows += len(held[-1])
        size += held[-1].nbytes
        if rows >= BATCH_ROWS or size > BATCH_BYTES:
            whole = pa.Table.from_batches(held).combine_chunks()
            cut = rows // ROW_GROUP_ROWS * ROW_GROUP_ROWS or rows
            yield from whole.slice(0, cut).to_batches()
            is_none = False
            held, rows = whole.slice(cut).to_batches(), rows - cut
            size = sum(batch.nbytes for batch in held)
    if rows or is_none:
        columns = pa.Table.from_batches(held, schema).combine_chunks().columns
        yield pa.record_batch([pa.concat_arrays([_NONE, *column.chunks]) for column in columns], schema)
