"""Random tables: of known values in random dialects and notations, and texts as messy as people send them."""

from __future__ import annotations

import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

# Texts of a column, and the values that they stand for.
Column = tuple[list[str], list[Any]]
_WORDS = (
    "oak", "Ash tree", "elm, big", "fir; small", "yew | two", 'the "old" lime', "new\nline", "Größe", "été",
    "O'Brien", "x = y", "a/b", "50 up", "the end.", "(see note)", "north-east", "C3PO", "naïve",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """A table as bytes. `columns`: name to the values that must come back."""

    content: bytes
    columns: dict[str, list[Any]]


def _texts(chance: random.Random, rows: int, decimal: str) -> Column:
    cells = [chance.choice(_WORDS) for _ in range(rows)]
    return cells, list(cells)


def _whole(chance: random.Random, rows: int, decimal: str) -> Column:
    values = [chance.randrange(-(10 ** chance.randrange(1, 18)), 10**15) for _ in range(rows)]
    return list(map(str, values)), values


def _codes(chance: random.Random, rows: int, decimal: str) -> Column:
    cells = ["0" + "".join(chance.choices(string.digits, k=chance.randrange(3, 12))) for _ in range(rows)]
    return cells, list(cells)


def _money(chance: random.Random, rows: int, decimal: str) -> Column:
    """With a sign before or behind, grouped or not, minus or brackets."""
    before, behind = chance.choice([("€", ""), ("", " €"), ("$", ""), ("EUR ", ""), ("", " zł"), ("£", "")])
    grouped, brackets = chance.choice([True, False]), chance.choice([True, False])
    values = [Decimal(chance.randrange(-(10**8), 10**9)) / 100 for _ in range(rows)]
    cells = []
    for value in values:
        body = before + _number(abs(value), 2, decimal, grouped) + behind
        cells.append(body if value >= 0 else f"({body})" if brackets else f"-{body}")
    return cells, values


def _percent(chance: random.Random, rows: int, decimal: str) -> Column:
    gap = chance.choice(["", " "])
    values = [Decimal(chance.randrange(0, 1_000)) / 10 for _ in range(rows)]
    return [_number(value, 1, decimal, False) + gap + "%" for value in values], values


def _fractions(chance: random.Random, rows: int, decimal: str) -> Column:
    places = chance.choice([1, 2, 4])  # three may be thousands
    values = [Decimal(chance.randrange(-(10**7), 10**7)) / 10**places for _ in range(rows)]
    return [_number(value, places, decimal, False) for value in values], values


def _scientific(chance: random.Random, rows: int, decimal: str) -> Column:
    values = [chance.uniform(-1, 1) * 10.0 ** chance.randrange(-9, 9) for _ in range(rows)]
    return [f"{value:.12e}" for value in values], [float(f"{value:.12e}") for value in values]


def _number(value: Decimal, places: int, decimal: str, grouped: bool) -> str:
    text = f"{value:,.{places}f}" if grouped else f"{value:.{places}f}"
    return text if decimal == "." else text.translate(str.maketrans(",.", ".,"))


_DATES = (
    "%Y-%m-%d",
    "%d.%m.%Y",
    "%d.%m.%y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d %b %Y",
    "%B %d, %Y",
    "%Y%m%d",
    "%d-%b-%y",
)
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%d.%m.%Y %H:%M", "%m/%d/%Y %I:%M %p", "%Y/%m/%d %H:%M:%S")


def _dates(chance: random.Random, rows: int, decimal: str) -> Column:
    values = [date(2001, 1, 1) + timedelta(chance.randrange(9_000)) for _ in range(rows)]
    values[0] = date(2024, 5, 25)  # in every order of day and month it is one date
    format = chance.choice(_DATES)
    return [value.strftime(format) for value in values], values


def _moments(chance: random.Random, rows: int, decimal: str) -> Column:
    begin = datetime(2001, 1, 1)
    values = [begin + timedelta(minutes=chance.randrange(9_000_000)) for _ in range(rows)]
    values[0] = datetime(2024, 5, 25, 13, 30)
    if chance.random() < 0.2:
        return [f"{value.isoformat()}Z" for value in values], [value.replace(tzinfo=UTC) for value in values]
    format = chance.choice(_TIMES)
    return [value.strftime(format) for value in values], values


def _flags(chance: random.Random, rows: int, decimal: str) -> Column:
    yes, no = chance.choice([("yes", "no"), ("true", "false"), ("ja", "nein"), ("Y", "N"), ("TRUE", "FALSE")])
    values = [True, False, *(chance.choice([True, False]) for _ in range(rows - 2))]
    return [yes if value else no for value in values], values


_KINDS: tuple[Callable[[random.Random, int, str], Column], ...] = (
    _texts, _whole, _codes, _money, _percent, _fractions, _scientific, _dates, _moments, _flags,
)  # fmt: skip
_WORDS_FOR_MISSING = ("", "", "n/a", "NULL", "-", "#N/A")


def written_table(chance: random.Random) -> Written:
    """In a random dialect, with random types in random notations, holes and words for missing."""
    rows = chance.randrange(6, 60)
    delimiter, decimal = chance.choice(
        [(",", "."), (",", "."), (";", ","), (";", "."), ("\t", ","), ("|", ".")]
    )
    columns: dict[str, Column] = {"no": ([str(n) for n in range(1, rows + 1)], list(range(1, rows + 1)))}
    for place in range(chance.randrange(2, 9)):
        kind = chance.choice(_KINDS)
        cells, values = kind(chance, rows, decimal)
        if chance.random() < 0.3:
            cells, values = _with_holes(chance, cells, values, is_text=kind in {_texts, _codes})
        columns[f"{kind.__name__.strip('_')} {place}"] = (cells, values)
    lines = [list(columns), *map(list, zip(*(cells for cells, _ in columns.values()), strict=True))]
    text = _written(chance, lines, delimiter)
    return Written(_encoded(chance, text), {name: values for name, (_, values) in columns.items()})


def _with_holes(chance: random.Random, cells: list[str], values: list[Any], *, is_text: bool) -> Column:
    """The first two cells stay: they tell the order of dates, and both words of a pair."""
    cells, values = list(cells), list(values)
    for place in range(2, len(cells)):
        if chance.random() < 0.15:
            cells[place] = "" if is_text else chance.choice(_WORDS_FOR_MISSING)
            values[place] = None
    return cells, values


def _written(chance: random.Random, lines: list[list[str]], delimiter: str) -> str:
    end, always = chance.choice(["\n", "\r\n", "\n", "\r"]), chance.choice([True, False])
    double = chance.random() < 0.85  # else quotes are escaped by a backslash

    def quoted(cell: str) -> str:
        if not always and not any(mark in cell for mark in (delimiter, '"', "\n", "\r")):
            return cell
        return '"' + cell.replace('"', '""' if double else '\\"') + '"'

    text = end.join(delimiter.join(map(quoted, line)) for line in lines)
    if chance.random() < 0.1:
        text = "Report of the yard" + end + end + text
    if chance.random() < 0.1:
        text = f"sep={delimiter}{end}{text}"
    return text + chance.choice(["", end, end * 2])


def _encoded(chance: random.Random, text: str) -> bytes:
    encoding = chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16", "cp1252"])
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        return text.encode()


_MESSY = (
    "", "", " ", "\u00a0", "Total", "Sum of all", "All regions", "*", "# note", "//", "---",
    "===", "-5", "1", "2.50", "1,5", "oak", "a b", '"q"', '"a,b"', '"a;b"', '"two\nlines"', '"say ""x"""',
    'in 5" pipe',
    '"open', ' "late"', "\\N", 'x\\"y', "é", "日本", "n/a", "2024-01-05", "12 EUR", "name",
    "\x1f", "-", "'7", '="7"',
)  # fmt: skip


def messy_text(chance: random.Random) -> str:
    """A text mostly of even rows, with whatever people leave between them."""
    delimiter, end = chance.choice(",;\t|"), chance.choice(["\n", "\n", "\r\n", "\r"])
    width, mess = chance.randrange(1, 7), chance.choice([0.0, 0.01, 0.2])
    kinds = [chance.choice(["int", "day", "word", "quoted"]) for _ in range(width)]
    lines = [delimiter.join(f"name{place}" for place in range(width))]
    for number in range(chance.randrange(1, 250)):
        cells = [_plain_cell(chance, kind, number) for kind in kinds]
        cells = [chance.choice(_MESSY) if chance.random() < mess else cell for cell in cells]
        roll = chance.random()
        if roll < mess / 4:
            cells = cells[: chance.randrange(1, width + 1)] + [""] * chance.randrange(0, 2)
        elif roll < mess / 2:
            cells = [chance.choice(_MESSY)] + [""] * (width - 1)
        elif roll < mess * 0.6:
            cells = [""]
        lines.append(delimiter.join(cells))
    return end.join(lines) + chance.choice(["", end, end * 2, "\x1a"])


def _plain_cell(chance: random.Random, kind: str, number: int) -> str:
    if kind == "int":
        return str(chance.randrange(-5, 1000))
    if kind == "day":
        return f"2024-0{chance.randrange(1, 10)}-1{chance.randrange(0, 10)}"
    word = chance.choice(["oak", "ash", "elm", "fir tree", f"w{number}"])
    return f'"{word}"' if kind == "quoted" else word
