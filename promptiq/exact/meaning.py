"""Words that neither a header nor a cell spells, matched by what they mean: "doctor" for a column Physician,
"women" for cells that say Female."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from promptiq.exact.adjectives import COMPARATIVES, GRADED, SUPERLATIVES
from promptiq.exact.cell_names import ValueChoice
from promptiq.exact.linking import ColumnChoice, Mention, without_brackets
from promptiq.exact.plans import Schema
from promptiq.exact.vocabulary import NEGATIONS, SOFT, STOP
from promptiq.exact.words import Token, stem

Vectors = np.ndarray[Any, np.dtype[np.float32]]
# texts -> texts × dimensions, each row of unit length; how alike two are is their product.
Embed = Callable[[Sequence[str]], Vectors]

# How near a header or a cell must be (cosine), and how much nearer than the next: with all-MiniLM-L6-v2 words
# of one meaning are mostly above, unrelated ones at 0.5 and less.
NEAR, AHEAD = 0.6, 0.12
# Cells are more alike to each other than headers, and one for another changes what is counted.
NEAR_CELL = 0.66
MIN_LETTERS = 3
MAX_TEXTS = 300


@dataclass(frozen=True, slots=True)
class _Named:
    """A header (`cell` is "") or a cell, and the text that is compared."""

    column: str
    cell: str
    text: str

    def rivals(self, other: _Named) -> bool:
        """A header and a cell below it mean the same, more and less closely."""
        return self.column != other.column or (
            bool(self.cell) and bool(other.cell) and self.cell != other.cell
        )


def by_meaning(
    words: Sequence[Token], mentions: Sequence[Mention], schema: Schema, embed: Embed
) -> Iterator[Mention]:
    """Mentions of one word each, for words that the other mentions leave over."""
    taken = {place for mention in mentions for place in range(mention.start, mention.end)}
    left = [place for place, word in enumerate(words) if place not in taken and _has_weight(word)]
    if not left:
        return
    known = _all_named(schema)
    table = _vectors(embed, tuple(each.text for each in known))
    asked = embed([words[place].text for place in left])
    for place, likeness in zip(left, asked @ table.T, strict=True):
        best = known[int(np.argmax(likeness))]
        near = float(likeness.max())
        rival = max(
            (other for named, other in zip(known, likeness, strict=True) if best.rivals(named)), default=0
        )
        if near < (NEAR_CELL if best.cell else NEAR) or near - rival < AHEAD:
            continue
        if not _is_opposite(words[place].text, best.text):
            yield _mention(place, best, near)


def _mention(place: int, named: _Named, likeness: float) -> Mention:
    score = 0.5 + likeness / 2
    if named.cell:
        values = (ValueChoice(named.column, (named.cell,), score),)
        return Mention(place, place + 1, values=values, by_meaning=True)
    return Mention(place, place + 1, columns=(ColumnChoice(named.column, score),), by_meaning=True)


def _has_weight(word: Token) -> bool:
    return (
        word.text.isalpha()
        and len(word.text) >= MIN_LETTERS
        and word.text not in STOP
        and word.stem not in SOFT
        and not any(word.text in degrees for degrees in (SUPERLATIVES, COMPARATIVES, GRADED))
    )


def _is_opposite(word: str, text: str) -> bool:
    """ "uninsured" is near "insured", and says the contrary."""
    return any(
        longer.startswith(prefix) and stem(longer.removeprefix(prefix)) == stem(shorter)
        for other in text.casefold().split()
        for longer, shorter in ((word, other), (other, word))
        for prefix in NEGATIONS
    )


@lru_cache(maxsize=32)
def _all_named(schema: Schema) -> tuple[_Named, ...]:
    """Headers, then cells of columns that hold kinds."""
    found = [_Named(each.name, "", _plain(each.name)) for each in schema.columns]
    found += [
        _Named(column.name, cell, cell)
        for column in schema.columns
        for cell in column.kinds
        if any(letter.isalpha() for letter in cell)
    ]
    return tuple(found[:MAX_TEXTS])


def _plain(header: str) -> str:
    return re.sub(r"[\W_]+", " ", without_brackets(header)).strip() or header


@lru_cache(maxsize=32)
def _vectors(embed: Embed, texts: tuple[str, ...]) -> Vectors:
    return embed(texts)
