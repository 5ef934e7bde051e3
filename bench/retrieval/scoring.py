"""Tables, questions with their right rows, and the two measures of a ranking."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
# Rows of a ranking that count.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Question:
    """`kind`: "cells" has words of two cells of a row; "paraphrase" has other words than the row; "mixed" has
    both. `right`: places in the table, from 0.
    """

    table: str
    kind: str
    text: str
    right: frozenset[int]


def tables(folder: Path = HERE) -> dict[str, list[dict[str, str]]]:
    """Rows by table. A row's first cell is its name in the questions."""
    found = {}
    for path in sorted((folder / "tables").glob("*.csv")):
        with path.open(newline="") as file:
            found[path.stem] = list(csv.DictReader(file))
    return found


def questions(folder: Path, rows: dict[str, list[dict[str, str]]]) -> list[Question]:
    """Raises KeyError for a row that its table does not have."""
    places = {
        table: {next(iter(row.values())): place for place, row in enumerate(each)}
        for table, each in rows.items()
    }
    with (folder / "questions.csv").open(newline="") as file:
        return [
            Question(
                asked["table"],
                asked["kind"],
                asked["question"],
                frozenset(places[asked["table"]][name] for name in asked["rows"].split(";")),
            )
            for asked in csv.DictReader(file)
        ]


def recall(found: Sequence[int], right: frozenset[int]) -> float:
    """The share of the right rows among the first SHOWN."""
    return len(right & set(found[:SHOWN])) / len(right)


def ndcg(found: Sequence[int], right: frozenset[int]) -> float:
    """Normalised discounted cumulative gain of the first SHOWN: 1 if the right rows come first.

    By Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002).
    """
    gained = sum(1 / math.log2(2 + place) for place, row in enumerate(found[:SHOWN]) if row in right)
    return gained / sum(1 / math.log2(2 + place) for place in range(min(len(right), SHOWN)))
