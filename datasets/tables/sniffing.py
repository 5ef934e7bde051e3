"""What a file is, by its content: kind, encoding, and the dialect of a CSV. Looks at the beginning only."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from charset_normalizer import from_bytes

from datasets.tables.header_shapes import is_row_of_values
from datasets.tables.table import Format
from datasets.tables.unreadable import UnreadableFile

# How much of a file is looked at (bytes). Enough for a few hundred rows of most tables.
HEAD_BYTES = 256 * 1024

# First bytes of what people send by mistake, with its name and what to do.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "an Excel workbook or another ZIP archive", "Save the sheet as CSV and upload that."),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV and upload that."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it and upload the file inside."),
    (b"BZh", "a bzip2 archive", "Unpack it and upload the file inside."),
    (b"\xfd7zXZ\x00", "an xz archive", "Unpack it and upload the file inside."),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack it and upload the file inside."),
    (b"\x28\xb5\x2f\xfd", "a zstd archive", "Unpack it and upload the file inside."),
    (b"Obj\x01", "an Avro file", "Convert it to Parquet or CSV."),
    (b"ORC", "an ORC file", "Convert it to Parquet or CSV."),
    (b"ARROW1", "an Arrow file", "Convert it to Parquet or CSV."),
    (b"SQLite format 3\x00", "an SQLite database", "Export the table as CSV."),
    (b"%PDF", "a PDF document", "Upload the table as CSV or Parquet."),
    (b"\x89PNG", "a picture", "Upload a table as CSV or Parquet."),
    (b"\xff\xd8\xff", "a picture", "Upload a table as CSV or Parquet."),
    (b"GIF8", "a picture", "Upload a table as CSV or Parquet."),
    (b"\x7fELF", "a program", "Upload a table as CSV or Parquet."),
    (b"MZ\x90\x00", "a program", "Upload a table as CSV or Parquet."),
    (b"{\\rtf", "a text document", "Upload a table as CSV or Parquet."),
)
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<\?xml|<head|<body|<table|<svg)", re.IGNORECASE)

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = {"utf-16-le": (1, 2), "utf-16-be": (0, 2), "utf-32-le": (1, 4), "utf-32-be": (0, 4)}

# Tried in this order where several fit equally well; the last ones only where they fit every line.
DELIMITERS = (",", ";", "\t", "|", "^", "~", "@", ":", "#", " ")
_RARE = set("^~@:# ")


def format_of(head: bytes) -> Format:
    """The format of a file by its first bytes. Raises UnreadableFile where it is no table that we read."""
    if head[:4] in {b"PAR1", b"PARE"}:
        return "parquet"
    refuse_foreign(head)
    return "csv"


def refuse_foreign(head: bytes) -> None:
    """Raises UnreadableFile where the first bytes belong to something that is no table."""
    if not head:
        raise UnreadableFile("empty-file", "The file is empty.", "Upload a file with a header and rows.")
    for magic, name, remedy in _FOREIGN:
        if head.startswith(magic):
            raise UnreadableFile("not-a-table", f"The file is {name}, not a CSV or Parquet file.", remedy)
    if _MARKUP.match(head):
        raise UnreadableFile(
            "not-a-table",
            "The file is a web page or XML, not a CSV or Parquet file.",
            "Save the data as CSV.",
        )


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its beginning, as Python names it. Raises UnreadableFile where it is none."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if wide := _wide_encoding(head):
        return wide
    if b"\x00" in head:
        raise UnreadableFile(
            "not-text",
            "The file holds NUL bytes: it is not a text file, or it is damaged.",
            "Export the table again as CSV in UTF-8, or as Parquet.",
        )
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return _legacy_encoding(head)
    return "utf-8"


def _wide_encoding(head: bytes) -> str | None:
    """UTF-16 and UTF-32 without a mark: Latin text has zeros in all the same places."""
    sample = head[:4000]
    sample = sample[: len(sample) // 4 * 4]
    if len(sample) < 8 or sample.count(0) < len(sample) * 0.3:
        return None
    zero = [sum(byte == 0 for byte in sample[place::4]) * 4 / len(sample) > 0.7 for place in range(4)]
    patterns = {
        (False, True, True, True): "utf-32-le",
        (True, True, True, False): "utf-32-be",
        (False, True, False, True): "utf-16-le",
        (True, False, True, False): "utf-16-be",
    }
    return patterns.get((zero[0], zero[1], zero[2], zero[3]))


def _legacy_encoding(head: bytes) -> str:
    """The most likely 8-bit encoding. Western European where nothing speaks for another."""
    # What lies in 0x80–0x9F is text in cp1252 and control characters in Latin-1.
    western = "cp1252" if re.search(rb"[\x80-\x9f]", head) else "latin-1"
    controls = len(re.findall(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]", head))
    if controls > len(head) * 0.02:
        raise UnreadableFile(
            "not-text",
            "The file is not a text file in an encoding that we know.",
            "Export the table again as CSV in UTF-8, or as Parquet.",
        )
    # Texts in other scripts are mostly made of high bytes; accents in Western ones are few.
    high = sum(byte > 0x7F for byte in head)
    if high < len(head) * 0.2:
        return western
    best = from_bytes(
        head[:64_000], cp_isolation=["cp1250", "cp1251", "cp1252", "shift_jis", "gb18030"]
    ).best()
    return best.encoding if best is not None else western


def skip_blank_and_titles(rows: Sequence[list[str]], width: int) -> int:
    """How many records stand before the header: blank ones, and titles that fill a single cell."""
    for index, row in enumerate(rows[:20]):
        filled = sum(bool(cell.strip()) for cell in row)
        title = width > 2 and filled == 1 and _filled(rows[index + 1 :], width) > 1
        if len(row) >= width and filled and not title:
            return index
    return 0


def _filled(rows: Sequence[list[str]], width: int) -> int:
    """Cells with content in the first record of the table's width."""
    return next((sum(bool(cell.strip()) for cell in row) for row in rows if len(row) == width), 0)


def csv_records(lines: Iterable[str], delimiter: str, quote_char: str | None) -> Iterator[list[str]]:
    """CSV records of lines; `quote_char` None: quotes mean nothing."""
    if quote_char is None:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter, quotechar=quote_char)


def records(text: str, delimiter: str, quote_char: str | None) -> Iterator[list[str]]:
    """CSV records of a text; a blank line is an empty list."""
    return csv_records(io.StringIO(text, newline=""), delimiter, quote_char)


def delimiter_of(text: str) -> str:
    """The character that cuts most records into equally many cells; "," where the table has one column."""
    best, best_score = ",", 0.0
    for place, delimiter in enumerate(DELIMITERS):
        widths = [len(row) for row in _sample(text, delimiter) if row]
        if not widths:
            continue
        width, count = max(Counter(widths).items(), key=lambda item: (item[1] * (item[0] > 1), item[0]))
        if width < 2:
            continue
        share = count / len(widths)
        if delimiter in _RARE and (share < 0.9 or (len(widths) < 3 and delimiter in {" ", ":"})):
            continue
        if delimiter in _RARE and widths[0] != width:
            continue  # a header of one name over emails, times or links: the mark belongs to the cells
        # A common delimiter outweighs a rare one that fits a little better.
        score = share - place * 0.02 - (0.3 if delimiter in _RARE else 0.0) + min(width, 20) * 0.003
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample(text: str, delimiter: str, rows: int = 300) -> list[list[str]]:
    sample: list[list[str]] = []
    try:
        for row in records(text, delimiter, '"'):
            sample.append(row)
            if len(sample) == rows:
                return sample
    except csv.Error:
        return sample
    # The last record may be cut in the middle.
    return sample[:-1] if len(text) >= HEAD_BYTES // 4 and len(sample) > 1 else sample


def width_of(rows: Sequence[list[str]]) -> int:
    """How many cells most records have; the widest of those that are as frequent."""
    widths = Counter(len(row) for row in rows if row)
    return max(widths.items(), key=lambda item: (item[1], item[0]))[0] if widths else 0


_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*(e[-+]?\d+)?%?", re.IGNORECASE)
_DATE = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}([ T]\d{1,2}:\d{2}.*)?")


def has_header(rows: Sequence[list[str]]) -> bool:
    """Whether the first record names the columns: it is text where the records below hold numbers or dates.

    A file whose first record looks just like those below has none; where nothing tells, a header is what
    files have.
    """
    first, rest = rows[0], [row for row in rows[1:100] if any(row)]
    if is_row_of_values(first):
        return False
    cells = [cell.strip() for cell in first]
    if any(_is_data(cell) for cell in cells if cell):
        return not _looks_alike(first, rest)
    return True


def _looks_alike(first: list[str], rest: Sequence[list[str]]) -> bool:
    """Whether the first record holds numbers or dates wherever those below nearly all do."""
    alike = unlike = 0
    for position, cell in enumerate(first):
        below = [row[position].strip() for row in rest if position < len(row) and row[position].strip()]
        if not below or sum(_is_data(value) for value in below) < len(below) * 0.8:
            continue
        if _is_data(cell.strip()) or not cell.strip():
            alike += 1
        else:
            unlike += 1
    return alike > unlike


def _is_data(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell) or _DATE.fullmatch(cell))
