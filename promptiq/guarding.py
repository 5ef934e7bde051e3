"""Recognises questions that try to find out masked values, from the question and the headers alone.

No value is read. So a right guess and a wrong one get the same refusal, and so do a person in the table and
one who is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.header_reading import words_of
from governance.recognisers.vocabulary import (
    CALENDAR_WORDS,
    CLEAR,
    HINTS,
    HONORIFICS,
    NOT_PEOPLE,
    people,
)
from governance.redacting.redaction import KINDS, mentions_any, normalised
from governance.tag_schema import DEFAULT_CLASSIFICATION_TAGS
from promptiq.answers import Answer
from promptiq.exact.lexicon import english
from promptiq.exact.reading.headers import SYNONYM, word_score
from promptiq.exact.words import Token, stem
from promptiq.sources import Source

_GUESSED = (
    "Values of {} are masked for you: they cannot be asked for, guessed at or compared. They may be averaged "
    "and added up over at least 5 rows."
)
_HOLDS_PERSONAL_DATA = (
    "The question holds what looks like somebody's personal data. It is matched only for those who may see "
    "such data; ask without it."
)
_NAMES_SOMEBODY = (
    "The question names somebody. Names are matched only for those who may see personal data; ask without it."
)

# Kinds of data, by recognisers' names, that each of our tags stands for.
_KINDS_OF_TAG: dict[str, set[str]] = {}
for _kind, _tags in DEFAULT_CLASSIFICATION_TAGS.items():
    for _tag in _tags:
        if _tag.startswith("DataKind."):
            _KINDS_OF_TAG.setdefault(_tag, set()).add(_kind)
# Kinds of data that "her number" can mean.
_NUMBERED = {"PHONE", "CREDIT_CARD", "IBAN", "US_SSN", "NATIONAL_ID", "DRIVER_LICENSE", "CVV", "PIN", "VIN"}
_NUMBERS = frozenset(("number", "numbers", "no", "code", "digits", "digit"))
_OWNERS = frozenset(("her", "his", "their", "whose", "s", "my", "your", "its"))
_JOINING = frozenset(("of", "the", "a", "in", "for", "and", "is"))
_LONGEST_RUN = 5

# Words that take a value apart or encode it. Such a question asks for a value, not a figure.
_TAKEN_APART = re.compile(
    r"""\b(?:(?:start|begin|end|finish)(?:s|ing|ed)?\ (?:with|in|on|by|at)
    |prefix|suffix|substring|contain(?:s|ing)?
    |(?:first|last|second|third|final|middle|leading|trailing|\d+(?:st|nd|rd|th)|two|three|four|\d)
    \ (?:\w+\ )?(?:letter|digit|character|char|number|part|half|initial|symbol|byte)s?
    |letters?|characters?|digits?|initials?|alphabetic(?:al|ally)|revers(?:e|ed|es)|backwards?
    |spell(?:s|ed|ing)?|(?:en|de)cod(?:e|ed|es|ing)|encrypt(?:ed)?|base\ ?(?:32|58|64)|hex(?:adecimal)?
    |rot\ ?13|caesar|cipher|morse|ascii|unicode|leet|translat(?:e|ed|ion)
    |transliterat(?:e|ed)|hash(?:ed)?|md5|sha\d*|guess(?:ed)?|rhymes?|sounds?|regex|wildcard|divisible|odd|even)\b|\*""",
    re.VERBOSE,
)
# Words that compare or try a value. Conditions on open columns use the same words.
_COMPARED = re.compile(
    r"""\b(?:equals?|match(?:es|ing)?|long|longer|shorter|length|sort(?:ed)?|order(?:ed)?\ by
    |greater|less|more|higher|lower|larger|smaller|bigger|older|younger|earlier|later|before|after|between|above
    |below|over|under|same|identical|different|distinct|unique|like|is\ there|are\ there|any(?:one|body)?
    |some(?:one|body)|true\ that|correct|confirm|verify|check|yes\ or\ no|group(?:ed)?\ by
    |min(?:imum)?|max(?:imum)?|highest|lowest|largest|smallest|oldest|youngest|median|mode|most\ common)\b
    |[=<>]""",
    re.VERBOSE,
)
_VERBS = frozenset(
    (
        "show", "list", "give", "tell", "print", "reveal", "display", "output", "dump", "return", "read",
        "repeat", "write", "extract", "export", "get", "fetch", "find", "provide", "send", "share", "need",
        "want", "append", "insert", "include", "put", "say", "name", "unmask", "expose", "disclose", "type",
        "recite", "echo", "render", "link", "email", "post", "summarise", "summarize", "know", "leak",
    )
)  # fmt: skip
# The topic of a search is not a requested column: "rows about a broken phone".
_ABOUT = frozenset(
    ("about", "regarding", "concerning", "mention", "mentions", "mentioning", "by", "via", "prefer", "broken")
)
_TWO_WORDS = re.compile(r"(?<![\w.-])(?=([^\W\d_]{2,20})\.?\s+([A-ZÀ-Þ][^\W\d_]+))")
_LITERAL = re.compile(r"\d|[\"“”„«»]|(?<!\w)'|'(?!\w)")


@dataclass(frozen=True, slots=True)
class ColumnMention:
    """A column named in the question. `start`, `end`: positions of its words. `sure`: its whole name or kind
    is there.
    """

    column: str
    start: int
    end: int
    sure: bool


@dataclass(frozen=True, slots=True)
class _ReadQuestion:
    text: str
    words: tuple[str, ...]


def refuse_guesses(question: str, sources: Sequence[Source]) -> tuple[list[Source], Answer | None]:
    """The sources that may answer the question, and the refusal if none may.

    Sources in which the question tries a masked value are left out. The others answer only if the question
    also names one of their columns.
    """
    asked = _read(question)
    if mentions_any(question):
        open_to = [source for source in sources if _matches_personal_data(question, source)]
        return (open_to, None) if open_to else ([], _refusal(_HOLDS_PERSONAL_DATA, sources))
    if not _TAKEN_APART.search(asked.text):
        return list(sources), None
    return _apart(asked, sources, {id(each): _masked_mentions(asked, each) for each in sources})


def refuse_values(question: str, sources: Sequence[Source]) -> Answer | None:
    """The refusal of a question that could not be computed and asks for masked values or a person by name.
    None if the nearest rows may be shown.
    """
    asked = _read(question)
    tried = bool(_LITERAL.search(asked.text) or _COMPARED.search(asked.text))
    wanted = {
        id(source): [
            mention
            for mention in _masked_mentions(asked, source)
            if (mention.sure and tried) or _is_tried_or_wanted(asked.words, mention)
        ]
        for source in sources
    }
    _, refusal = _apart(asked, sources, wanted)
    if refusal is None and _names_somebody(normalised(question)):
        with_names = [source for source in sources if _has_names(source, masked=True)]
        if with_names and not any(_has_names(source, masked=False) for source in sources):
            return _refusal(_NAMES_SOMEBODY, with_names)
    return refusal


def _names_somebody(text: str) -> bool:
    """ "Mr Osterkamp", or a common first name before any word with a capital."""
    for found in _TWO_WORDS.finditer(text):
        first, second = without_accents(found[1]), without_accents(found[2])
        if (
            second in NOT_PEOPLE
            or first in NOT_PEOPLE
            or first in CALENDAR_WORDS
            or not found[1][0].isupper()
        ):
            continue
        if first in people().first or (first in HONORIFICS and len(first) > 1):
            return True
    return False


def _apart(
    asked: _ReadQuestion, sources: Sequence[Source], tried: dict[int, list[ColumnMention]]
) -> tuple[list[Source], Answer | None]:
    closed = [source for source in sources if tried[id(source)]]
    if not closed:
        return list(sources), None
    left = [source for source in sources if not tried[id(source)] and _open_mentions(asked, source)]
    if left:
        return left, None
    names = sorted({mention.column for source in closed for mention in tried[id(source)]})
    return [], _refusal(_GUESSED.format(", ".join(names)), closed)


def _refusal(text: str, sources: Sequence[Source]) -> Answer:
    return Answer("not_permitted", text, "exact", governance=tuple(each.governance() for each in sources))


def _read(question: str) -> _ReadQuestion:
    text = normalised(question)
    return _ReadQuestion(text.casefold(), words_of(text))


def _matches_personal_data(question: str, source: Source) -> bool:
    """Whether the question may be matched with personal data: the reader may see it, or a tag opened it."""
    return source.view_pii or any(
        not column.masked and not mentions_any(question, column.redacted)
        for column in source.access.columns
        if column.redacted != KINDS
    )


# --- which columns are meant


def _masked_mentions(asked: _ReadQuestion, source: Source) -> list[ColumnMention]:
    """Mentions of columns masked for the reader, except those that fit an open column better."""
    masked = source.masked()
    if not masked:
        return []
    explained = {
        place for each in _open_mentions(asked, source) if each.sure for place in range(each.start, each.end)
    }
    return [
        mention
        for name in masked
        for mention in _mentions_of(asked.words, name, _kinds_of(source, name))
        if not explained.issuperset(range(mention.start, mention.end))
    ]


def _open_mentions(asked: _ReadQuestion, source: Source) -> list[ColumnMention]:
    masked = source.masked()
    return [
        mention
        for name in source.tags
        if name not in masked
        for mention in _mentions_of(asked.words, name, _kinds_of(source, name))
    ]


def _kinds_of(source: Source, column: str) -> frozenset[str]:
    by_tag = (_KINDS_OF_TAG.get(tag.fqn, set()) for tag in source.tags.get(column, ()))
    return frozenset().union(*by_tag)


def _has_names(source: Source, *, masked: bool) -> bool:
    """Whether a masked (or open) column contains names, or texts with names."""
    hidden = source.masked()
    asked_for = [name for name in source.tags if (name in hidden) is masked]
    return any({"PERSON", "FREE_TEXT"} & _kinds_of(source, name) for name in asked_for)


@lru_cache(maxsize=1024)
def _mentions_of(words: tuple[str, ...], column: str, kinds: frozenset[str]) -> tuple[ColumnMention, ...]:
    return tuple(_all_mentions(words, column, kinds))


def _all_mentions(words: tuple[str, ...], column: str, kinds: frozenset[str]) -> Iterator[ColumnMention]:
    header = [word for word in words_of(column) if word not in _JOINING and not word.isdigit()]
    stems = [stem(word) for word in words]
    wanted = [stem(word) for word in header]
    if wanted and set(wanted) <= set(stems):
        for word in wanted:
            place = stems.index(word)
            yield ColumnMention(column, place, place + 1, sure=len(wanted) > 1 or wanted[0] not in _NUMBERS)
    elif header and header[-1] not in _NUMBERS:
        last = Token(header[-1], wanted[-1])
        for place, word in enumerate(words):
            if word_score(Token(word, stems[place]), last) >= SYNONYM:
                yield ColumnMention(column, place, place + 1, sure=False)
    for start in range(len(words)):
        for end in range(start + 1, min(len(words), start + _LONGEST_RUN) + 1):
            run = "".join(words[start:end])
            for form in {run, run.removesuffix("s")}:
                if kinds & set(CLEAR.get(form, ())):
                    yield ColumnMention(column, start, end, sure=True)
                elif kinds & (set(HINTS.get(form, ())) - {"PERSON"}) and form not in english().stop:
                    yield ColumnMention(column, start, end, sure=False)
        if words[start] in _NUMBERS and _OWNERS & set(words[max(0, start - 2) : start]) and kinds & _NUMBERED:
            yield ColumnMention(column, start, start + 1, sure=True)


def _is_tried_or_wanted(words: tuple[str, ...], mention: ColumnMention) -> bool:
    """Whether a value is tried ("card 4111…") or requested ("her email", "show … emails", "what is the email
    of …").
    """
    before, after = words[max(0, mention.start - 6) : mention.start], words[mention.end : mention.end + 2]
    if _ABOUT & set(before):
        return False
    if any(map(str.isdigit, after)) or (before[-1:] and before[-1] in _OWNERS):
        return True
    if after[:1] and after[0] in ("of", "for", "from", "belongs", "belonging"):
        return True
    if mention.sure and words[0] in ("when", "how"):  # "when was she born", "how old is he"
        return True
    return bool(_VERBS & set(before)) or "what" in before or bool({"which", "whose"} & set(before[-2:]))
