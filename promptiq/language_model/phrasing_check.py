"""Checks that a wording says what was found, and adds no figure, name or link."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from promptiq.exact.numbers import find_numbers
from promptiq.exact.words import fold, tokens

MAX_WORDING = 500
# Up to this many values must all be in the wording; of more, only the first.
ALL_SAID = 3
# Beginnings of links, markup and images.
_MARKUP = re.compile(r"://|www\.|mailto:|data:|javascript:|[<>`{}\[\]\\|]|\*\*|__|^#", re.IGNORECASE)
_DOMAIN = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}\b")
_QUOTED = re.compile(r"[\"“”„«»]([^\"“”„«»]+)[\"“”„«»]|(?<!\w)['‘’‚]([^'‘’‚]+)['‘’](?!\w)")
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_NEGATIVE = re.compile(r"(?<![\w.,)])[-−–](\d[\d,]*(?:\.\d+)?)")
_SENTENCE_BEGINS = re.compile(r"(?:^|[.!?…:]\s+)[\"“„«'‘(]*$")


def fault(wording: str, told: dict[str, Any], values: Sequence[str]) -> str:
    """What is wrong with the wording, without quoting it; "" if nothing.

    `told`: what the model got, as JSON. `values`: of a computed answer. A capitalised word at the beginning
    of a sentence is allowed.
    """
    if not wording or len(wording) > MAX_WORDING:
        return "it is empty or too long"
    if any(unicodedata.category(character).startswith("C") for character in wording):
        return "it holds hidden characters"
    if _MARKUP.search(wording):
        return "it holds a link or markup"
    known = "\n".join(_texts(told))
    plain = fold(known)
    if any(fold(match[0]) not in plain for match in _DOMAIN.finditer(wording)):
        return "it holds an address of its own"
    if not _numbers(wording) <= _numbers(known) | _counts(told) or not _codes(wording) <= _words(known):
        return "it holds a number that was not found"
    if not _negatives(wording) <= _negatives(known):
        return "it holds a negative number that was not found"
    if any(fold(match[1] or match[2]).strip(" .,!?") not in plain for match in _QUOTED.finditer(wording)):
        return "it quotes what was not found"
    if not set(_names(wording)) <= _words(known):
        return "it holds a name that was not found"
    needed = values if len(values) <= ALL_SAID else values[:1]
    if not all(_says(wording, value) for value in needed):
        return "it does not hold the answer"
    return ""


def _texts(told: Any) -> Iterator[str]:
    if isinstance(told, dict):
        for name, value in told.items():
            yield str(name)
            yield from _texts(value)
    elif isinstance(told, list):
        for value in told:
            yield from _texts(value)
    else:
        yield str(told)


def _numbers(text: str) -> set[Decimal]:
    """All numbers, including spelled ones, but without the word "one", which may be an article."""
    words = tokens(text)
    return {
        span.value for span in find_numbers(words) if span.value != 1 or words[span.start].text[0].isdigit()
    }


def _counts(told: dict[str, Any]) -> set[Decimal]:
    """The number of values or rows may be mentioned, too."""
    return {Decimal(len(found)) for found in told.values() if isinstance(found, list)}


def _codes(text: str) -> set[str]:
    """Words with a digit that are not numbers: "a12"."""
    words = tokens(text)
    spans = {place for span in find_numbers(words) for place in range(span.start, span.end)}
    return {
        word.text
        for place, word in enumerate(words)
        if place not in spans and any(character.isnumeric() for character in word.text)
    }


def _words(text: str) -> set[str]:
    return {form for word in tokens(text) for form in (word.text, word.stem)}


def _names(wording: str) -> Iterator[str]:
    """Capitalised words that do not begin a sentence, in lower case without accents."""
    for match in _WORD.finditer(wording):
        if match[0][0].isupper() and not _SENTENCE_BEGINS.search(wording[: match.start()]):
            yield from (word.text for word in tokens(match[0]))


def _says(wording: str, value: str) -> bool:
    """Whether all words and numbers of the value are there, including a minus sign."""
    return (
        _words(value) - _spelled(value) <= _words(wording)
        and _numbers(value) <= _numbers(wording)
        and _negatives(value) <= _negatives(wording)
    )


def _negatives(text: str) -> set[str]:
    return {match[1].replace(",", "") for match in _NEGATIVE.finditer(text)}


def _spelled(text: str) -> set[str]:
    """Words that are part of a number: "1,234" and "1234" are one."""
    words = tokens(text)
    return {
        form
        for span in find_numbers(words)
        for word in words[span.start : span.end]
        for form in (word.text, word.stem)
    }
