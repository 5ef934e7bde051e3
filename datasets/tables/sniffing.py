"""Detects what a file is from its beginning: format, encoding, and whether we read it."""

from __future__ import annotations

import codecs
import re
import string
import unicodedata
from itertools import pairwise

from datasets.tables.table import Format
from datasets.tables.unreadable import UnreadableFile

# Bytes of a file that are examined. Enough for a few hundred rows of most tables.
HEAD_BYTES = 256 * 1024

# First bytes of files that people send by mistake, with the format's name and what to do.
_FOREIGN: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "Save the sheet as CSV and upload that."),
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
_JSON = re.compile(rb"\s*(\[\s*[\[{]|\{\s*[\"\n\r])")
_MARKUP = re.compile(rb"\s*(<!doctype|<html|<\?xml|<head|<body|<table|<svg)", re.IGNORECASE)

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def format_of(head: bytes) -> Format:
    """The format of a file by its first bytes. Raises UnreadableFile if we do not read it."""
    if head[:4] in {b"PAR1", b"PARE"}:
        return "parquet"
    if head[:4] == b"PK\x03\x04":
        return "xlsx"
    if _is_json_lines(head):
        return "jsonl"
    refuse_foreign(head)
    return "csv"


def _is_json_lines(head: bytes) -> bool:
    """Whether the first line is a JSON object by itself."""
    first = head.lstrip(codecs.BOM_UTF8).lstrip().partition(b"\n")[0].strip()
    return first.startswith(b"{") and first.endswith(b"}") and b'"' in first


def refuse_foreign(head: bytes) -> None:
    """Raises UnreadableFile if the first bytes are those of something that is not a table."""
    if not head:
        raise UnreadableFile("empty-file", "The file is empty.", "Upload a file with a header and rows.")
    for magic, name, remedy in _FOREIGN:
        if head.startswith(magic):
            raise UnreadableFile("not-a-table", f"The file is {name}, not a CSV or Parquet file.", remedy)
    if not _is_json_lines(head) and _JSON.match(head):
        raise UnreadableFile(
            "json",
            "The file is JSON, not a table.",
            "Write it as JSON Lines (one object a line), or as CSV or Parquet.",
        )
    if _MARKUP.match(head):
        raise UnreadableFile(
            "not-a-table",
            "The file is a web page or XML, not a CSV or Parquet file.",
            "Save the data as CSV.",
        )


def encoding_of(head: bytes) -> str:
    """The encoding of a text by its beginning, under Python's name. Raises UnreadableFile if it is not
    text.
    """
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
    """UTF-16 or UTF-32 without a byte order mark: Latin text has zero bytes in regular places."""
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
    """The most likely 8-bit encoding. Western European unless the text shows another."""
    if _is_ebcdic(head):
        raise UnreadableFile(
            "ebcdic",
            "The file is in EBCDIC, an encoding of mainframes.",
            "Convert it to UTF-8, for instance by iconv -f IBM037 -t UTF-8, and upload that.",
        )
    controls = len(re.findall(rb"[\x01-\x08\x0b\x0c\x0e-\x1f]", head))
    if controls > len(head) * 0.02:
        raise UnreadableFile(
            "not-text",
            "The file is not a text file in an encoding that we know.",
            "Export the table again as CSV in UTF-8, or as Parquet.",
        )
    lines = b"\n".join(line for line in head.splitlines() if not line.isascii())[:40_000]
    oddities = {name: _oddities(lines, name) for name in _ALPHABETS}
    best = min(_ALPHABETS, key=lambda name: oddities[name])
    if oddities[best] * 2 < oddities["cp1252"]:
        return best
    # Both decode it alike, unless it has a character that only cp1252 has.
    return "cp1252" if re.search(rb"[\x80-\x9f]", head) else "latin-1"


# Bytes of common characters in EBCDIC of every country: letters, digits, a few signs, line ends.
_EBCDIC = frozenset(f"{string.ascii_letters}{string.digits} ,;.-/:'\"+&()%_*\t\r\n\x85".encode("cp037"))


def _is_ebcdic(head: bytes) -> bool:
    """Whether a text is EBCDIC: no ASCII line feeds or blanks, and at least nine in ten bytes are EBCDIC's
    common characters (the others may be accented letters). Other encodings rarely fit both.
    """
    if b"\n" in head or b" " in head:
        return False
    return sum(byte in _EBCDIC for byte in head) >= len(head) * 0.9


# In order of preference if several fit equally well. EUC-KR is before GB 18030: Korean bytes are also common
# Chinese characters, but Chinese bytes read as Korean mix scripts.
_ALPHABETS = ("cp1252", "cp1250", "cp1251", "koi8_r", "euc_kr", "gb18030", "cp932", "big5", "mac-roman")
# Scripts that Japanese mixes within a word.
_JAPANESE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})


def _oddities(text: bytes, encoding: str) -> int:
    """Number of oddities in a text read in this encoding: symbols inside words, words in several scripts,
    repeated accents, capitals after small letters, undefined bytes.
    """
    read = codecs.getincrementaldecoder(encoding)("replace").decode(text)
    words = re.findall(r"[^\s!-/:-@\[-`{-~]{2,}", read)
    odd = sum(_is_odd(one, other) for word in words for one, other in pairwise(word))
    rare = sum(map(_is_rare, read)) if encoding == "gb18030" else 0
    return odd + rare + 3 * len(re.findall("[À-ɏ]{3,}", read)) + 10 * read.count("\ufffd")


def _is_rare(character: str) -> bool:
    """Whether it is outside GB 2312, the common Chinese characters. GB 18030 has a character for almost any
    bytes.
    """
    return character > "\u2e7f" and not character.encode("gb2312", "ignore")


# Characters that occur next to letters in any language.
_SIGNS = set("°µ€²³§–—’‘“”„…«»·№")


def _is_odd(one: str, other: str) -> bool:
    if one.isascii() and other.isascii():
        return False
    if not (one.isalpha() and other.isalpha()):
        return one.isalpha() != other.isalpha() and not {one, other} & _SIGNS
    scripts = {unicodedata.name(letter, "?").split(" ")[0] for letter in (one, other)}
    return (len(scripts) > 1 and not scripts <= _JAPANESE) or (one.islower() and other.isupper())
