"""Which words of a question name columns, which name values of the table, which are numbers and dates."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz import fuzz, process

from promptiq.exact.adjectives import SUPERLATIVES
from promptiq.exact.countries import countries_in, country_of
from promptiq.exact.dates import DateSpan, find_dates
from promptiq.exact.numbers import NumberSpan, durations, find_numbers
from promptiq.exact.plans import Reading, Role, Schema, SchemaColumn
from promptiq.exact.vocabulary import DEMONYMS, MONEY, SOFT, STOP, are_synonyms
from promptiq.exact.words import Token, key, stem, tokens

# Words of one mention at most.
MAX_WORDS = 10
# Words of a cell that may be named by one of them.
MAX_NAME = 7
# How alike two words are spelled, 0–100, to be one with a slip; shorter words differ by a letter too easily.
SPELLED_ALIKE = 86
MIN_FUZZY = 5
# How well a word fits a header that says the same in another word.
SYNONYM = 0.75
# How well a word fits another form of itself.
INFLECTED = 0.99
# Words of a header that say how something is called by: "order" is enough for order_id.
_NUMBERED = frozenset({"id", "no", "nr", "code", "key", "number"})
# What a word of the header that was not said takes away, so that of two that fit the shorter one goes first.
LEFT_OVER = 0.001
# How surely a country under another name is meant; columns with more different cells are not of countries.
COUNTRY, MAX_COUNTRIES = 0.95, 1_000
# A column that the words of a mention fit less well by more than this is no rival of the best.
RIVALS = 0.08
# Letters of what follows "un" and the like, at least.
MIN_ROOT = 4
NEGATIONS = ("un", "in", "non", "dis")
# Words inside a column's mention that stand for nothing: "total number of passengers".
_FILLERS = frozenset({"number", "amount", "of", "the", "in", "for", "s", "a", "per", "and", "to"})


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    name: str
    score: float  # 0–1


@dataclass(frozen=True, slots=True)
class ValueChoice:
    """Cells of a column that a mention may mean. `part`: of the cells' text, where it is not the whole."""

    column: str
    values: tuple[str, ...]
    score: float  # 0–1
    part: str = ""


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
    if values := _values(span, schema):
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


# --- values


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
        for value in column.values:
            for called, score, part in _forms(value):
                known = forms.setdefault(key(called), {})
                if known.get((column.name, value), (0.0, ""))[0] < score:
                    known[column.name, value] = (score, part)
            whole = key(value)
            for word in whole.split()[:60]:
                words.setdefault(word, {})[column.name, value, whole] = None
        for code, cells in countries_in(column.name, _called(column)).items():
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


def _called(column: SchemaColumn) -> dict[str, list[str]]:
    """What may name a country in cells of a column with few: of longer columns none is looked for."""
    if column.reading is not Reading.TEXT or len(column.values) > MAX_COUNTRIES:
        return {}
    return {value: [called for called, _, _ in _forms(value)] for value in column.values}


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


def _values(span: Sequence[Token], schema: Schema) -> tuple[ValueChoice, ...]:
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
