"""Measures answers to questions over tables: how many were answered, and how many are right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from promptiq.exact.words import fold

# Stands for a value in answers: ask what was meant, refuse, or warn. A bare figure is then wrong.
OPEN = ("ASK", "REFUSE", "WARN")
# Confidences that are counted together.
STEPS = (0.5, 0.7, 0.8, 0.9, 0.95, 1.01)


@dataclass(frozen=True, slots=True)
class ScoredQuestion:
    """One row of qa.csv. `answers`: alternatives, each with all expected values; () if there are none.
    `before`: the question that a followup continues.
    """

    table: str
    question: str
    answers: tuple[tuple[str, ...], ...]
    kind: str = ""
    before: str = ""

    @property
    def is_open(self) -> bool:
        """Whether no answer is expected."""
        return any(_is_open(value) for values in self.answers for value in values)


def _is_open(value: str) -> bool:
    return re.split(r"[: ]", value.strip())[0] in OPEN


@dataclass(frozen=True, slots=True)
class Answered:
    """`outcome`: answered or abstained. `kind`: exact or lookup; "" if there is no answer."""

    asked: ScoredQuestion
    values: tuple[str, ...]
    outcome: str
    kind: str
    confidence: float = 0.0

    @property
    def said(self) -> bool:
        return self.outcome == "answered"

    @property
    def right(self) -> bool:
        if not self.said:
            return self.asked.is_open
        return any(is_right(self.values, values) for values in _values(self.asked))


def _values(asked: ScoredQuestion) -> Iterator[tuple[str, ...]]:
    """The alternatives without markers that stand for a value."""
    for values in asked.answers:
        if plain := tuple(value for value in values if not _is_open(value)):
            yield plain


@dataclass(frozen=True, slots=True)
class Score:
    questions: int
    answered: int
    right: int
    right_answers: int

    @property
    def accuracy(self) -> float:
        return self.right / self.questions if self.questions else 0.0

    @property
    def precision(self) -> float:
        return self.right_answers / self.answered if self.answered else 0.0


def score(answers: Sequence[Answered]) -> Score:
    said = [answer for answer in answers if answer.said]
    right = sum(answer.right for answer in answers)
    return Score(len(answers), len(said), right, sum(answer.right for answer in said))


def reliability(answers: Sequence[Answered]) -> Iterator[tuple[float, float, int, float]]:
    """Answers by confidence: from, to, how many, and the share of right ones."""
    for low, high in pairwise(STEPS):
        those = [answer for answer in answers if answer.said and low <= answer.confidence < high]
        if those:
            yield low, min(high, 1.0), len(those), sum(answer.right for answer in those) / len(those)


def is_right(values: Sequence[str], expected: Sequence[str]) -> bool:
    """The same values in any order: numbers by value; texts without case, accents, outer punctuation and a
    remark in brackets at the end. A figure beside the expected name is accepted.
    """
    if len(values) != len(expected):
        return False
    left = list(expected)
    for value in values:
        match = next((other for other in left if _same(value, other)), None)
        if match is None:
            return False
        left.remove(match)
    return True


def _same(one: str, other: str) -> bool:
    if _equal(one, other):
        return True
    name, figure = _pair(one)
    if not figure:
        return False
    expected, value = _pair(other)
    if value:
        return _equal(name, expected) and _equal(figure, value)
    return _equal(name, other) or (_number(other) is not None and _equal(figure, other))


def _pair(text: str) -> tuple[str, str]:
    """A name and its figure: "Bath: 61.5", "Bath=61.5"; no figure if there is none."""
    found = re.fullmatch(r"(.+?)\s*[=:]\s*([^=:]+)", text.strip())
    return (found[1], found[2]) if found and _number(found[2]) is not None else (text, "")


def _equal(one: str, other: str) -> bool:
    first, second = _number(one), _number(other)
    if first is None or second is None:
        return _bare(one) == _bare(other)
    return abs(first - second) <= max(Decimal("0.001"), Decimal("0.0005") * abs(second))


def _number(text: str) -> Decimal | None:
    plain = re.sub(r"[,$€£¥\s]", "", fold(text)).lstrip("+").rstrip("%")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _bare(text: str) -> str:
    plain = re.sub(r"(?<!^)(\s*(\[[^\]]*\]|[*†‡]))*$", "", fold(text).strip())
    plain = re.sub(r"(?<!^)(\s*\([^)]*\))*$", "", plain)
    return re.sub(r"\s+", " ", plain.strip(" .\"'"))
