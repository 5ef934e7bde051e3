"""What the cells of a table may be called in a question, and which of them some words mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from promptiq.exact.countries import countries_in, country_of
from promptiq.exact.plans import Reading, Role, Schema, SchemaColumn
from promptiq.exact.vocabulary import DEMONYMS, NEGATIONS, SOFT, STOP
from promptiq.exact.words import MIN_FUZZY, SPELLED_ALIKE, Token, key, stem

# Words of a cell that may be named by one of them.
MAX_NAME = 7
# How surely a country under another name is meant; columns with more different cells are not of countries.
COUNTRY, MAX_COUNTRIES = 0.95, 1_000
# Letters of what follows "un" and the like, at least.
MIN_ROOT = 4


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """Cells of a column that a mention may mean. `part`: of the cells' text, where it is not the whole."""

    column: str
    values: tuple[str, ...]
    score: float  # 0–1
    part: str = ""


def with_negations(words: Sequence[Token], schema: Schema) -> tuple[Token, ...]:
    """ "unpaid" as "not paid", where a cell is "paid" and none is "unpaid"."""
    found: list[Token] = []
    for word in words:
        prefix = next((each for each in NEGATIONS if word.text.startswith(each)), "")
        root = word.text.removeprefix(prefix)
        forms = _index(schema).forms if prefix and len(root) >= MIN_ROOT else {}
        is_negated = forms and word.stem not in forms and stem(root) in forms
        found += [Token("not", "not"), Token(root, stem(root))] if is_negated else [word]
    return tuple(found)


@dataclass(frozen=True)
class _Index:
    """`forms`: what a cell may be called -> (column, cell, score, part). `words`: a stem -> (column, cell,
    the cell's key). `countries`: a code -> (column, cell, score, part).
    """

    forms: dict[str, tuple[tuple[str, str, float, str], ...]]
    countries: dict[str, list[tuple[str, str, float, str]]]
    words: dict[str, tuple[tuple[str, str, str], ...]]


@lru_cache(maxsize=16)
def _index(schema: Schema) -> _Index:
    forms: dict[str, dict[tuple[str, str], tuple[float, str]]] = {}
    countries: dict[str, list[tuple[str, str, float, str]]] = {}
    words: dict[str, dict[tuple[str, str, str], None]] = {}
    for column in schema.columns:
        if not _has_names(column):
            continue
        called = {value: list(_forms(value)) for value in column.values}
        for value, names in called.items():
            for name, score, part in names:
                known = forms.setdefault(key(name), {})
                if known.get((column.name, value), (0.0, ""))[0] < score:
                    known[column.name, value] = (score, part)
            whole = key(value)
            for word in whole.split()[:60]:
                words.setdefault(word, {})[column.name, value, whole] = None
        if column.reading is not Reading.TEXT or len(called) > MAX_COUNTRIES:
            continue
        named = {value: [name for name, _, _ in names] for value, names in called.items()}
        for code, cells in countries_in(column.name, named).items():
            countries.setdefault(code, []).extend(
                (column.name, cell, COUNTRY, "" if part == cell else part) for cell, part in cells.items()
            )
    return _Index(
        {form: tuple((*place, *how) for place, how in found.items()) for form, found in forms.items()},
        countries,
        {word: tuple(found) for word, found in words.items()},
    )


def _has_names(column: SchemaColumn) -> bool:
    """Numbers are compared with, not looked up; years and seasons are both."""
    return column.reading is not Reading.NUMBER or column.role is Role.MOMENT


def _forms(value: str) -> Iterator[tuple[str, float, str]]:
    """What a cell may be called in a question, with how surely and the part of the cell that it is: the
    whole, without brackets, what is in them, its parts.
    """
    yield value, 1.0, ""
    bare = re.sub(r"\s*[\[(].*?[\])]", "", value).strip()
    if bare != value and bare:
        yield bare, 0.97, ""
        for inner in re.findall(r"[\[(](.*?)[\])]", value):
            if len(inner.split()) <= 5 and not inner.isdigit():
                yield inner, 0.88, inner
    parts = re.split(r"\s*(?:[,;/•|\n]|\band\b|&|\s[-–—]\s)\s*", bare)
    if len(parts) > 1 and len(value) <= 300:
        for part in parts:
            if part and not part.isdigit():
                yield part, 0.86, part


def cells_called(span: Sequence[Token], schema: Schema) -> tuple[ValueChoice, ...]:
    """The cells that these words may mean, the surest first."""
    if all(word.text in STOP for word in span) or span[0].text in {"the", "a", "of", "and", "or", "in", "is"}:
        return ()
    name = " ".join(word.stem for word in span)
    if len(span) == 1 and re.fullmatch(r"[\d.,:%]+", span[0].text):
        return ()
    index = _index(schema)
    found: dict[str, list[tuple[str, float, str]]] = {}
    for place in (name, key(DEMONYMS.get(span[0].text, "")) if len(span) == 1 else ""):
        for column, value, score, part in index.forms.get(place, ()) if place else ():
            found.setdefault(column, []).append((value, score, part))
    # One table may write a country in several ways.
    for column, value, score, part in _of_country(name, index):
        if all(value != other for other, _, _ in found.get(column, ())):
            found.setdefault(column, []).append((value, score, part))
    if not found:
        found = _containing(span, name, index) or _misspelled(span, name, index)
    return tuple(sorted(_choices(found), key=lambda each: -each.score))


def _choices(found: dict[str, list[tuple[str, float, str]]]) -> Iterator[ValueChoice]:
    for column, cells in found.items():
        best = max(score for _, score, _ in cells)
        # A cell called exactly so is meant alone, unless the others list the same name among their parts.
        kept = [cell for cell in cells if cell[1] >= min(best, 0.86)] if best > 0.6 else cells
        part = next((part for _, score, part in kept if score == best), "")
        yield ValueChoice(column, tuple(value for value, _, _ in kept), best, part)


def _of_country(name: str, index: _Index) -> Sequence[tuple[str, str, float, str]]:
    """Cells of the country or the people with this name, however they write it."""
    code = country_of(name) if index.countries else None
    return index.countries.get(code, ()) if code else ()


def _containing(span: Sequence[Token], name: str, index: _Index) -> dict[str, list[tuple[str, float, str]]]:
    """Cells that hold these words in a row: a surname, a part of a title."""
    if span[0].text in STOP or span[-1].text in STOP or len(name) < 3:
        return {}
    if len(span) == 1 and (span[0].stem in SOFT or name.isdigit() or span[0].text in STOP):
        return {}
    found: dict[str, list[tuple[str, float, str]]] = {}
    for column, value, whole in index.words.get(span[0].stem, ()):
        length = len(whole.split())
        # A word somewhere in a sentence says nothing of what the sentence is about.
        if f" {name} " in f" {whole} " and (len(span) > 1 or length <= MAX_NAME):
            share = len(span) / length
            found.setdefault(column, []).append((value, 0.42 + 0.36 * share, ""))
    return found


def _misspelled(span: Sequence[Token], name: str, index: _Index) -> dict[str, list[tuple[str, float, str]]]:
    if len(name) < MIN_FUZZY + 1 or len(index.forms) > 20_000 or len(span) > 5:
        return {}
    if any(word.stem in SOFT or word.text in STOP for word in (span[0], span[-1])):
        return {}
    near = process.extractOne(name, _names_of(index), scorer=fuzz.ratio, score_cutoff=SPELLED_ALIKE + 2)
    if not near or near[0][0] != name[0] or any(c.isdigit() for c in near[0] + name):
        return {}
    found: dict[str, list[tuple[str, float, str]]] = {}
    for column, value, score, part in index.forms[near[0]]:
        found.setdefault(column, []).append((value, score * near[1] / 110, part))
    return found


def _names_of(index: _Index) -> list[str]:
    return [form for form in index.forms if len(form) > MIN_FUZZY]
