"""Reads a column's header: which kind of data it names, and whom or what it is about.

A header is cut into words (camelCase, snake_case, spaces) without accents. Every run of up to five
neighbouring words is looked up as one term: "Customer E-Mail", "customerEmail" and "KUNDEN_EMAIL" are equal,
and "page" never matches "age".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.vocabulary import (
    ABBREVIATIONS,
    ABOUT,
    ASIDE_AFTER,
    ASIDE_BEFORE,
    CLEAR,
    HINTS,
    NAMED_THINGS,
    NEVER_ASIDE,
    NUMBER_WORDS,
    THINGS_NUMBERED,
    THINGS_NUMBERED_ALONE,
)

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WORD = re.compile(r"[^\W\d_]+|\d+", re.UNICODE)
_LONGEST_RUN = 5
# Longer headers are sentences, such as questions of a survey: they mention things that they do not contain.
_LONGEST_NAME = 10
# Names that readers give to columns without one: column_3, Unnamed: 0.
_POSITIONAL = frozenset(
    {"column", "col", "field", "unnamed", "c", "f", "x", "v", "var", "attribute", "feature"}
)


# Kinds of numbers: "No. X" is X. With anything else, "number" may be a count.
_NUMBERED = frozenset(
    {
        "NATIONAL_ID",
        "US_SSN",
        "IBAN",
        "CREDIT_CARD",
        "PHONE",
        "DRIVER_LICENSE",
        "LICENSE_PLATE",
        "VIN",
        "HEALTH",
    }
)
_NUMBER_SIGNS = frozenset({"n", "o", "no", "nr", "num", "number", "numero"})
# Kinds that a group or status reveals as well as the words themselves.
_TOLD_BY_GROUP = frozenset({"HEALTH", "TRADE_UNION", "SEXUAL_ORIENTATION", "NRP"})


@dataclass(frozen=True, slots=True)
class Said:
    """One kind of data named in the header: the term as written, and its clarity (0–1)."""

    entity: str
    term: str
    clarity: float


@dataclass(frozen=True, slots=True)
class Header:
    """`about`: "person", "organisation" or "thing", by the words. `aside`: the word that shows that the
    column has something else than the data itself ("email_verified" contains no e-mail address); None if
    there is none.
    """

    words: tuple[str, ...]
    said: tuple[Said, ...]
    about: frozenset[str]
    aside: str | None

    def clarity(self, entity: str) -> float:
        """How clearly the header names this kind of data, 0–1; 0 if the column has something else than the
        data itself.
        """
        return max((said.clarity for said in self.said if said.entity == entity), default=0.0)

    def term(self, entity: str) -> str | None:
        return next((said.term for said in self.said if said.entity == entity), None)

    def names_other_than(self, *entities: str) -> str | None:
        """The term by which the header clearly names another kind of data. None if it does not."""
        return next((s.term for s in self.said if s.entity not in entities and s.clarity >= 0.8), None)

    @property
    def numbers_things(self) -> bool:
        """Whether it names a number that things have: "ISBN", "order no", "part code"."""
        numbered = self.has(*THINGS_NUMBERED) and (len(self.words) == 1 or self.has(*NUMBER_WORDS))
        return numbered or self.has(*THINGS_NUMBERED_ALONE)

    @property
    def names_things(self) -> bool:
        """Whether it names things that have people's names: storms, bulls, films."""
        return "person" not in self.about and self.has(*NAMED_THINGS)

    def has(self, *words: str) -> bool:
        compact = "".join(self.words)
        return any(word in self.words or word == compact for word in words)


def words_of(text: str) -> tuple[str, ...]:
    return tuple(without_accents(word) for part in _CAMEL.split(text) for word in _WORD.findall(part))


@lru_cache(maxsize=4096)
def read_header(name: str) -> Header:
    words = words_of(name)
    letters = tuple(word for word in words if not word.isdigit())
    if all(word in _POSITIONAL for word in letters):
        letters = ()
    said, spans = _said(letters)
    if len(letters) > _LONGEST_NAME:
        said = tuple(replace(each, clarity=min(each.clarity, 0.45)) for each in said)
    return Header(
        words=words,
        said=said if not (aside := _aside(letters, spans, said)) else (),
        about=frozenset(kind for word in _runs(letters) if (kind := ABOUT.get(word))),
        aside=aside,
    )


def _runs(words: tuple[str, ...]) -> list[str]:
    return [
        "".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(start + _LONGEST_RUN, len(words)) + 1)
    ]


def _said(words: tuple[str, ...]) -> tuple[tuple[Said, ...], list[tuple[int, int]]]:
    """What the terms mean, longest first, and the spans of words that they cover."""
    found: list[Said] = []
    taken: list[tuple[int, int]] = []
    for length in range(min(_LONGEST_RUN, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            end = start + length
            if any(start < stop and begin < end for begin, stop in taken):
                continue
            named = _look_up("".join(words[start:end]), " ".join(words[start:end]), length == len(words))
            if named:
                found.extend(named)
                taken.append((start, end))
    return tuple(found), taken


def _look_up(compact: str, term: str, whole: bool) -> list[Said]:
    # Plurals with an s, in most of our languages: "nationalities" is not worth a stemmer.
    forms = (compact, compact[:-1]) if len(compact) > 4 and compact.endswith("s") else (compact,)
    # Two letters alone may stand for anything.
    full = "".join(ABBREVIATIONS.get(word, word) for word in term.split()) if len(term) > 2 else compact
    for form in dict.fromkeys((*forms, full)):
        named = [Said(entity, term, 0.9) for entity in CLEAR.get(form, ())]
        # A hint counts more if it is the whole header.
        named += [Said(entity, term, 0.6 if whole else 0.45) for entity in HINTS.get(form, ())]
        if named:
            return named
    return []


def _aside(words: tuple[str, ...], spans: list[tuple[int, int]], said: Sequence[Said]) -> str | None:
    """A status or group of health or belief reveals it; a status of an e-mail address does not."""
    if not spans:
        return None
    first, last = min(start for start, _ in spans), max(end for _, end in spans)
    ahead = _before_number_sign(words[:first]) if any(s.entity in _NUMBERED for s in said) else words[:first]
    before = next((word for word in ahead if word in ASIDE_BEFORE), None)
    after = ASIDE_AFTER - NEVER_ASIDE if any(each.entity in _TOLD_BY_GROUP for each in said) else ASIDE_AFTER
    return before or next((word for word in words[last:] if word in after), None)


def _before_number_sign(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words without "no.", "N.º", "num" at their end."""
    end = len(words)
    while end and words[end - 1] in _NUMBER_SIGNS:
        end -= 1
    return words[:end]
