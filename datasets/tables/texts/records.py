r"""Cuts a text with delimiters into records, and tolerates careless quoting.

A quote opens a cell only if it closes before a delimiter. A quote that never closes, or with text after its
closing quote, is part of the text. A line end inside quotes belongs to the cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from datasets.tables.table import Dialect
from datasets.tables.unreadable import UnreadableFile

# Lines and characters of one quoted cell. A longer one was opened by mistake.
MOST_LINES = 2_000
# Attempts to cut a record while its quotes come in pairs, and while they do not.
MOST_TRIES = 20
# Stand for an escaped character while a line is cut.
_HELD = 0xE000


@dataclass
class Cutter:
    """Cuts lines into records. `width`: the table's, None while unknown; it decides doubtful cases.

    `odd`: records with quotes that have no meaning.
    """

    dialect: Dialect
    cell_characters: int = 1_000_000
    width: int | None = None
    odd: int = 0
    # Lines that belong to no record yet.
    pending: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        delimiter, quote = (
            re.escape(self.dialect.delimiter or "\x1f"),
            re.escape(self.dialect.quote_char or '"'),
        )
        blank = "" if self.dialect.delimiter in {" ", "\t"} else " *"
        shut = rf"{blank}(?={delimiter}|$)"
        # A well-formed quoted cell; one with stray quotes inside; one without quotes.
        self._strict = re.compile(rf"{blank}{quote}((?:[^{quote}]|{quote}{quote})*){quote}{shut}", re.DOTALL)
        stray = rf"{quote}(?!{quote})(?!{blank}(?:{delimiter}|$))"
        self._loose = re.compile(
            rf"{blank}{quote}((?:[^{quote}]|{quote}{quote}|{stray})*){quote}{shut}", re.DOTALL
        )
        self._bare = re.compile(rf"[^{delimiter}]*", re.DOTALL)

    def records(self, lines: Iterable[str]) -> Iterator[list[str]]:
        """`lines`: with their ends. A blank line is an empty list."""
        ahead = iter(lines)
        while (record := self.cut_next(ahead)) is not None:
            yield record

    def cut_next(self, ahead: Iterator[str]) -> list[str] | None:
        """The record that begins with the first pending line, or the next one. None if there is none."""
        line = self.pending.pop(0) if self.pending else next(ahead, None)
        if line is None:
            return None
        record, used = self._record(line, self.pending, ahead)
        del self.pending[:used]
        return record

    def _record(self, line: str, pending: list[str], ahead: Iterator[str]) -> tuple[list[str], int]:
        """The record that begins with a line, and how many lines of `pending` it used."""
        quote, delimiter = self.dialect.quote_char, self.dialect.delimiter
        text = line.rstrip("\r\n")
        if not text.strip():
            return ([] if delimiter != "\t" or "\t" not in text else text.split("\t")), 0
        if not quote or quote not in text:
            return self._unescaped(self._split(self._escaped(text))), 0
        cells, is_open = self._cut(self._escaped(text))
        if not is_open:
            return self._unescaped(cells), 0
        return self._over_lines(line, cells, pending, ahead)

    def _over_lines(
        self, line: str, alone: list[str], pending: list[str], ahead: Iterator[str]
    ) -> tuple[list[str], int]:
        """A line with an open quote: together with the lines up to its closing quote, or else alone."""
        quote = self.dialect.quote_char or '"'
        text, used, marks, tries = line, 0, line.count(quote), [0, 0]
        while used < MOST_LINES and len(text) < self.cell_characters:
            if used == len(pending):
                more = next(ahead, None)
                if more is None:
                    break
                pending.append(more)
            text += pending[used]
            used += 1
            added = pending[used - 1].count(quote)
            marks += added
            tries[marks % 2] += added > 0
            # A well-formed cell closes with the first pair of quotes. Others are not worth many attempts.
            if not added or tries[marks % 2] > MOST_TRIES:
                continue
            cells, is_open = self._cut(self._escaped(text.rstrip("\r\n")))
            if not is_open:
                if self.width is None or len(cells) == self.width or len(alone) != self.width:
                    return self._unescaped(cells), used
                break
        self.odd += 1
        return self._unescaped(alone), 0

    def _cut(self, text: str) -> tuple[list[str], bool]:
        """The cells of a text, and whether a quote is still open at its end (then it counts as a
        character).
        """
        readings = []
        for stray in (False, True):
            cells, is_open, odd = self._read(text, stray)
            readings.append((cells, is_open, odd))
            if not odd or len(cells) == self.width:
                break
        cells, is_open, odd = next((r for r in readings if len(r[0]) == self.width), readings[0])
        self.odd += bool(odd and not is_open)
        return cells, is_open

    def _read(self, text: str, stray: bool) -> tuple[list[str], bool, bool]:
        """`stray`: a quote may stand inside a quoted cell without being doubled."""
        quote, step = self.dialect.quote_char or '"', len(self.dialect.delimiter or "\x1f")
        cells, place, is_open, odd = [], 0, False, False
        while True:
            found = self._strict.match(text, place)
            if found:
                cells.append(found[1].replace(quote * 2, quote))
            else:
                bare = self._bare.match(text, place)
                assert bare is not None  # noqa: S101 - it matches nothing, too
                begins = bare[0].lstrip(" ").startswith(quote)
                found = self._loose.match(text, place) if begins and stray else None
                odd = odd or begins
                is_open = is_open or (begins and self._stays_open(text, place))
                cells.append(found[1].replace(quote * 2, quote) if found else bare[0])
                found = found or bare
            place = found.end() + step
            if found.end() >= len(text):
                return cells, is_open, odd

    def _stays_open(self, text: str, place: int) -> bool:
        quote = self.dialect.quote_char or '"'
        return text.count(quote, place) % 2 == 1 and not self._loose.match(text, place)

    def _split(self, text: str) -> list[str]:
        delimiter = self.dialect.delimiter
        return text.split(delimiter) if delimiter else [text]

    def _escaped(self, text: str) -> str:
        """Replace escaped characters by placeholders while the text is cut."""
        escape = self.dialect.escape_char
        if not escape or escape not in text:
            return text
        return re.sub(
            re.escape(escape) + "([^Nntr0\n\u0100-\U0010ffff])", lambda m: chr(_HELD + ord(m[1])), text
        )

    def _unescaped(self, cells: list[str]) -> list[str]:
        if any(len(cell) > self.cell_characters for cell in cells):
            raise UnreadableFile(
                # The quote is not the cause: one that never closes opens no cell.
                "cell-too-long",
                f"A cell is longer than the {self.cell_characters:,} characters that one may have.",
                "Shorten such cells, or keep their texts elsewhere, and upload the file again.",
            )
        if not self.dialect.escape_char:
            return cells
        null = self.dialect.escape_char + "N"
        return [
            "" if cell == null else _RELEASE.sub(lambda m: chr(ord(m[0]) - _HELD), cell) for cell in cells
        ]


_RELEASE = re.compile(f"[{chr(_HELD)}-{chr(_HELD + 0xFF)}]")
