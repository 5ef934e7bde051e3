"""Scores answers to questions over tables: how many are answered, and how many of those are right."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np

from promptiq.exact.meaning import Embed
from promptiq.exact.words import fold


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of qa.csv. `answers`: all of them together are the right answer."""

    table: str
    question: str
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """`outcome`: answered or abstained. `kind`: exact or lookup; "" where nothing was answered."""

    asked: Asked
    values: tuple[str, ...]
    outcome: str
    kind: str

    @property
    def right(self) -> bool:
        return self.outcome == "answered" and is_right(self.values, self.asked.answers)


@dataclass(frozen=True, slots=True)
class Score:
    questions: int
    answered: int
    right: int

    @property
    def accuracy(self) -> float:
        return self.right / self.questions if self.questions else 0.0

    @property
    def precision(self) -> float:
        return self.right / self.answered if self.answered else 0.0


def score(answers: Sequence[Answered]) -> Score:
    return Score(
        len(answers),
        sum(answer.outcome == "answered" for answer in answers),
        sum(answer.right for answer in answers),
    )


def is_right(values: Sequence[str], expected: Sequence[str]) -> bool:
    """The same values in any order: numbers by their value, texts without case, accents, outer punctuation
    and a remark in brackets at the end, as WikiTableQuestions compares them."""
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
    first, second = _number(one), _number(other)
    if first is not None and second is not None:
        return abs(first - second) < Decimal("0.000001")
    return _bare(one) == _bare(other)


def _number(text: str) -> Decimal | None:
    plain = fold(text).strip().replace(",", "").lstrip("+$€£").rstrip("%").strip()
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _bare(text: str) -> str:
    plain = re.sub(r"(?<!^)(\s*(\[[^\]]*\]|[*†‡]))*$", "", fold(text).strip())
    plain = re.sub(r"(?<!^)(\s*\([^)]*\))*$", "", plain)
    return re.sub(r"\s+", " ", plain.strip(" .\"'"))


def nearest_cells(asked: Sequence[Asked], rows: Sequence[dict[str, str]], embed: Embed) -> list[Answered]:
    """The answer of a search by meaning alone: in the nearest row, the nearest cell that the question does
    not name. `rows`: texts by column name, of one table.
    """
    if not asked or not rows:
        return []
    questions = embed([each.question for each in asked])
    texts = embed([", ".join(f"{name} {cell}" for name, cell in row.items()) for row in rows])
    answers = []
    for each, vector in zip(asked, questions, strict=True):
        row = rows[int(np.argmax(texts @ vector))]
        told = f" {fold(each.question)} "
        cells = {name: cell for name, cell in row.items() if fold(cell) not in told} or row
        scores = embed([f"{name} {cell}" for name, cell in cells.items()]) @ vector
        answers.append(Answered(each, (list(cells.values())[int(np.argmax(scores))],), "answered", "lookup"))
    return answers
