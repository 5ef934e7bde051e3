"""A question, read against a table once: items that do not overlap, each with all its possible meanings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rapidfuzz.distance import OSA

from promptiq.exact.lexicon import Lexicon, Said, dictionary
from promptiq.exact.numbers import NUMBER_WORDS, NumberSpan, find_numbers
from promptiq.exact.plans import Schema
from promptiq.exact.reading.cells import CellChoice, cells_called, vocabulary
from promptiq.exact.reading.headers import ColumnChoice, columns_called, headers, marked
from promptiq.exact.reading.periods import Period, periods
from promptiq.exact.words import Token, fold, tokens

# The most words of one item.
MAX_WORDS = 8
# Comparison signs as words, before a question is split.
_SIGNS = (
    (r"[≥]|>=", " at least "), (r"[≤]|<=", " at most "), (r"->|=>|→", " "), (r"!=|<>|≠", " unequal to "),
    (r">", " more than "), (r"<", " less than "), (r"=", " equal to "), (r"#", " number "),
    (r"\bw/o\b", "without"), (r"(?<=\d)\s*%", " percent"), (r"%", " percent "),
    (r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b", r"\3-\2-\1"),
    (r"\b(1[3-9]|2\d|3[01])/(\d{1,2})/(\d{4})\b", r"\3-\2-\1"),
    (r"(?<=\d)[$£€]|[$£€](?=\s?\d)", " "),
    # The plural of words in capitals: "POs", "SKUs".
    (r"\b([A-Z]{2,})s\b", r"\1"), (r"\b(\d+)s\b(?!')", r"\1"),
)  # fmt: skip
_QUOTED = re.compile(r"[\"“”„«]([^\"“”„«»]+)[\"“”»]|(?<!\w)['‘]([^'‘’]+)['’](?!\w)")


@dataclass(frozen=True, slots=True)
class Item:
    """Tokens [start, end) and their possible meanings. `roles`: see the lexicon. `quoted`: in quotation
    marks. `meaning`: nothing in the table has this spelling; these are the nearest in meaning.
    """

    start: int
    end: int
    text: str
    roles: tuple[Said, ...] = ()
    columns: tuple[ColumnChoice, ...] = ()
    cells: tuple[CellChoice, ...] = ()
    number: NumberSpan | None = None
    period: Period | None = None
    quoted: bool = False
    meaning: bool = False

    def says(self, role: str, *values: str) -> bool:
        return any(name == role and (not values or value in values) for name, value in self.roles)

    def value(self, role: str) -> str:
        """The first value of a role; "" if there is none."""
        return next((value for name, value in self.roles if name == role), "")

    @property
    def leads(self) -> bool:
        """Whether it says something about the words around it, unlike "is"."""
        return any(role != ("ask", "whether") for role in self.roles)

    @property
    def names(self) -> bool:
        """Whether it is in the table, or a number or time."""
        return bool(self.columns or self.cells or self.number or self.period)


@dataclass(frozen=True, slots=True)
class Question:
    """`items`: in order, including words without meaning. `slips`: corrected words."""

    text: str
    words: tuple[Token, ...]
    items: tuple[Item, ...]
    lexicon: Lexicon
    schema: Schema
    slips: tuple[tuple[str, str], ...] = ()


def read(question: str, schema: Schema, lexicon: Lexicon) -> Question:
    text, quotes = _signed(marked(question, schema, lexicon))
    letters = frozenset(
        found.casefold() for found in re.findall(r"(?<=\s)[A-Z](?=[\s?.,;:!]|$)|\bUS\b", question)
    )
    words, slips = corrected(tokens(text), schema, lexicon)
    spans = [
        (weight, item)
        for weight, item in _spans(words, quotes, schema, lexicon)
        if not item.cells
        or item.text in letters
        or item.text.isdigit()
        or (len(item.text) > 1 and item.text != "us")
    ]
    # "a" is an article; it is a cell only if written in capitals.
    spans += [
        (0.1, Item(place, place + 1, word.text))
        for place, word in enumerate(words) if len(word.text) == 1 and word.text not in letters
    ]  # fmt: skip
    return Question(question, words, tuple(_chosen(spans, words)), lexicon, schema, slips)


def _signed(question: str) -> tuple[str, tuple[tuple[str, ...], ...]]:
    """The question with signs as words, and the words of each quoted part."""
    quotes = tuple(
        tuple(token.text for token in tokens(found[1] or found[2])) for found in _QUOTED.finditer(question)
    )
    for pattern, words in _SIGNS:
        question = re.sub(pattern, words, question)
    return question, tuple(filter(None, quotes))


# --- slips of spelling


def corrected(
    words: Sequence[Token], schema: Schema, lexicon: Lexicon
) -> tuple[tuple[Token, ...], tuple[tuple[str, str], ...]]:
    """An unknown word, corrected to the only word of the language or the table that is nearly equal."""
    told = _told(schema)
    known = told | lexicon.words | NUMBER_WORDS
    stems = frozenset(map(lexicon.stem, known))
    spelled = dictionary(lexicon.language)
    found, slips = [], []
    for word in words:
        right = word.text
        if word.text not in spelled and not _is_known(word, known, stems, lexicon):
            right = _nearly(word.text, told) or _nearly(word.text, lexicon.words) or word.text
        if right != word.text:
            slips.append((word.text, right))
            word = tokens(right)[0]
        found.append(word)
    return tuple(found), tuple(slips)


@lru_cache(maxsize=16)
def _told(schema: Schema) -> frozenset[str]:
    """Words of the table: its headers, cells and name."""
    said = {token.text for column in schema.columns for form in headers(column.name) for token in form}
    return frozenset(said | vocabulary(schema) | {token.text for token in tokens(schema.title)})


def _is_known(word: Token, known: frozenset[str], stems: frozenset[str], lexicon: Lexicon) -> bool:
    stem = lexicon.stem(word.text)
    return (
        not word.text.isalpha()
        or len(word.text) < 4
        or word.text in known
        or stem in lexicon.soft
        or stem in lexicon.groups
        or stem in stems
    )


def _nearly(text: str, known: frozenset[str]) -> str | None:
    """The only word that differs by one letter (added, missing, changed or swapped); in a long word, by
    two.
    """
    allowed = 1 if len(text) < 8 else 2
    scored = [
        (distance, word)
        for word in known
        if len(word) >= 4 and abs(len(word) - len(text)) <= allowed
        and (distance := OSA.distance(text, word, score_cutoff=allowed)) <= allowed
    ]  # fmt: skip
    best = sorted({word for distance, word in scored if distance == min(scored)[0]})
    best = [word for word in best if word[0] == text[0]] or best
    # A letter is more often missing than replaced: "wich" is "which", not "with".
    best = [word for word in best if _left_out(text, word)] or best
    # "ordr" is nearly "order" and "orders": both have the same stem.
    return best[0] if len({word.rstrip("s") for word in best}) == 1 else None


def _left_out(text: str, word: str) -> bool:
    """Whether a word's letters are all there, in order, except some."""
    letters = iter(word)
    return all(letter in letters for letter in text)


# --- items


def _spans(
    words: tuple[Token, ...], quotes: Sequence[tuple[str, ...]], schema: Schema, lexicon: Lexicon
) -> Iterator[tuple[float, Item]]:
    times = {(each.start, each.end): each for each in periods(words, lexicon)}
    numbers = {(each.start, each.end): each for each in find_numbers(words)}
    speaks = any(word.text in lexicon.classes["headers"] for word in words)
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + MAX_WORDS) + 1):
            span = words[start:end]
            said = tuple(word.text for word in span)
            item = Item(
                start, end, " ".join(said),
                _roles(span, words[end].text if end < len(words) else "", schema, lexicon),
                columns_called(span, schema, lexicon) if len(span) <= 5 else (),
                cells_called(span, schema, lexicon), numbers.get((start, end)), times.get((start, end)),
                said in quotes,
            )  # fmt: skip
            if item.quoted and item.columns and item.columns[0].whole and (speaks or not item.cells):
                # A header in quotation marks has no other meaning.
                item = Item(start, end, item.text, columns=item.columns[:1], quoted=True)
            if weight := _weight(item, span, lexicon):
                yield weight, item


def _roles(
    span: Sequence[Token], after: str, schema: Schema, lexicon: Lexicon
) -> tuple[tuple[str, str], ...]:
    """What the words are said for: "average amount of" is an average, unless a column is called "amount"."""
    said = tuple(word.text for word in span)
    roles = lexicon.phrases.get(said, ())
    if after == "than" and len(said) > 1 and said[0] in ("or", "and"):
        # "or more than 10" says no "10 or more".
        return ()
    for place in range(1, len(span) if roles else 1):
        if said[:place] in lexicon.phrases:
            called = columns_called(span[place : place + 1], schema, lexicon)
            if any(each.whole and each.score == 1 for each in called):
                return ()
    return roles


def _weight(item: Item, span: Sequence[Token], lexicon: Lexicon) -> float:
    """How well the words belong together; 0 if they have no meaning."""
    length = len(span)
    if item.quoted:
        return 6.0 * length
    best = 0.0
    if item.period:
        best = 2.6 * length
    if item.number and not item.period:
        best = max(best, 1.6 * length)
    if item.columns:
        said = any(len(form) == length for form in headers(item.columns[0].name)) and item.columns[0].whole
        best = max(best, item.columns[0].score * (1.5 + 0.6 * said) * length**1.2)
    if item.cells:
        best = max(best, _of_cells(item, span, lexicon) * length**1.2)
    if item.roles:
        best = max(best, 1.35 * length**1.25)
    if (
        not best
        and length == 1
        and (span[0].text in lexicon.stop or lexicon.stem(span[0].text) in lexicon.soft)
    ):
        best = 0.1
    return best


def _of_cells(item: Item, span: Sequence[Token], lexicon: Lexicon) -> float:
    plain = all(word.text in lexicon.stop or lexicon.stem(word.text) in lexicon.soft for word in span)
    return (
        0.05
        if plain and len(span) == 1 and len(item.text) < 3
        else item.cells[0].score * (1.0 if plain else 1.8)
    )


def _chosen(spans: Sequence[tuple[float, Item]], words: Sequence[Token]) -> Iterator[Item]:
    """The best division of the words into items. Unknown words are items by themselves."""
    best: list[tuple[float, Item | None]] = [(0.0, None)]
    ending: dict[int, list[tuple[float, Item]]] = {}
    for weight, item in spans:
        ending.setdefault(item.end, []).append((weight, item))
    for end in range(1, len(words) + 1):
        choices: list[tuple[float, Item | None]] = [(best[end - 1][0], None)]
        choices += [(best[item.start][0] + weight, item) for weight, item in ending.get(end, ())]
        best.append(max(choices, key=lambda each: each[0]))
    found: list[Item] = []
    place = len(words)
    while place:
        item = best[place][1] or Item(place - 1, place, words[place - 1].text)
        found.append(item)
        place = item.start
    yield from reversed(found)


def today() -> date:
    """The day that "yesterday" refers to."""
    return date.today()


def says_nothing(item: Item, lexicon: Lexicon) -> bool:
    """Whether it may stay unexplained."""
    return all(word in lexicon.stop or lexicon.stem(word) in lexicon.soft or not re.search(r"\w", word)
               for word in fold(item.text).split())  # fmt: skip
