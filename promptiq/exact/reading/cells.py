"""Finds the cells of a table that some words of a question may mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from promptiq.exact.countries import countries_in, country_of
from promptiq.exact.lexicon import Lexicon, english
from promptiq.exact.plans import Reading, Role, Schema, SchemaColumn
from promptiq.exact.words import Token, fold, key, tokens

# The most words of a cell that a part of it may name; and the fewest words of a cell that is a text rather
# than a name.
MAX_NAME, TEXT = 7, 6
# The most letters of a code such as a country's, all of them capitals.
CODE = 3
# How certainly a part of a name, another name of a country, or a word such as "women" means a cell.
PART, COUNTRY, SAID = 0.7, 0.95, 0.9
MAX_COUNTRIES = 1_000


@dataclass(frozen=True, slots=True)
class CellChoice:
    """Cells of a column. `part`: the words are only a part of the cells."""

    column: str
    cells: tuple[str, ...]
    score: float  # 0–1
    part: bool = False


@dataclass(frozen=True)
class _Index:
    """`whole`: a cell's key -> cells by column. `words`: a stem -> (column, cell, the cell's stems)."""

    whole: dict[str, dict[str, tuple[str, ...]]]
    words: dict[str, tuple[tuple[str, str, tuple[str, ...]], ...]]
    countries: dict[str, dict[str, tuple[str, ...]]]


def cells_called(span: Sequence[Token], schema: Schema, lexicon: Lexicon) -> tuple[CellChoice, ...]:
    """Best first."""
    index = _index(schema)
    said = " ".join(word.stem for word in span)
    found = [
        CellChoice(column, cells, 1.0)
        for column, cells in index.whole.get(said, {}).items()
        if not _is_verb(span, cells, lexicon) and not _is_led_astray(span, cells, lexicon)
    ]
    if code := country_of(said):
        named = {each.column for each in found}
        found += [
            CellChoice(column, cells, COUNTRY)
            for column, cells in index.countries.get(code, {}).items()
            if column not in named
        ]
    if not found and len(span) == 1:
        found += _by_kind(span[0], schema, lexicon)
    return tuple(found or _parts(span, index, schema, lexicon))


def _is_verb(span: Sequence[Token], cells: Sequence[str], lexicon: Lexicon) -> bool:
    """ "pay" does not name a cell with Paid."""
    if len(span) > 1 or lexicon.stem(span[0].text) not in lexicon.holders["spending"]:
        return False
    return all(fold(cell).strip().rstrip("s") != span[0].text.rstrip("s") for cell in cells)


def _is_led_astray(span: Sequence[Token], cells: Sequence[str], lexicon: Lexicon) -> bool:
    """ "bookings come" is no cell that says Booking.com, and "names" none that says NAM: words without weight
    and codes are spelled as they are.
    """
    spelled = {token.text for cell in cells for token in tokens(cell)}
    are_codes = all(cell.isupper() and len(cell) <= CODE for cell in cells)
    return any((are_codes or word.text in lexicon.stop) and word.text not in spelled for word in span)


def _by_kind(word: Token, schema: Schema, lexicon: Lexicon) -> Iterator[CellChoice]:
    """ "women" for cells with F."""
    for kind, names in lexicon.cells.items():
        if kind in ("yes", "no") or word.text not in names or len(word.text) < 3:
            continue
        for column in schema.columns:
            cells = tuple(value for value in column.values if value.strip().casefold() in names)
            if cells and column.distinct <= 6:
                yield CellChoice(column.name, cells, SAID)


def _parts(span: Sequence[Token], index: _Index, schema: Schema, lexicon: Lexicon) -> Iterator[CellChoice]:
    stems = [word.stem for word in span]
    if any(word.text in lexicon.stop or len(word.text) < 3 for word in (span[0], span[-1])):
        return
    stem = lexicon.stem(span[0].text)
    if len(span) == 1 and (stem in lexicon.soft or span[0].text in lexicon.words or stem in lexicon.groups):
        return
    by_column: dict[str, list[str]] = {}
    for column, cell, words in index.words.get(stems[0], ()):
        if _holds(words, stems):
            by_column.setdefault(column, []).append(cell)
    for column, cells in by_column.items():
        if len(cells) > 2 and len(cells) > schema.get(column).distinct // 2:
            # Words of most cells distinguish none of them.
            continue
        yield CellChoice(column, tuple(cells), PART, part=True)


def _holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    """Whether they contain the words in a row."""
    width = len(wanted)
    return any(list(words[place : place + width]) == list(wanted) for place in range(len(words) - width + 1))


@lru_cache(maxsize=16)
def _index(schema: Schema) -> _Index:
    whole: dict[str, dict[str, list[str]]] = {}
    by_word: dict[str, list[tuple[str, str, tuple[str, ...]]]] = {}
    countries: dict[str, dict[str, tuple[str, ...]]] = {}
    for column in schema.columns:
        if not _is_named(column):
            continue
        for cell in column.values:
            for form in dict.fromkeys((key(cell), key(re.sub(r"[\[(].*?[\])]", " ", cell)))):
                whole.setdefault(form, {}).setdefault(column.name, []).append(cell)
            words = tuple(key(cell).split())
            if 1 < len(words) <= MAX_NAME:
                for word in dict.fromkeys(words):
                    by_word.setdefault(word, []).append((column.name, cell, words))
        if column.distinct <= MAX_COUNTRIES:
            called = {cell: (cell.strip(),) for cell in column.values}
            for code, cells in countries_in(column.name, called).items():
                countries.setdefault(code, {})[column.name] = tuple(cells)
    return _Index(
        {
            form: {name: tuple(cells) for name, cells in found.items()}
            for form, found in whole.items()
            if form
        },
        {word: tuple(found) for word, found in by_word.items()},
        countries,
    )


def _is_named(column: SchemaColumn) -> bool:
    """Whether people name its cells: not figures and dates."""
    if column.reading is Reading.TEXT:
        told = {token.stem for token in tokens(column.name)} & english().holders["prose"]
        return not told and not is_prose(column)
    return column.reading is Reading.NUMBER and (column.role is Role.ENTITY or column.identifier)


def is_prose(column: SchemaColumn) -> bool:
    """Whether its cells are sentences rather than names."""
    if column.reading is not Reading.TEXT or column.masked:
        return False
    some = [value for value in column.values[:200] if value.strip()]
    lengths = sorted(len(value.split()) for value in some)
    words = [word for value in some for word in value.split()[1:]]
    plain = sum(word[:1].islower() for word in words)
    return bool(words) and lengths[len(lengths) // 2] >= 2 and lengths[-1] >= TEXT and 2 * plain >= len(words)


def vocabulary(schema: Schema) -> frozenset[str]:
    """Words of cells that people name, in lower case without accents, to correct spelling."""
    return _vocabulary(schema)


@lru_cache(maxsize=16)
def _vocabulary(schema: Schema) -> frozenset[str]:
    return frozenset(
        token.text
        for column in schema.columns
        if _is_named(column) and not column.identifier
        for cell in column.values
        for token in tokens(cell)
        if len(token.text) >= 4 and token.text.isalpha()
    )
