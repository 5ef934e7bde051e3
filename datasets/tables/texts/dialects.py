"""Detects the delimiter, quote and escape of a text: those that cut its lines most consistently.

Each candidate's score is the number of records of the same width times the share of their cells with a known
type, as in CleverCSV (van den Burg, Nazábal, Sutton 2019, "Wrangling messy CSV files by detecting row and
type patterns").
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from datasets.tables.table import Dialect
from datasets.tables.texts.header_shapes import is_personal_value
from datasets.tables.texts.records import Cutter
from datasets.tables.values import cell_forms

# Most common first: the earlier one wins if two fit equally well.
DELIMITERS = (",", ";", "\t", "|", "^", "~", "@", ":", "#", " ")
# These are common inside cells, too, so they count only if nearly every record has the same width.
_RARE = frozenset("^~@:# ")
SAMPLE_RECORDS = 200
_MARKS = re.compile(r"[;\t|]")
_WORDS = re.compile(r"[\w .,'&()/+-]*")


@dataclass(frozen=True, slots=True)
class Cut:
    """The first lines, cut in one way. `records`: blank ones are empty lists. `width`: of most records.
    `odd`: records with quotes that have no meaning.
    """

    dialect: Dialect
    records: list[list[str]]
    width: int
    score: float
    odd: int = 0


def best_cut(lines: Sequence[str], wish: Dialect) -> Cut:
    """The best way to cut these lines, within what the request leaves open.

    A text with one column is cut by "," and stays whole.
    """
    escape = escape_of(lines, wish)
    text = "".join(lines)
    delimiters = [wish.delimiter] if wish.delimiter else _delimiters_in(lines)
    quote = wish.quote_char if wish.quote_char is not None else quote_of(text)
    comment = wish.comment if wish.comment is not None else comment_mark(lines)
    base = Dialect(quote_char=quote, escape_char=escape, comment=comment)
    cuts = [_cut(lines, base.corrected(Dialect(delimiter=d)), fixed=bool(wish.delimiter)) for d in delimiters]
    # If a common delimiter gives every record the same width, a blank or colon belongs to the cells.
    even = [cut for cut in cuts if cut.dialect.delimiter not in _RARE and _is_even(cut)]
    best = max(even or cuts, key=lambda cut: cut.score, default=None)
    if best is None or best.score <= 0:
        best = _cut(lines, base.corrected(Dialect(delimiter=wish.delimiter or ",")), fixed=True)
    # Once the width is known, it decides what quotes mean.
    whole = _cut(lines, best.dialect, fixed=True, width=best.width)
    is_open = whole.dialect.delimiter == "\t" and quote and wish.quote_char is None
    if is_open and (whole.odd or not _is_mostly_even(whole)) and _unquoted(lines, quote):
        bare = _cut(lines, best.dialect.corrected(Dialect(quote_char="")), fixed=True)
        return bare if _evenness(bare) >= _evenness(whole) else whole
    return whole


def _delimiters_in(lines: Sequence[str]) -> list[str]:
    """None of the rare ones where most lines are one value: addresses of e-mail are not cut at the @."""
    filled = [text for line in lines[:SAMPLE_RECORDS] if (text := line.strip())]
    single = sum(map(is_personal_value, filled)) * 10 >= 9 * len(filled)
    text = "".join(lines)
    return [mark for mark in DELIMITERS if mark in text and not (single and mark in _RARE)]


def _is_even(cut: Cut) -> bool:
    filled = [record for record in cut.records if any(cell.strip() for cell in record)]
    return cut.score > 0 and all(len(record) == cut.width for record in filled)


def _is_mostly_even(cut: Cut) -> bool:
    """Titles and other lines above a table have widths of their own."""
    return _evenness(cut) >= 0.9


def _evenness(cut: Cut) -> float:
    """The share of records that have the width of most."""
    filled = [record for record in cut.records if record]
    return sum(len(record) == cut.width for record in filled) / max(1, len(filled))


def comment_mark(lines: Sequence[str]) -> str:
    """The mark of comment lines: some lines begin with it, and most do not."""
    count = sum(line.startswith("#") for line in lines)
    return "#" if 0 < count * 2 <= len(lines) else ""


def quote_of(text: str) -> str:
    """The double quote, unless cells have single quotes and never double ones."""
    edge = r"(?:^|[,;\t|]\s?)'[^'\n]*'(?=\s*(?:[,;\t|]|$))"
    if '"' not in text and len(re.findall(edge, text, re.MULTILINE)) >= 2:
        return "'"
    return '"'


def escape_of(lines: Sequence[str], wish: Dialect) -> str:
    """The backslash, if it escapes a quote or writes a null or a backslash; otherwise none."""
    if wish.escape_char is not None:
        return wish.escape_char
    for line in lines:
        if "\\" in line and re.search(
            r'[^,;\t|]\\"[^,;\t|\r\n]|\\\\|(?:^|[,;\t|])\\N(?=[,;\t|\r\n]|$)', line
        ):
            return "\\"
    return ""


def _unquoted(lines: Sequence[str], quote: str) -> bool:
    """Whether most cells that begin with a quote do not end with one: then quotes are inch marks and the
    like.
    """
    starts = [cell for line in lines for cell in line.rstrip("\r\n").split("\t") if cell.startswith(quote)]
    return sum(len(cell) == 1 or not cell.endswith(quote) for cell in starts) * 3 > len(starts)


def _cut(lines: Sequence[str], dialect: Dialect, *, fixed: bool, width: int | None = None) -> Cut:
    cutter = Cutter(dialect, width=width)
    records = list(islice(cutter.records(lines), SAMPLE_RECORDS))
    mark = dialect.comment or "\n"
    filled = [r for r in records if any(cell.strip() for cell in r) and not r[0].startswith(mark)]
    width = width_of(filled)
    score = 1.0 if fixed else _score(filled, width, dialect.delimiter or ",")
    return Cut(dialect, records, width, score, cutter.odd)


def width_of(records: Sequence[list[str]]) -> int:
    """The number of cells that most records have, including empty ones at the end. The largest if several are
    equally frequent.
    """
    widths = Counter(len(record) for record in records)
    return max(widths, key=lambda width: (widths[width] * (width > 1), width), default=1)


def _score(filled: Sequence[list[str]], width: int, delimiter: str) -> float:
    """0 if it is not a delimiter. A record with one more cell, an empty last one, has the right width,
    too.
    """
    alike = [r for r in filled if len(r) == width or (len(r) == width + 1 and not r[-1].strip())]
    if width < 2 or not alike:
        return 0.0
    share = len(alike) / len(filled)
    if delimiter in _RARE and not _is_certain(filled, width, share, delimiter):
        return 0.0
    if width == 2 and len(filled[0]) == 1 and delimiter != "\t" and _is_mark_of_numbers(alike, delimiter):
        return 0.0
    known = [_known(cell) for record in alike for cell in record]
    typed = sum(known) / len(known)
    penalty = 0.02 * DELIMITERS.index(delimiter) if delimiter in DELIMITERS else 0.1
    return share * typed * (width - 1) / width * (1 - penalty)


def _is_certain(filled: Sequence[list[str]], width: int, share: float, delimiter: str) -> bool:
    # A title above the header has no delimiter; where rows could be of two cells, it might be the header.
    titled = len(filled[0]) == 1 and width > 2 and delimiter not in {" ", ":"}
    first = filled[1] if titled and len(filled) > 2 else filled[0]
    if share < 0.9 or (len(filled) < 3 and delimiter in {" ", ":"}):
        return False
    # If the header gets another width than the rows, the sign belongs to the cells. One name may be missing:
    # the one above row numbers.
    return len(first) == width or (len(first) == width - 1 and width > 2)


def _is_mark_of_numbers(alike: Sequence[list[str]], delimiter: str) -> bool:
    """One name above numbers with a decimal comma or grouping: one column, not two."""
    return delimiter == "," and all(cell_forms.is_number(",".join(record)) for record in alike)


def _known(cell: str) -> float:
    """How clearly a cell has a type. A text with another delimiter is probably several cells."""
    cell = cell.strip()
    if not cell or cell_forms.is_missing(cell) or cell_forms.is_data(cell):
        return 1.0
    if _MARKS.search(cell):
        return 0.1
    return 0.9 if _WORDS.fullmatch(cell) else 0.6
