"""Which words of a question name columns, which name values of the table, which are numbers and dates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz

from promptiq.exact.adjectives import SUPERLATIVES
from promptiq.exact.cell_names import ValueChoice, cells_called
from promptiq.exact.dates import DateSpan, find_dates
from promptiq.exact.numbers import NumberSpan, durations, find_numbers
from promptiq.exact.plans import Reading, Role, Schema
from promptiq.exact.vocabulary import MONEY, NEGATIONS, SOFT, STOP, are_synonyms
from promptiq.exact.words import MIN_FUZZY, SPELLED_ALIKE, Token, tokens

# Words of one mention at most.
MAX_WORDS = 10
# How well a word fits a header that says the same in another word.
SYNONYM = 0.75
# How well a word fits another form of itself.
INFLECTED = 0.99
# Words of a header that say how something is called by: "order" is enough for order_id.
_NUMBERED = frozenset({"id", "no", "nr", "code", "key", "number"})
# What a word of the header that was not said takes away, so that of two that fit the shorter one goes first.
LEFT_OVER = 0.001
# A column that the words of a mention fit less well by more than this is no rival of the best.
RIVALS = 0.08
# Words inside a column's mention that stand for nothing: "total number of passengers".
_FILLERS = frozenset({"number", "amount", "of", "the", "in", "for", "s", "a", "per", "and", "to"})


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    name: str
    score: float  # 0–1


@dataclass(frozen=True, slots=True)
class Mention:
    """Tokens [start, end) and what they may mean, best first: columns, or values, or a number, or a date.

    `by_meaning`: no header and no cell is spelled so, the column or the cell is only near in meaning.
    `spelled`: the words say how the cells are spelled, not what they are.
    """

    start: int
    end: int
    columns: tuple[ColumnChoice, ...] = ()
    values: tuple[ValueChoice, ...] = ()
    number: NumberSpan | None = None
    date: DateSpan | None = None
    by_meaning: bool = False
    spelled: bool = False

    @property
    def score(self) -> float:
        """How sure its best meaning is, 0–1."""
        if self.columns:
            return self.columns[0].score
        return self.values[0].score if self.values else 0.9

    @property
    def weight(self) -> float:
        """Longer mentions go before surer ones, and whole names before parts of longer ones."""
        length = self.end - self.start
        return self.score * math.sqrt(length) + (0.35 * length if self.score > 0.8 else 0)


def link(words: Sequence[Token], schema: Schema) -> tuple[Mention, ...]:
    """Mentions that do not overlap, in order; where they would, the longer and surer one stays."""
    words = _with_the_states(words)
    numbers = find_numbers(words)
    if any(column.reading is Reading.TIME for column in schema.columns):
        numbers = durations(words, numbers)
    candidates = [Mention(span.start, span.end, number=span) for span in numbers]
    candidates += [Mention(span.start, span.end, date=span) for span in find_dates(words)]
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + MAX_WORDS) + 1):
            candidates += _mentions(words, start, end, schema)
    chosen: list[Mention] = []
    for mention in sorted(candidates, key=lambda each: -each.weight):
        if all(mention.end <= other.start or mention.start >= other.end for other in chosen):
            chosen.append(mention)
    return tuple(sorted(chosen, key=lambda each: each.start))


def _with_the_states(words: Sequence[Token]) -> list[Token]:
    """ "the US" is a country, "tell us" is not."""
    return [
        Token("usa", "usa") if word.text == "us" and before.text == "the" else word
        for before, word in zip((Token("", ""), *words), words, strict=False)
    ]


_COMPARED = frozenset(
    ("than", "least", "most", "over", "under", "above", "below", "in", "since", "after", "before", "between",
     "and", "from", "to", "top")
)  # fmt: skip


def unexplained_words(question: str, schema: Schema) -> list[Token]:
    """Words that may be part of a value that the schema does not keep: names, codes, numbers that nothing
    compares with."""
    words = tokens(question)
    mentions = [
        each
        for each in link(words, schema)
        if each.score > 0.7 and not (each.number and words[each.start].text[0].isdigit())
    ]
    known = {place for each in mentions for place in range(each.start, each.end)}
    return [
        word
        for place, word in enumerate(words)
        if place not in known
        and word.text not in STOP
        and word.stem not in SOFT
        and word.text not in SUPERLATIVES
        and not (word.text[0].isdigit() and place and words[place - 1].text in _COMPARED)
    ]


def _mentions(words: Sequence[Token], start: int, end: int, schema: Schema) -> Iterator[Mention]:
    span = words[start:end]
    if columns := _columns(span, schema):
        yield Mention(start, end, columns=columns)
    if values := cells_called(span, schema):
        yield Mention(start, end, values=values)


# --- columns


def _columns(span: Sequence[Token], schema: Schema) -> tuple[ColumnChoice, ...]:
    if len(span) > 6 or any(
        word.text in _FILLERS and not _heads(word, span, schema) for word in (span[0], span[-1])
    ):
        return ()
    wanted = [word for word in span if word.text not in _FILLERS or _heads(word, span, schema)] or list(span)
    found = []
    for column in schema.columns:
        score = max(header_score(wanted, header) for header in headers(column.name))
        # "revenue" is a measure, not a sales_rep.
        misled = column.role is Role.ENTITY and any(_is_money(word, column.name) for word in wanted)
        if score >= 0.5 and not misled:
            found.append(ColumnChoice(column.name, score))
    return tuple(sorted(found, key=lambda each: -each.score))


def _is_money(word: Token, header: str) -> bool:
    """Whether the word is of money, and the header only says something like it."""
    return word.stem in MONEY and all(word.stem != other.stem for form in headers(header) for other in form)


def _heads(word: Token, span: Sequence[Token], schema: Schema) -> bool:
    """Whether "amount" or "number" is a column's name here, or a word of a name that is said whole, and no
    filler."""
    return word.text in {"amount", "number"} and any(
        word in form and all(other in span for other in form)
        for column in schema.columns
        for form in headers(column.name)
    )


def without_brackets(header: str) -> str:
    return re.sub(r"[\[(].*?[\])]", " ", header)


@lru_cache(maxsize=4096)
def headers(name: str) -> tuple[tuple[Token, ...], ...]:
    """A header's words, without and with what stands in brackets."""
    forms = [tokens(form) for form in (without_brackets(name), name)]
    return tuple(dict.fromkeys(form for form in forms if form)) or ((),)


def names_whole(mention: Mention, name: str) -> bool:
    """Whether a mention is as long as the column's header, but for a word such as "number"."""
    lengths = [sum(word.text not in _NUMBERED for word in form) for form in headers(name)]
    return mention.end - mention.start >= min(lengths)


def header_score(words: Sequence[Token], header: Sequence[Token]) -> float:
    """How well all these words are words of the header, 0–1; 0 where one is not."""
    if not header or not words or len(words) > len(header):
        return _initials(words, header)
    left = list(header)
    total = 0.0
    for word in words:
        best = max(left, key=lambda other: word_score(word, other))
        score = word_score(word, best)
        if score < 0.6:
            return _initials(words, header)
        total += score
        left.remove(best)
    plain = [word for word in left if word.text not in STOP and word.text not in _NUMBERED]
    covered = len(words) / (len(words) + len(plain))
    # "visits" is rather the header Visits than Last visit.
    return (total / len(words)) * (0.62 + 0.38 * covered) - LEFT_OVER * len(left)


def _initials(words: Sequence[Token], header: Sequence[Token]) -> float:
    """ "games played" for GP, "touch downs" for TD."""
    if any(word.text in STOP for word in words):
        return 0.0
    if len(header) == 1 and 2 <= len(words) == len(header[0].text.rstrip("s")):
        initials = "".join(word.text[0] for word in words)
        return 0.8 if initials == header[0].text.rstrip("s") else 0.0
    return 0.0


def word_score(word: Token, other: Token) -> float:
    """1 the same, 0 nothing to do with each other."""
    if word.stem == other.stem:
        if word.text in STOP and word.text not in {"last", "first", "total", "name"}:
            return 0.3
        return 1.0 if word.text == other.text else INFLECTED
    if word.text in STOP or other.text in STOP:
        return 0.0
    if are_synonyms(word.stem, other.stem):
        return SYNONYM
    if is_short_for(other.text, word.text):
        return 0.72
    short, long = sorted((word.stem, other.stem), key=len)
    # "direct" and "director", but not "light" and "lighthouse".
    if len(short) >= 4 and len(long) <= len(short) + 3 and long.startswith(short):
        return 0.8
    if any(
        one.text == prefix + two.text for prefix in NEGATIONS for one, two in ((word, other), (other, word))
    ):
        return 0.0
    if (
        min(len(word.text), len(other.text)) >= MIN_FUZZY
        and fuzz.ratio(word.text, other.text) >= SPELLED_ALIKE
    ):
        return 0.85
    return 0.0


def is_short_for(short: str, word: str) -> bool:
    """ "pts" for points, "avg" for average: the first letter and others in order, or the beginning."""
    if not (2 <= len(short) <= 4 and short.isalpha() and len(word) >= len(short) + 2 and short[0] == word[0]):
        return False
    if short == "id":
        return word.startswith("ident")
    if word.startswith(short):
        return len(short) >= 3
    places = iter(word)
    has_vowel = any(letter in "aeiou" for letter in short[1:])
    return all(letter in places for letter in short) and (not has_vowel or short in {"avg", "att", "no"})
