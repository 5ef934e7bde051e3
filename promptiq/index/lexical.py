"""Word search: BM25 over the columns that may enter the index, over the rows listed for each word.

The weights are those of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), simplified: a word counts once per row, because cells rarely repeat one, and the average length is
that of the rows with a word of the question, in bytes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from pathlib import Path
from typing import Any

import numpy as np

from promptiq.exact.words import fold, stem
from promptiq.index import postings
from promptiq.index.postings import Postings, Rows, parts_of, value_of

# How many terms of a question are searched.
MAX_TERMS = 8
# Longer terms are left out: no word and hardly a code has so many characters.
TERM_CHARACTERS = 128
# k1 (saturation) and b (length normalisation) of BM25, at their usual values.
K1, B = 1.2, 0.75
# Words, numbers with thousands, and codes with punctuation inside.
_WORD = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|[^\W_]+(?:[-./_@:#&'+]+[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?|\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_ENDINGS = ("", "e", "s", "es", "d", "ed", "ing")

# Stop words: they are about the form of a question, not its topic.
_STOP_WORDS = """
    a about above after again all also am an and any anybody anyone anything are as at be because
    been before being below between both but by can could did do does doing done down each every
    everything few find for from further get give had has having he her here him his how i if
    in into is it its just know like list look many may me mention mentions might more most much
    must my near no nor not now of off on once one only or other our out over own please row rows
    same say says search shall she should show so some something such tell than that the their them
    then there these they thing things this those through to too under until up us very was we were
    what whats when where which while who whom whose why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())

Scores = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]
_NOTHING = np.zeros(0, np.int32)


@dataclass(frozen=True, slots=True)
class Match:
    """`row`: the first of the rows with the same text. `score`: 0–1, the share of the question's weight that
    the row's words have, reduced for rows longer than others; comparable between tables.
    """

    row: int
    score: float


def terms_of(question: str) -> list[str]:
    """The terms to search, at most MAX_TERMS: codes and numbers first, then words in order.

    In lower case without accents. A code such as A-10423 is one term, and its parts are terms, too, because a
    table may write it differently.
    """
    whole = [word.removesuffix("'s") for word in _WORD.findall(fold(question))]
    parts = [part for word in whole if not _NUMBER.fullmatch(word) for part in _PART.findall(word)]
    terms = [word for word in dict.fromkeys([*whole, *parts]) if word not in STOP_WORDS]
    terms = [word for word in terms if len(word) > 1 or word.isdigit() or not word.isascii()]
    terms = [word for word in terms if len(word) <= TERM_CHARACTERS]
    return sorted(terms, key=lambda term: not any(c.isdigit() for c in term))[:MAX_TERMS]


def search(
    words: Path, columns: Sequence[str], terms: Sequence[str], limit: int, also: Collection[int] = ()
) -> list[Match]:
    """The rows with the most terms, best first. Rows with the same text in the columns count as one.

    `words`: the file of promptiq.index.postings that was made of these columns. `also`: row numbers to score
    even if they are not among the best. A term that is a word of the columns' names says nothing about a row,
    and does not count beside others. Raises Uncomputable if the file is damaged.
    """
    if not columns or not terms:
        return []
    said = {stem(word) for column in columns for word in _PART.findall(fold(column).replace("_", " "))}
    terms = [term for term in terms if stem(term) not in said] or terms
    forms = [_forms(term) for term in terms]
    found = postings.read(words, (word for ways in forms for way in ways for word in way))
    held = [_held(ways, found.rows) for ways in forms]
    numbers, scores = _scored(held, found)
    wanted = np.union1d(_best(scores, limit), np.flatnonzero(np.isin(numbers, np.array([*also], np.int32))))
    matches = [Match(int(numbers[place]), float(scores[place])) for place in wanted]
    return sorted(matches, key=lambda match: (-match.score, match.row))


def _best(scores: Scores, limit: int) -> Places:
    """Places of the highest scores; of equal ones the first."""
    if len(scores) <= limit:
        return np.arange(len(scores))
    least = np.partition(scores, -limit)[-limit]
    above, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    return np.concatenate([above, equal[: limit - len(above)]])


def _held(ways: Sequence[Sequence[str]], rows: Mapping[str, Rows]) -> Rows:
    """Rows with all words of any of the ways."""
    each = [reduce(np.intersect1d, [rows[word] for word in way]) for way in ways]
    some = [numbers for numbers in each if len(numbers)]
    return some[0] if len(some) == 1 else np.unique(np.concatenate([*some, _NOTHING]))


def _scored(held: Sequence[Rows], found: Postings) -> tuple[Rows, Scores]:
    """Rows with any of the terms, in order, and their scores. `held`: for each term the rows with it."""
    count = float(found.times.sum())
    shares = np.zeros(len(found.times))
    total = 0.0
    for rows in held:
        having = float(found.times[rows].sum())
        # Inverse document frequency.
        weight = math.log(1 + (count - having + 0.5) / (having + 0.5))
        shares[rows] += weight
        total += weight
    numbers = np.flatnonzero(shares).astype(np.int32)
    if not len(numbers):
        return numbers, np.zeros(0)
    sizes = found.sizes[numbers].astype(float)
    average = max(float(np.average(sizes, weights=found.times[numbers])), 1.0)
    length = (1 + K1 * (1 - B)) / (1 + K1 * (1 - B + B * sizes / average))
    return numbers, shares[numbers] / total * length


def _forms(term: str) -> list[list[str]]:
    """The ways in which rows may have the term; each is what they have to be listed under."""
    ways = [parts_of(term)]
    if term.isalpha() and len(term) > 3:
        root = stem(term)
        others = (root, f"{root[:-1]}ies") if root.endswith("y") else (root + each for each in _ENDINGS)
        ways += [[word] for word in others]
    if _NUMBER.fullmatch(term):
        ways.append([value_of(float(term.replace(",", "")))])
    elif _DATE.fullmatch(term) and _is_date(term):
        ways.append([value_of(date.fromisoformat(term))])
    return [way for way in ways if way]


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
