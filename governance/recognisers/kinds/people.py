"""Names of people, complete or in part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent, speaks_of_animals
from governance.recognisers.kinds.places import is_place
from governance.recognisers.vocabulary import (
    CALENDAR_WORDS,
    HONORIFICS,
    NAME_PARTICLES,
    NAME_SUFFIXES,
    NAMES_ANYTHING,
    NOT_PEOPLE,
    people,
)

_LETTERS = re.compile(r"[^\W\d_]+(?:['’\-.][^\W\d_]*)*\.?")
_MAX_WORDS = 6
_LONGEST_NAME = 45  # characters on average
_LONGEST_LIST = 120
_BETWEEN_NAMES = re.compile(r"\s*(?:[,;/|&]|\band\b|\bund\b|\bet\b|\be\b|\by\b)\s*")


# "June Lawson 020 7946 5543", "Paul Lind (mob. 0171-5550100)", "030 5550100 Anna Haas".
_NUMBER = re.compile(r"(?<!\w)\+?[\d(][\d\s()./–-]{4,20}\d")
_CALLED = re.compile(
    r"\b(?:tel|phone|ph|mob|mobile|mobil|cell|handy|gsm|movil|portable)\b[.:]?", re.IGNORECASE
)
_FEWEST_DIGITS = 6


class Shape(Enum):
    FULL = "full"  # a known first name, and more
    FIRST = "first"  # one word, a known first name
    LAST = "last"  # one word, a known surname only
    WORDS = "words"  # the form of a name, not known
    OTHER = "other"


class PersonRecogniser:
    name = "person"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("PERSON")
        if not self._may_be_names(column):
            return []
        shapes = [shape_of_name(value) for value in column.values]
        count = len(shapes)
        full, first, last, words = (
            shapes.count(shape) / count for shape in (Shape.FULL, Shape.FIRST, Shape.LAST, Shape.WORDS)
        )
        known, written = full + first + last, full + first + last + words
        titled = column.share(_is_titled)
        if written < 0.5 or (max(known, titled) < 0.2 and header < 0.8):
            return []
        weight = Weight()
        self._weigh_values(weight, column, full, first, last)
        if titled >= 0.5:
            weight.speaks(
                0.9 * titled * min(1.0, count / 3), f"{percent(titled)} of the values have a person's title"
            )
        self._weigh_header(weight, column, header, known, written)
        self._oppose(weight, column, header, known, full)
        if speaks_of_animals(table) and header < 0.8 and not _is_beside_the_animals(column, full):
            weight.opposes(0.7, "the table speaks of animals or plants")
        return weight.candidates("PERSON", column, round(known, 3))

    def _may_be_names(self, column: ColumnView) -> bool:
        """Names are short. A column that the header assigns to people may have several in a cell."""
        if column.empty or column.type != "STRING":
            return False
        if column.header.clarity("PERSON"):
            return column.mean_length <= _LONGEST_LIST
        return column.mean_length <= _LONGEST_NAME and column.words_per_value <= _MAX_WORDS

    def _weigh_values(
        self, weight: Weight, column: ColumnView, full: float, first: float, last: float
    ) -> None:
        # Certain only with several values: one "Paris" or "Jordan" is no evidence.
        surety = min(1.0, len(column.values) / 8)
        if full >= 0.35:
            weight.speaks(
                min(0.95, full * 1.05) * surety,
                f"{percent(full)} of the values are a known first name with more",
            )
        if first + last >= 0.35:
            # Most surnames and many first names are also words or places.
            weight.speaks(
                min(0.85, first * 0.9 + last * 0.35) * surety,
                f"{percent(first)} of the values are known first names, {percent(last)} known surnames",
            )

    def _weigh_header(
        self, weight: Weight, column: ColumnView, header: float, known: float, written: float
    ) -> None:
        if header >= 0.8:
            weight.speaks(0.75 + 0.2 * min(known * 2, 1) * written, "the header names a person's name")
        elif header and (known >= 0.4 or "person" in column.header.about):
            weight.speaks(header * min(1.0, known * 1.5), "the header may name a person")

    def _oppose(self, weight: Weight, column: ColumnView, header: float, known: float, full: float) -> None:
        other = column.header.names_other_than("PERSON", "USERNAME", "EMAIL", "PHONE")
        if other and known < 0.9:
            # First names with surnames are hardly anything else. Single words may be.
            weight.opposes(0.1 if full >= 0.7 else 0.7, f"the header names something else ({other})")
        about = column.header.about - {"person"}
        if header < 0.8 and about and "person" not in column.header.about:
            against = 0.2 if full >= 0.9 else 0.35 if known >= 0.8 else 0.6
            weight.opposes(against, f"the header speaks of an {_one_of(about)}")
        self._oppose_names_of_things(weight, column, header, full)
        if column.header.aside:
            weight.opposes(0.6, f"the header speaks of something beside it ({column.header.aside})")
        places = column.share(is_place)
        if header < 0.8 and places >= 0.3 and places >= known * 0.6:
            weight.opposes(0.7, f"{percent(places)} of the values are places")
        if header < 0.8 and column.share(lambda value: without_accents(value) in CALENDAR_WORDS) >= 0.5:
            weight.opposes(0.8, "the values are months, weekdays or seasons")
        if header < 0.8 and column.distinct <= 4:
            weight.opposes(0.4, "there are only a few different values")

    def _oppose_names_of_things(self, weight: Weight, column: ColumnView, header: float, full: float) -> None:
        if header >= 0.8 or "person" in column.header.about:
            return
        if column.header.names_things:
            weight.opposes(
                0.2 if full >= 0.9 else 0.8, "the header speaks of things that are called like people"
            )
        elif full < 0.2 and column.header.has(*NAMES_ANYTHING):
            weight.opposes(0.5, "single names are given to storms, animals and products too")


def _is_beside_the_animals(column: ColumnView, full: float) -> bool:
    """Whether a column of their table tells of people: it says so, or holds full names of no animal."""
    if "person" in column.header.about:
        return True
    return full >= 0.7 and not column.header.names_things and not column.header.has(*NAMES_ANYTHING)


def _one_of(about: frozenset[str]) -> str:
    return "organisation" if "organisation" in about else "item"


def shape_of_name(value: str) -> Shape:
    """A list of people is FULL if each of them is. A telephone number beside a name changes nothing."""
    value = _without_number(value)
    shape = _shape_of_one(value)
    if shape is not Shape.OTHER:
        return shape
    parts = [part for part in _BETWEEN_NAMES.split(value) if part]
    if len(parts) > 1 and all(_shape_of_one(part) is Shape.FULL for part in parts):
        return Shape.FULL
    return Shape.OTHER


def _is_titled(value: str) -> bool:
    """ "Fr. Dombrowski", "Dr Anna Haas": a title, and a name behind it."""
    title, _, name = value.strip().partition(" ")
    return without_accents(title).strip(".") in HONORIFICS and _shape_of_one(name) is not Shape.OTHER


def _without_number(value: str) -> str:
    found = _NUMBER.search(value)
    if not found or sum(map(str.isdigit, found[0])) < _FEWEST_DIGITS:
        return value
    return _CALLED.sub("", value[: found.start()] + value[found.end() :]).strip(" ,;:/|()–-")


def _shape_of_one(value: str) -> Shape:
    words = _name_words(value)
    if not words:
        return Shape.OTHER
    known = people()
    if len(words) == 1:
        word = words[0]
        if word in known.first:
            return Shape.FIRST
        return Shape.LAST if word in known.last else Shape.WORDS
    first, rest = words[0], words[1:]
    if len(first) == 1:  # an initial: then the surname must be known
        return Shape.FULL if rest[-1] in known.last else Shape.WORDS
    if first in known.first or first.partition("-")[0] in known.first:
        return Shape.FULL
    # Surname first, as in "Nagy László" or a list sorted by surname.
    if first in known.last and rest[0] in known.first:
        return Shape.FULL
    return Shape.WORDS


def _name_words(value: str) -> list[str]:
    """The words of a name without accents, first name first. Empty if it has not the form of a name."""
    if len(value) > 60 or any(letter.isdigit() or letter in '@_/\\{}<>=+*#%&!?;:"$€' for letter in value):
        return []
    value = re.sub(r"\([^)]*\)", " ", value)  # a maiden name in brackets
    surname, comma, given = value.partition(",")
    if comma and "," not in given:
        value = f"{given} {surname}" if without_accents(given).strip(" .") not in NAME_SUFFIXES else surname
    elif comma:
        return []
    raw = value.split()
    if not raw or len(raw) > _MAX_WORDS or not all(_LETTERS.fullmatch(word) for word in raw):
        return []
    folded = [without_accents(word) for word in raw]
    if any(word.strip(".") in NOT_PEOPLE for word in folded):
        return []
    if not _cased_like_a_name(
        [word for word in raw if without_accents(word).strip(".") not in HONORIFICS] or raw
    ):
        return []
    return [
        bare
        for word in folded
        if (bare := word.strip("."))
        and bare not in HONORIFICS
        and bare not in NAME_SUFFIXES
        and bare not in NAME_PARTICLES
    ] or folded[:1]


def _cased_like_a_name(words: list[str]) -> bool:
    """Capitals at the start of each word except particles, or no case at all."""
    if all(word.islower() for word in words) or all(word.isupper() for word in words):
        return True
    return all(
        not word[0].islower() or without_accents(word) in NAME_PARTICLES or "'" in word[:3] for word in words
    )
