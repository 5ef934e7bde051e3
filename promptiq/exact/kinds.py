"""What kind of thing the cells of a column are, by the cells themselves: people, countries, places, years."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Literal

from governance.recognisers.vocabulary import people, places
from promptiq.exact.plans import Reading, Role, SchemaColumn
from promptiq.exact.words import fold

Kind = Literal[
    "person", "country", "city", "name", "words", "text", "year", "date", "time", "number", "rank", "masked"
]

# Cells that are looked at, and the share of them that has to be of the kind.
SAMPLE = 60
MOST = 0.5


@lru_cache(maxsize=1024)
def kind_of(column: SchemaColumn) -> Kind:
    """By the first distinct cells; "masked" of a column whose cells are not known."""
    if column.masked:
        return "masked"
    if column.reading is Reading.DATE:
        return "date"
    if column.reading is Reading.TIME:
        return "time"
    if column.role is Role.MOMENT:
        return "year"
    if column.role is Role.RANK:
        return "rank"
    if column.reading is Reading.NUMBER:
        return "number"
    return _kind_of_texts(column.values[:SAMPLE])


def _kind_of_texts(values: tuple[str, ...]) -> Kind:
    bare = [fold(re.sub(r"\s*[\[(].*?[\])]", "", value)).strip() for value in values]
    filled = [value for value in bare if value]
    if not filled:
        return "text"
    if _share(filled, places().countries) >= MOST:
        return "country"
    if sum(_is_person(value) for value in filled) >= MOST * len(filled):
        return "person"
    cities = sum(any(part.strip() in places().cities for part in value.split(",")) for value in filled)
    if cities >= MOST * len(filled):
        return "city"
    lengths = sorted(len(value.split()) for value in filled)
    middle = lengths[len(lengths) // 2]
    return "text" if middle > 8 else "words" if middle > 3 else "name"


def _share(values: list[str], known: frozenset[str]) -> float:
    return sum(value in known for value in values) / len(values)


def _is_person(value: str) -> bool:
    """Two to four words of which the first is a first name."""
    words = value.replace(".", " ").split()
    return 2 <= len(words) <= 4 and words[0] in people().first
