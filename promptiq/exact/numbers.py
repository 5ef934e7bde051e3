"""Numbers in questions and cells: digits, words, ordinals, thousands, magnitudes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Literal

from promptiq.exact.words import Token

_UNITS = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: value * 10
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_SCALES = {
    "hundred": 100, "thousand": 1_000, "k": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
    "bn": 1_000_000_000, "dozen": 12,
}  # fmt: skip
_HALVES = frozenset({"am", "pm"})
_ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
            "thirteenth",
            "fourteenth",
            "fifteenth",
        ],
        start=1,
    )
}

NUMBER_WORDS = frozenset({*_UNITS, *_TENS, *_SCALES, *_ORDINALS})


@dataclass(frozen=True, slots=True)
class NumberSpan:
    """Tokens [start, end). `ordinal`: "third", "3rd". `percent`: with a percent sign or word. `clock`: the
    value is in seconds, written "full", with three parts ("1:10:00"); "short", with two, which may be hours
    and minutes or minutes and seconds; "day", with a half of the day ("3:00 p.m."); or "lasting", in words
    ("five minutes").
    """

    start: int
    end: int
    value: Decimal
    ordinal: bool = False
    percent: bool = False
    clock: Literal["", "full", "short", "day", "lasting"] = ""

    @property
    def text(self) -> str:
        return plain(self.value)


def plain(value: Decimal) -> str:
    """Digits without exponent or trailing zeros."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def find_numbers(words: Sequence[Token]) -> list[NumberSpan]:
    """All numbers in order. "one" counts only before a noun, not in "which one" or "the one"."""
    found, place = [], 0
    while place < len(words):
        span = _digits(words, place) or _spelled(words, place)
        if span:
            found.append(span)
        place = span.end if span else place + 1
    return found


def _digits(words: Sequence[Token], place: int) -> NumberSpan | None:
    text = words[place].text
    if ":" in text:
        return _time(words, place)
    matched = re.fullmatch(r"(\d[\d,]*(?:\.\d+)?|\.\d+)(%?)(st|nd|rd|th)?", text)
    if not matched:
        return None
    if text.isdigit() and int(text) <= 12 and place + 1 < len(words) and words[place + 1].text in _HALVES:
        return _time(words, place)
    value, end = Decimal(matched[1].replace(",", "")), place + 1
    if end < len(words) and words[end].text in _SCALES and not matched[3]:
        value, end = value * _SCALES[words[end].text], end + 1
    percent = bool(matched[2])
    if not percent and end < len(words) and words[end].text in {"percent", "%"}:
        percent, end = True, end + 1
    return NumberSpan(place, end, value, bool(matched[3]), percent)


def _time(words: Sequence[Token], place: int) -> NumberSpan:
    parts = [Decimal(part) for part in words[place].text.split(":")]
    half = words[place + 1].text if place + 1 < len(words) else ""
    if half in _HALVES:
        hours, minutes, seconds = (*parts, Decimal(0), Decimal(0))[:3]
        of_day = _seconds((hours % 12 + 12 * (half == "pm"), minutes, seconds))
        return NumberSpan(place, place + 2, of_day, clock="day")
    return NumberSpan(place, place + 1, _seconds(parts), clock="full" if len(parts) > 2 else "short")


def _seconds(parts: Sequence[Decimal]) -> Decimal:
    seconds = Decimal(0)
    for part in parts:
        seconds = seconds * 60 + part
    return seconds


def _spelled(words: Sequence[Token], place: int) -> NumberSpan | None:
    text = words[place].text
    if text in _ORDINALS:
        return NumberSpan(place, place + 1, Decimal(_ORDINALS[text]), ordinal=True)
    if text == "one" and place and words[place - 1].text in {"which", "the", "that", "this", "no", "any"}:
        return None
    total, part, end = 0, 0, place
    while end < len(words):
        text = words[end].text
        if text in _TENS or text in _UNITS:
            part += _TENS.get(text, 0) + _UNITS.get(text, 0)
        elif text in _SCALES and (end > place or text == "dozen"):
            total, part = (
                (total, (part or 1) * 100) if text == "hundred" else (total + part * _SCALES[text], 0)
            )
            if text == "dozen":
                total = total or 12
        else:
            break
        end += 1
    if end == place:
        return None
    percent = end < len(words) and words[end].text == "percent"
    return NumberSpan(place, end + percent, Decimal(total + part), percent=percent)


# The beginning of a cell with a number: sign or currency, digits with thousands by comma or blank, decimals.
# Before it may be the T of a shared place ("T4"), or a written-out sum, whose result counts ("70-72-68=210").
NUMBER_CELL = (
    r"^(?:\d+(?: ?[-+] ?\d+)+ ?= ?)?[^\w+.-]*(?:T)?([a-zA-Z]{0,3}[$€£¥]\s*)?"
    r"([+-]?(?:\d{1,3}(?:[, ]\d{3})+(?:\.\d+)?|\d*\.?\d+))"
)
# What may follow: a percent sign, an ordinal's ending, a unit, a remark in brackets, a second bound.
_AFTER = re.compile(
    r"\s*(%|st|nd|rd|th|=|\+|\*|[^\W\d_/]{1,12}\.?(?:[ /][^\W\d_]{1,12}\.?){0,2}²?|[²³°'\"′″]{1,2}\w?)?"
    r"\s*([(\[].*|[-–/]\s*\d{1,3}(?!\d)\s*%?\w*)?[\s*†‡^#!]*"
)
_BLANKS = frozenset(
    {"", "-", "n/a", "na", "none", "unknown", "?", "tba", "tbd", "dnf", "dns", "dnq", "nan", "*"}
)


def is_blank(cell: str) -> bool:
    """Whether a cell says that there is no value."""
    return cell.strip().casefold().translate(_DASH) in _BLANKS


_DASH = str.maketrans(dict.fromkeys("‐‑‒–—−", "-"))


def cell_number(cell: str) -> Decimal | None:
    """The number at the beginning of a cell, if the rest is a unit, a remark or nothing; else None."""
    text = cell.strip().translate(_DASH)
    matched = re.match(NUMBER_CELL, text)
    if not matched or not _AFTER.fullmatch(text[matched.end() :]):
        return None
    try:
        return Decimal(matched[2].replace(",", "").replace(" ", ""))
    except InvalidOperation:
        return None
