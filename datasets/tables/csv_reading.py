"""CSV in whatever dialect, into a typed Parquet copy: texts first, types once every row was seen."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables.column_types import ColumnType, TypeSearch, convert
from datasets.tables.sniffing import (
    HEAD_BYTES,
    csv_records,
    delimiter_of,
    encoding_of,
    has_header,
    records,
    skip_blank_and_titles,
    width_of,
)
from datasets.tables.table import (
    ROW,
    ROW_GROUP_ROWS,
    Dialect,
    Limits,
    Progress,
    Table,
    TableColumn,
    column_names,
)
from datasets.tables.unreadable import UnreadableFile

BATCH_ROWS = ROW_GROUP_ROWS


class _WrongGuess(Exception):
    """A byte or quote far down the file does not fit the dialect that its beginning suggested."""


def read_csv(
    path: Path, head: bytes, parquet: Path, dialect: Dialect | None, progress: Progress | None, limits: Limits
) -> Table:
    """See datasets.tables.reading.read. `head`: the first bytes of the file."""
    guess = dialect or dialect_of(head)
    for attempt in _attempts(guess, fixed=dialect is not None):
        try:
            return _Reading(path, parquet, attempt, limits, progress).run()
        except _WrongGuess:
            continue
    raise UnreadableFile(
        "unreadable-text",
        "The file cannot be read as text in one encoding with one kind of quotes.",
        "Export it again as CSV in UTF-8.",
    )


def dialect_of(head: bytes) -> Dialect:
    """The dialect of a CSV by its beginning. Raises UnreadableFile where it is no text or holds nothing."""
    encoding = encoding_of(head)
    text = codecs.getincrementaldecoder(encoding)(errors="replace").decode(head)
    if not text.strip("\ufeff \t\r\n"):
        raise UnreadableFile("empty-file", "The file holds nothing but blanks.", "Upload a file with rows.")
    delimiter = delimiter_of(text)
    rows = list(islice(records(text, delimiter, '"'), 300)) if _parses(text, delimiter) else []
    if len(head) == HEAD_BYTES and len(rows) > 1:
        rows = rows[:-1]
    skip = skip_blank_and_titles(rows, width_of(rows))
    filled = [row for row in rows[skip:] if row]
    header = has_header(filled) if filled else True
    return Dialect("csv", encoding, delimiter, '"', header, skip)


def _parses(text: str, delimiter: str) -> bool:
    try:
        for _ in islice(records(text, delimiter, '"'), 300):
            pass
    except csv.Error:
        return False
    return True


def _attempts(guess: Dialect, *, fixed: bool) -> Iterator[Dialect]:
    """The guess; then Western encodings where it said UTF-8 and a later byte disagrees."""
    yield guess
    if not fixed and guess.encoding in {"utf-8", "cp1252"}:
        for encoding in ("cp1252", "latin-1"):
            if encoding != guess.encoding:
                yield replace(guess, encoding=encoding)


@dataclass
class _Reading:
    """One pass over the text, then one over its texts in columns."""

    path: Path
    parquet: Path
    dialect: Dialect
    limits: Limits
    progress: Progress | None
    names: list[str] = field(default_factory=list)
    searches: list[TypeSearch] = field(default_factory=list)
    rows: int = 0
    padded: list[int] = field(default_factory=list)  # [how many, the first]
    trimmed: list[int] = field(default_factory=list)

    def run(self) -> Table:
        texts = self.parquet.with_name(self.parquet.name + ".texts")
        try:
            self._collect(texts)
            self._write_typed(texts)
        finally:
            texts.unlink(missing_ok=True)
        columns = tuple(
            TableColumn(place, name, kind.type if (kind := search.settled()) else ColumnType.STRING)
            for place, (name, search) in enumerate(zip(self.names, self.searches, strict=True))
        )
        return Table(self.parquet, self.dialect, columns, self.rows, self._notes())

    def _collect(self, texts: Path) -> None:
        """Cells as texts, each row's width checked, each column's type searched."""
        csv.field_size_limit(self.limits.cell_characters)
        with self.path.open(encoding=self.dialect.encoding, newline="") as file:
            try:
                self._collect_rows(
                    csv_records(_without_nul(file), self.dialect.delimiter or ",", self.dialect.quote_char),
                    texts,
                )
            except UnicodeDecodeError:
                raise _WrongGuess from None
            except csv.Error as error:
                raise self._malformed(error) from None

    def _collect_rows(self, records: Iterator[list[str]], texts: Path) -> None:
        first = next((row for row in islice(records, self.dialect.skip_lines, None) if row), None)
        if first is None:
            raise UnreadableFile(
                "empty-file", "The file holds nothing but blanks.", "Upload a file with rows."
            )
        if len(first) > self.limits.columns:
            raise UnreadableFile(
                "too-many-columns",
                f"The table has {len(first):,} columns; {self.limits.columns:,} are the most that is taken.",
                "Split it, or turn columns into rows.",
            )
        headers = [cell.lstrip("\ufeff") for cell in first] if self.dialect.has_header else [""] * len(first)
        self.names = column_names(headers)
        self.searches = [TypeSearch() for _ in self.names]
        body = records if self.dialect.has_header else chain([first], records)
        schema = pa.schema([(name, pa.string()) for name in self.names])
        with pa.OSFile(str(texts), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            while batch := list(islice((row for row in body if row), BATCH_ROWS)):
                self._take_batch(batch, writer, schema)

    def _take_batch(
        self, batch: list[list[str]], writer: pa.ipc.RecordBatchWriter, schema: pa.Schema
    ) -> None:
        width = len(self.names)
        if any(len(row) != width for row in batch):
            batch = [self._fit(row, self.rows + place) for place, row in enumerate(batch, start=1)]
        self.rows += len(batch)
        arrays = []
        for search, cells in zip(self.searches, zip(*batch, strict=True), strict=True):
            array = pa.array(cells, pa.string())
            array = pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
            search.feed(_trimmed(array))
            arrays.append(array)
        writer.write_batch(pa.record_batch(arrays, schema=schema))
        if self.progress:
            self.progress(self.rows)

    def _fit(self, row: list[str], number: int) -> list[str]:
        """A row of the table's width: short ones are filled up, empty cells too many are cut."""
        missing = len(self.names) - len(row)
        if missing > 0:
            self.padded = [self.padded[0] + 1, self.padded[1]] if self.padded else [1, number]
            return row + [""] * missing
        if missing < 0:
            if any(cell.strip() for cell in row[missing:]):
                raise UnreadableFile(
                    "ragged-row",
                    f"Row {number:,} has {len(row):,} cells where the table has {len(self.names):,} columns.",
                    "Put cells that hold the delimiter in quotes, or mend the row, and upload again.",
                    row=number,
                )
            self.trimmed = [self.trimmed[0] + 1, self.trimmed[1]] if self.trimmed else [1, number]
            return row[:missing]
        return row

    def _malformed(self, error: csv.Error) -> UnreadableFile:
        if "field larger than" in str(error):
            problem = (
                f"After row {self.rows:,} a cell is longer than {self.limits.cell_characters:,} characters: "
                "a quote is probably opened there and never closed."
            )
        else:
            problem = f"After row {self.rows:,} the file is no CSV any more."
        return UnreadableFile(
            "malformed-csv", problem, "Mend the quotes and upload the file again.", self.rows + 1
        )

    def _write_typed(self, texts: Path) -> None:
        kinds = [search.settled() for search in self.searches]
        types = [search.arrow_type() for search in self.searches]
        schema = pa.schema([(ROW, pa.int64()), *zip(self.names, types, strict=True)])
        row = 1
        with (
            pa.memory_map(str(texts)) as source,
            pq.ParquetWriter(self.parquet, schema, compression="zstd") as out,
        ):
            reader = pa.ipc.open_file(source)
            for place in range(reader.num_record_batches):
                batch = reader.get_batch(place)
                columns = [
                    convert(column if kind is None else _trimmed(column), kind, arrow_type)
                    for column, kind, arrow_type in zip(batch.columns, kinds, types, strict=True)
                ]
                numbers = pa.array(range(row, row + len(batch)), pa.int64())
                row += len(batch)
                out.write_batch(
                    pa.record_batch([numbers, *columns], schema=schema), row_group_size=ROW_GROUP_ROWS
                )

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self.dialect.skip_lines:
            notes.append(f"{self.dialect.skip_lines:,} lines before the header were passed over.")
        if not self.dialect.has_header:
            notes.append("The file has no header: columns are numbered.")
        if self.padded:
            notes.append(
                f"{self.padded[0]:,} short rows were filled with empty cells, first row {self.padded[1]:,}."
            )
        if self.trimmed:
            notes.append(
                f"Empty cells too many were cut from {self.trimmed[0]:,} rows, first row {self.trimmed[1]:,}."
            )
        return tuple(notes)


def _trimmed(array: pa.StringArray) -> pa.StringArray:
    """Cells without outer blanks, null where nothing is left: what a type is searched in."""
    plain = pc.utf8_trim_whitespace(array)
    return pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain)


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if "\x00" in line:
            raise UnreadableFile(
                "not-text",
                "The file holds NUL bytes: it is not a text file, or it is damaged.",
                "Export the table again as CSV in UTF-8, or as Parquet.",
            )
        yield line
