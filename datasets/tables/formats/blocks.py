"""Splits a text into blocks of whole records. Arrow cuts well-formed blocks, the careful cutter the others.

A block is well formed if every quote opens or closes a cell, or is doubled inside one. Both cutters then give
the same result. Anything doubtful (an escape, a control character, rows of different widths) sends that one
block to the careful cutter. Records always come in the order of the file.
"""

from __future__ import annotations

import codecs
import io
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from datasets.tables.formats.suspects import Bytes, suspects
from datasets.tables.table import Dialect
from datasets.tables.texts.layout import Layout
from datasets.tables.texts.records import MOST_LINES, Cutter
from datasets.tables.unreadable import UnreadableFile

# Much smaller blocks cost time. In larger ones, a single odd record sends more text to the careful cutter.
BLOCK_BYTES = 1024**2
# Size of the first block, which the careful cutter always gets.
FIRST_BYTES = 64 * 1024
# A longer quoted cell was probably opened by mistake: the careful cutter decides.
MOST_QUOTED_BYTES = 4 * BLOCK_BYTES
# Lines are held in memory as a whole.
MOST_LINE_BYTES = 64 * BLOCK_BYTES
_BLANK_LINES = (b"\n\n", b"\r\r", b"\n\r")


@dataclass(frozen=True, slots=True)
class Rows:
    """Records as columns of strings, as wide as they were written. `suspects`: positions of records that may
    not be rows, in order; all others are rows.
    """

    columns: list[pa.StringArray]
    suspects: list[int]

    def record(self, place: int) -> list[str]:
        return [column[place].as_py() for column in self.columns]


Piece = list[list[str]] | Rows


@dataclass
class Blocks:
    """The records of a file, in order, in pieces: lists of records, or Rows.

    `careful_records`: how many of the first records the careful cutter gets (titles, headers). Raises
    UnicodeError if the file is not text in this encoding, and UnreadableFile.
    """

    path: Path
    encoding: str
    cutter: Cutter
    layout: Layout
    careful_records: int = 0

    def pieces(self) -> Iterator[Piece]:
        with self.path.open("rb") as file:
            quote = (self.cutter.dialect.quote_char or "").encode()
            stream = _Stream(_as_utf8(iter(lambda: file.read(FIRST_BYTES), b""), self.encoding), quote)
            seen = 0
            while block := stream.block():
                rows = self._quickly(block) if seen > self.careful_records else None
                if rows is None:
                    records = self._carefully(block, stream)
                    seen += len(records)
                    yield records
                else:
                    yield rows

    def _carefully(self, block: bytes, stream: _Stream) -> list[list[str]]:
        """The records that begin in a block. The last may end after it."""
        lines = _Lines(block, stream)
        inside, ahead, records = lines.waiting, _checked(lines), []
        while lines.given - len(self.cutter.pending) < inside:
            record = self.cutter.cut_next(ahead)
            if record is None:
                break
            records.append(record)
        stream.put_back([*self.cutter.pending, *lines.left()])
        self.cutter.pending.clear()
        return records

    def _quickly(self, block: bytes) -> Rows | None:
        """The records of a block as Arrow cuts them. None if only the careful cutter is reliable."""
        dialect, width = self.cutter.dialect, self.layout.width
        if not _is_plain(block, dialect):
            return None
        columns = _arrow_columns(block, dialect, width)
        if columns is None or _has_long(columns, block, self.cutter.cell_characters):
            return None
        sides = [Bytes(column) for column in columns]
        if any(not side.is_blank().all() for side in sides[width:]):
            return None
        places = suspects(sides[:width], self.layout)
        if places and (block[0] in b"\r\n" or any(blank in block for blank in _BLANK_LINES)):
            return None  # blank lines change how what follows is judged
        return Rows(columns, places)


def _is_plain(block: bytes, dialect: Dialect) -> bool:
    """Whether Arrow would cut these lines as the careful cutter does."""
    delimiter, quote, escape = dialect.delimiter or "", dialect.quote_char or "", dialect.escape_char or ""
    if len(delimiter) != 1 or not (delimiter + quote).isascii() or delimiter in "\r\n":
        return False
    if escape and escape.encode() in block:
        return False
    codes = np.frombuffer(block, np.uint8)
    controls = np.count_nonzero(codes < 32) - sum(map(block.count, (b"\n", b"\r", b"\t")))
    if controls or block.endswith((b"\n\n", b"\r\r", b"\n\r\n")):
        return False
    return not quote or quote.encode() not in block or _is_well_quoted(codes, delimiter, quote)


def _is_well_quoted(codes: np.ndarray, delimiter: str, quote: str) -> bool:
    """Whether each quote opens after a delimiter or line end, closes before one, or is doubled."""
    mark = ord(quote)
    places = np.flatnonzero(codes == mark)
    if len(places) % 2:
        return False
    edge = np.zeros(256, bool)
    edge[[ord(delimiter), 10, 13, mark]] = True
    opening, closing = places[::2], places[1::2]
    # A quote next to the quote of another pair is the second half of a doubled one.
    begins = edge[codes[opening - 1]] | (opening == 0)
    ends = edge[codes[np.minimum(closing + 1, len(codes) - 1)]] | (closing == len(codes) - 1)
    return bool(begins.all() and ends.all())


def _arrow_columns(block: bytes, dialect: Dialect, width: int) -> list[pa.StringArray] | None:
    """Columns as wide as the first record. None if a record has another width."""
    first = block.split(b"\n", 1)[0]
    quote, delimiter = dialect.quote_char or "", dialect.delimiter or ","
    if not quote or quote.encode() not in first:
        width = first.count(delimiter.encode()) + 1
    names = [str(place) for place in range(width)]
    try:
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            arrow_csv.ReadOptions(use_threads=False, block_size=len(block) + 1, column_names=names),
            arrow_csv.ParseOptions(delimiter=delimiter, quote_char=quote or False, newlines_in_values=True),
            arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()), null_values=[]),
        )
    except pa.ArrowInvalid:
        return None
    return [
        column.combine_chunks() if column.num_chunks != 1 else column.chunk(0) for column in table.columns
    ]


def _has_long(columns: list[pa.StringArray], block: bytes, characters: int) -> bool:
    """Whether a record or cell may be too long for the careful cutter, or span too many lines."""
    if len(block) >= characters:
        lengths = sum(pc.binary_length(column).to_numpy() for column in columns)
        if len(lengths) and lengths.max() + len(columns) * 3 >= characters:
            return True
    if max(block.count(b"\n"), block.count(b"\r")) - len(columns[0]) < MOST_LINES:
        return False
    return any(
        (pc.max(pc.count_substring(column, mark)).as_py() or 0) >= MOST_LINES - 1
        for column in columns
        for mark in ("\n", "\r")
    )


@dataclass
class _Stream:
    """A text's bytes in UTF-8, in blocks that end with a record, as far as quotes show."""

    chunks: Iterator[bytes]
    quote: bytes
    rest: bytes = b""
    ended: bool = False
    begun: bool = False

    def block(self) -> bytes:
        """b"" at the end."""
        data, wanted = self.rest, BLOCK_BYTES if self.begun else FIRST_BYTES
        self.begun = True
        while True:
            data += self._more(wanted - len(data))
            end = len(data) if self.ended else _record_end(data, self.quote)
            if not end and len(data) > MOST_QUOTED_BYTES:
                end = _line_end(data, len(data))
            if end or self.ended:
                break
            if len(data) > MOST_LINE_BYTES:
                raise UnreadableFile(
                    "malformed-csv",
                    f"A line is longer than {MOST_LINE_BYTES // 1024**2:,} MB.",
                    "Export the table again with one row a line.",
                )
            wanted = len(data) + BLOCK_BYTES
        self.rest = data[end:]
        return data[:end]

    def _more(self, size: int) -> bytes:
        found = []
        while size > 0 and not self.ended:
            chunk = next(self.chunks, None)
            self.ended = chunk is None
            found.append(chunk or b"")
            size -= len(found[-1])
        return b"".join(found)

    def put_back(self, lines: list[str]) -> None:
        if lines:
            self.rest = "".join(lines).encode() + self.rest


def _record_end(data: bytes, quote: bytes) -> int:
    """The position after the last line end outside quotes. 0 if there is none."""
    end = _line_end(data, len(data))
    if quote and quote in data:
        places = np.flatnonzero(np.frombuffer(data, np.uint8) == quote[0])
        before = int(np.searchsorted(places, end))
        if before % 2:
            end = _line_end(data, int(places[before - 1]))
    return end


def _line_end(data: bytes, before: int) -> int:
    """A carriage return at the very end may be the first half of a line end."""
    return data.rfind(b"\n", 0, before) + 1 or data.rfind(b"\r", 0, max(before - 1, 0)) + 1


class _Lines(Iterator[str]):
    """The lines of a block, then those after it, as long as they are requested. `given`: lines so far."""

    def __init__(self, block: bytes, stream: _Stream) -> None:
        self._stream, self.given = stream, 0
        self._waiting = deque(lines_of(block.decode()))
        self.waiting = len(self._waiting)

    def __next__(self) -> str:
        if not self._waiting:
            self._waiting.extend(lines_of(self._stream.block().decode()))
        if not self._waiting:
            raise StopIteration
        self.given += 1
        return self._waiting.popleft()

    def left(self) -> list[str]:
        return list(self._waiting)


def lines_of(text: str) -> list[str]:
    """The text's lines with their ends, of any kind."""
    return io.StringIO(text, newline="").readlines()


def _as_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """Re-encode the bytes as UTF-8. Raises UnicodeError if they are not text in the encoding."""
    name = codecs.lookup(encoding).name
    if name in {"utf-8", "ascii"}:
        yield from chunks
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def not_text() -> UnreadableFile:
    return UnreadableFile(
        "not-text",
        "The file holds NUL bytes: it is not a text file, or it is damaged.",
        "Export the table again as CSV in UTF-8, or as Parquet.",
    )


def _checked(lines: Iterator[str]) -> Iterator[str]:
    """The bytes up to the end-of-file mark of old systems (Ctrl-Z). Raises UnreadableFile at a NUL."""
    for line in lines:
        if "\x00" in line:
            raise not_text()
        if line == "\x1a":
            return
        yield line
