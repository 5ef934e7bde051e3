"""CSV for people: written line by line, with cells that no spreadsheet treats as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

CONTENT_TYPE = "text/csv; charset=utf-8"
# Without it, Excel reads UTF-8 in the machine's code page.
_MARK = "\ufeff"
_NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
# First characters of a formula (https://owasp.org/www-community/attacks/CSV_Injection), also in full width
# and after blanks. A spreadsheet that expects semicolons or tabs splits cells there and at line ends, quoted
# or not.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))((?:[^\S\t\r\n]|[\"'])*)(?=[=+\-@＝＋－＠])")


def inert(value: object) -> str:
    """A cell as text that a spreadsheet shows and never runs: an apostrophe precedes what would begin a
    formula. Numbers are unchanged; None is "".
    """
    text = "" if value is None else str(value)
    return text if _NUMBER.fullmatch(text) else _FORMULA.sub(r"\1'", text)


def csv_lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[bytes]:
    """The file in UTF-8 with its mark, one record at a time (RFC 4180). `rows`: cells in the order of
    `columns`.
    """
    yield (_MARK + _record(columns)).encode()
    for row in rows:
        yield _record(row).encode()


def _record(cells: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow([inert(cell) for cell in cells])
    return line.getvalue()
