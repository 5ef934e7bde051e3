"""Finds the columns that some words of a question may name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from promptiq.exact.lexicon import Lexicon, english
from promptiq.exact.plans import Schema
from promptiq.exact.words import Token, tokens

# How well a word fits a header that says the same in another word, that is short for it, has some
# of its letters, or begins with it.
SYNONYM, SHORT, LETTERS, BEGUN = 0.78, 0.75, 0.66, 0.8
# The same of another form of its word: "claims" for Claimed.
INFLECTED = 0.95
# The same of a plural for a word that only tells more of the header's noun.
MODIFIER = 0.6
# Words of a header that leave no other statistic in it.
_STATISTICS = frozenset({"avg", "average", "mean", "median", "max"})
# Words of a header that say how something is called by: "order" is enough for order_id.
NUMBERED = frozenset({"id", "no", "number", "nr", "code", "key", "ref"})
# Words inside a mention without meaning: "date of the order".
_FILLERS = frozenset({"of", "the", "in", "for", "a", "an", "to", "and", "on", "number"})
_ARTICLES = frozenset({"the", "a", "an"})
# The lowest match with a header; and how far below the best match another column may be and still compete.
LEAST, RIVALS = 0.5, 0.06


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """`whole`: every word of the header was said, except one such as "number"."""

    name: str
    score: float  # 0–1
    whole: bool = False


def columns_called(span: Sequence[Token], schema: Schema, lexicon: Lexicon) -> tuple[ColumnChoice, ...]:
    """Best first; () if the words name no column."""
    if span[0].text.isdigit():
        # "5 for ease of use" means no more than the words of "Ease of Use (1-5)".
        return ()
    plain = all(word.text in lexicon.stop or word.text in _FILLERS for word in span)
    # "column" and "dataset" are only short for the words of a header that is called so.
    told = span[0].text in lexicon.classes["headers"] | lexicon.classes["file"] and len(span) == 1
    found = []
    for column in schema.columns:
        best = max(_named(span, header, lexicon) for header in headers(column.name))
        if best[0] >= (0.95 if plain or told else LEAST):
            found.append(ColumnChoice(column.name, *best))
    return tuple(sorted(found, key=lambda each: -each.score))


def _named(span: Sequence[Token], header: Sequence[Token], lexicon: Lexicon) -> tuple[float, bool]:
    """Words such as "number" count if the header has them. No mention begins or ends with other words without
    meaning.
    """
    said = {word.text for word in header}
    wanted = [word for word in span if word.text not in _FILLERS or word.text in said]
    edges = {span[0].text, span[-1].text}
    if not wanted or (edges - said) & _FILLERS or "and" in {word.text for word in span} - said:
        return 0.0, False
    if len(span) > 1 and span[-1].text == "per":
        return 0.0, False
    score, whole = _fit(wanted, header, lexicon)
    # "the total" does not name a long header only because both contain "the".
    return (score, whole) if whole or not edges & _ARTICLES else (0.0, False)


def marked(question: str, schema: Schema, lexicon: Lexicon) -> str:
    """The question with headers in «marks» where they are spelled exactly and cannot be plain words, or it
    speaks of columns. Words before a header in brackets say the same: "wind speed (WINDSPEED)" is one.
    """
    speaks = any(token.text in lexicon.classes["headers"] for token in tokens(question))
    names = sorted((column.name for column in schema.columns if len(column.name) > 1), key=len, reverse=True)
    for name in names:
        question = re.sub(
            rf"((?:\s+[\w-]+)*)\s*\(\s*{re.escape(name)}\s*\)", _glossed(name, lexicon), question
        )
    told = [re.escape(name) for name in names if speaks or _ODD.search(name)]
    if not told:
        return question
    exact = rf"(?<![\w«])[\"'“‘]?(?<!\w)({'|'.join(told)})(?!\w)[\"'”’]?(?!»)"
    return re.sub(exact, r"«\1»", question)


# Headers that are no plain word: "positive_diffsel", "MedInd", "Mar.2020".
_ODD = re.compile(r"\w[_.\d]\w|[a-z][A-Z]")


def _glossed(name: str, lexicon: Lexicon) -> Callable[[re.Match[str]], str]:
    def kept(found: re.Match[str]) -> str:
        words = found[1].split()
        while words and words[-1].casefold() not in lexicon.words:
            words.pop()
        return f" {' '.join(words)} «{name}»"

    return kept


def without_brackets(header: str) -> str:
    return re.sub(r"[\[(].*?[\])]", " ", header)


@lru_cache(maxsize=4096)
def headers(name: str) -> tuple[tuple[Token, ...], ...]:
    """A header's words, with and without those in brackets; "orderDate" has two."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    forms = [tokens(form) for form in (without_brackets(parted), parted, name)]
    return tuple(dict.fromkeys(form for form in forms if form)) or ((),)


def header_words(name: str) -> frozenset[str]:
    return frozenset(word.text for form in headers(name) for word in form)


def _fit(words: Sequence[Token], header: Sequence[Token], lexicon: Lexicon) -> tuple[float, bool]:
    """How well all these words match the header, and whether they are all of its words."""
    left = list(header)
    total = 0.0
    for word in words:
        fitting = [other for other in left if not _is_of_another_sense(word, other, header)]
        best = max(fitting, key=lambda other: word_score(word, other, lexicon), default=None)
        score = word_score(word, best, lexicon) if best else 0.0
        if best is None or score < LEAST:
            said = any((word.text,) in lexicon.phrases for word in words)
            return _run_together(words, header) or (0.0 if said else _initials(words, header)), False
        lesser = _is_plural_of(word, best) and _is_modifier(best, header, lexicon)
        total += score * (MODIFIER if lesser else 1.0)
        left.remove(best)
    rest = [word for word in left if word.text not in _FILLERS and word.text not in NUMBERED]
    # "wait" names Wait (min) and Average Wait less well, but Max Wait (min) no better than that.
    units = {two for one, two in pairwise(header) if two.text in lexicon.units and one.text != "per"}
    if header[-1].text == "min" and not any(word.text in _STATISTICS for word in header):
        # It may be a minimum.
        units -= {header[-1]}
    rest = [word for word in rest if word not in units]
    covered = len(words) / (len(words) + len(rest))
    return (total / len(words)) * (0.5 + 0.5 * covered) - 0.001 * len(left), not rest


def _is_of_another_sense(word: Token, other: Token, header: Sequence[Token]) -> bool:
    """Min Players counts no minutes; Rate per Night measures no nights."""
    if word.text == other.text:
        return False
    place = next(at for at, each in enumerate(header) if each is other)
    begins = place == 0 and len(header) > 1 and other.text in ("min", "max")
    return begins or (place > 0 and header[place - 1].text == "per" and word.text.endswith("s"))


def _is_modifier(word: Token, header: Sequence[Token], lexicon: Lexicon) -> bool:
    """Whether a header's last word is what it is about: of Unit Price, not of Student No and Student Name."""
    last = header[-1]
    naming = NUMBERED | {"date", "dt", "on", "at", "description", "details"}
    return word is not last and last.text not in naming and last.stem not in lexicon.holders["label"]


def _is_plural_of(word: Token, other: Token) -> bool:
    """What stands before a noun is no plural: "units" are not of Unit Price."""
    return word.text != other.text and word.text.rstrip("s") == other.text


def _run_together(words: Sequence[Token], header: Sequence[Token]) -> float:
    """ "wind speed" for WINDSPEED, "life expectancy" for lifeexp: all letters but some of the last word."""
    joined, last = "".join(word.text for word in words), words[-1].text
    begun = len(header) == 1 and len(words) > 1 and joined.startswith(header[0].text)
    return 0.9 if begun and len(header[0].text) > len(joined) - len(last) + 1 else 0.0


def _initials(words: Sequence[Token], header: Sequence[Token]) -> float:
    """ "games played" for GP."""
    if len(header) == 1 and 2 <= len(words) == len(header[0].text):
        return 0.8 if "".join(word.text[0] for word in words) == header[0].text else 0.0
    if len(words) == 1 and len(header) >= 3 and words[0].text == "".join(word.text[0] for word in header):
        return 0.9
    # "LTV" for Lifetime Value.
    if len(words) == 1 and len(header) == 2 and len(words[0].text) in (2, 3):
        return 0.8 if is_short_for(words[0].text, "".join(word.text for word in header)) else 0.0
    return 0.0


def word_score(word: Token, other: Token, lexicon: Lexicon | None = None) -> float:
    """1 for equal words, 0 for unrelated ones."""
    lexicon = lexicon or english()
    if word.text == other.text:
        return 1.0
    one, two = lexicon.stem(word.text), lexicon.stem(other.text)
    if one == two or word.text in (f"{other.text}s", other.text.removesuffix("s")):
        if word.text in lexicon.stop:
            return 0.3
        return 0.99 if is_form_of(word.text, other.text) else INFLECTED
    if word.text in lexicon.stop or other.text in lexicon.stop:
        return 0.0
    if (word.text,) in lexicon.denials:
        return 0.0
    if lexicon.alike(one, two):
        return SYNONYM
    if is_short_for(other.text, word.text) or (
        is_short_for(word.text, other.text) and not (len(word.text) < 4 and other.text.startswith(word.text))
    ):
        begun = word.text[:3] == other.text[:3]
        return SHORT if begun else LETTERS
    short, long = sorted((one, two), key=len)
    # "direct" and "director", but not "light" and "lighthouse".
    ended = len(long) <= len(short) + 3 or long[len(short) :] in ("ation", "ition", "ment")
    return BEGUN if len(short) >= 4 and ended and long.startswith(short) else 0.0


def is_form_of(one: str, other: str) -> bool:
    """Whether two words are singular and plural of one noun."""
    short, long = sorted((one, other), key=len)
    return long in (short, f"{short}s", f"{short}es", f"{short.removesuffix('y')}ies")


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
