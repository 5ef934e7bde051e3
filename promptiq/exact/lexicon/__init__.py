"""The words of each language, as data: words for operations, comparisons, negation and grouping, and words
without meaning.

A language is one file here, or any file in the same form. `en.toml` explains each table.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer
from spellchecker import SpellChecker

from promptiq.exact import words

FOLDER = Path(__file__).parent
# Tables of phrases. A phrase gets the table's name as its role, and its key as the value.
_PHRASES = (
    "op", "compare", "date", "not", "empty", "group", "top", "compute", "list", "text", "holds", "order",
    "second", "distinct", "part", "unit", "ask", "relative", "rows", "join",
    "weekday", "whole", "rule", "late", "bins", "those",
)  # fmt: skip

Said = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Lexicon:
    """`phrases`: words in a row -> what they may say, as (role, value). `groups`: a stem -> the groups of one
    meaning that it is in. `holders`: of columns, words of their headers by what they hold. `classes`: words
    by what they say of a noun or verb beside them. `units`: a word or sign -> a number for the unit.
    """

    language: str
    stop: frozenset[str]
    soft: frozenset[str]
    phrases: Mapping[tuple[str, ...], tuple[Said, ...]]
    groups: Mapping[str, frozenset[int]]
    hints: Mapping[str, tuple[str, ...]]
    cells: Mapping[str, frozenset[str]]
    holders: Mapping[str, frozenset[str]]
    months: Mapping[str, int]
    opposites: Mapping[str, str]
    later: frozenset[str]
    vague: frozenset[str]
    sums: frozenset[str]
    counting: frozenset[str]
    classes: Mapping[str, frozenset[str]]
    units: Mapping[str, int]
    stem: Callable[[str], str]

    def alike(self, one: str, other: str) -> bool:
        """Whether two stems are synonyms."""
        return bool(self.groups.get(one, frozenset()) & self.groups.get(other, frozenset()))

    @cached_property
    def denials(self) -> frozenset[tuple[str, ...]]:
        """Phrases that say not."""
        return frozenset(phrase for phrase, said in self.phrases.items() if ("not", "not") in said)

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word in the file."""
        return self.stop | frozenset(word for phrase in self.phrases for word in phrase) | self._plain

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset(self.months)


def read(path: Path) -> Lexicon:
    """Raises OSError, tomllib.TOMLDecodeError, and KeyError if a table is missing."""
    told = tomllib.loads(path.read_text(encoding="utf-8"))
    stem = _stemmer(told["stemmer"])
    groups: dict[str, set[int]] = {}
    for number, line in enumerate(told["synonyms"]["groups"].strip().splitlines()):
        for word in words.fold(line).split():
            groups.setdefault(stem(word), set()).add(number)
    return Lexicon(
        path.stem,
        frozenset(words.fold(told["stop"]).split()),
        frozenset(stem(word) for word in words.fold(told["soft"]).split()),
        _phrases(told),
        {word: frozenset(numbers) for word, numbers in groups.items()},
        {key: tuple(map(stem, text.split())) for key, text in told["hints"].items()},
        {key: frozenset(words.fold(text).split("|")) for key, text in told["cells"].items()},
        {key: frozenset(map(stem, words.fold(text).split())) for key, text in told["holders"].items()},
        dict(_months(told["months"]["names"])),
        dict(_pairs(told["opposites"]["pairs"], stem)),
        frozenset(map(stem, told["dates"]["secondary"].split())),
        frozenset(told["vague"].split()),
        frozenset(words.fold(told["sums"]).split()),
        frozenset(words.fold(told["counting"]).split()),
        {key: frozenset(words.fold(text).split()) for key, text in told["classes"].items()},
        {
            word: number
            for number, line in enumerate(told["units"]["groups"].casefold().strip().splitlines())
            for word in line.split()
        },
        stem,
    )


def _phrases(told: Mapping[str, Any]) -> dict[tuple[str, ...], tuple[Said, ...]]:
    found: dict[tuple[str, ...], list[Said]] = {}
    for role in _PHRASES:
        for value, phrases in told.get(role, {}).items():
            for phrase in phrases.split("|"):
                said = tuple(token.text for token in words.tokens(phrase))
                if said:
                    found.setdefault(said, []).append((role, value))
    return {phrase: tuple(dict.fromkeys(said)) for phrase, said in found.items()}


def _months(names: str) -> Iterator[tuple[str, int]]:
    for number, month in enumerate(words.fold(names).split("|"), start=1):
        yield from ((name, number) for name in month.split())


def _pairs(pairs: str, stem: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    for pair in pairs.split("|"):
        one, other = map(stem, pair.split())
        yield from ((one, other), (other, one))


def _stemmer(name: str) -> Callable[[str], str]:
    """Our own light stemmer for English, as in the index; Snowball's for other languages."""
    if name == "house":
        return words.stem
    stemmer = snowballstemmer.stemmer(name)
    return lru_cache(maxsize=65536)(lambda word: words.fold(stemmer.stemWord(word)))


@lru_cache(maxsize=1)
def lexicons() -> tuple[Lexicon, ...]:
    """All languages, English first."""
    files = sorted(FOLDER.glob("*.toml"), key=lambda path: (path.stem != "en", path.stem))
    return tuple(read(path) for path in files)


def english() -> Lexicon:
    return lexicons()[0]


def language_of(question: str, known: tuple[Lexicon, ...]) -> Lexicon:
    """The language that has most of the question's words; the first of several."""
    said = [token.text for token in words.tokens(question)]
    return max(known, key=lambda each: sum(word in each.words for word in said))


@lru_cache(maxsize=8)
def dictionary(language: str) -> frozenset[str]:
    """Correctly spelled words of a language, which are never corrected. Empty for a language without a word
    list.
    """
    try:
        return frozenset(SpellChecker(language=language).word_frequency.words())
    except ValueError:
        return frozenset()
