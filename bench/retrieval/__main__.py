"""How well each way of search finds the rows that questions mean: `python -m bench.retrieval`.

Each table is searched alone, exactly. The reference is the full model: the cosine of its vectors. Beside it
are words, both fused, which is what answers with rows, and a static model of rows, by which an index would be
built many times faster: alone, and with the full model ranking what it and the words find first.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.retrieval.scoring import Question, ndcg, questions, recall, tables
from bench.setting_up import say

KINDS = ("cells", "paraphrase", "mixed")
REFERENCE = "full model"
# How many rows words propose, and how many the static model.
BY_WORDS, FIRST = 30, (30, 50)
# Which rows a way finds for a question: places in the table, best first.
Way = Callable[[Question], Iterable[int]]
Rows = Mapping[str, Sequence[Mapping[str, str]]]


def measure() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "omdplatform.settings"
    import django

    django.setup()
    rows = tables()
    asked = questions(rows)
    say(f"{len(rows)} tables, {sum(map(len, rows.values())):,} rows, {len(asked)} questions.")
    with TemporaryDirectory() as folder:
        ways = ways_over(rows, asked, Path(folder))
        found = {name: [list(way(question)) for question in asked] for name, way in ways.items()}
    for kind in (*KINDS, "all"):
        chosen = [place for place, question in enumerate(asked) if kind in (question.kind, "all")]
        say(f"\n{kind} ({len(chosen)}): recall at 10, nDCG at 10, nDCG in times of the {REFERENCE}'s")
        reference = mean(ndcg(found[REFERENCE][place], asked[place].right) for place in chosen)
        for name, answers in found.items():
            recalled = mean(recall(answers[place], asked[place].right) for place in chosen)
            gained = mean(ndcg(answers[place], asked[place].right) for place in chosen)
            say(f"  {name:32} {recalled:.3f}  {gained:.3f}  {gained / reference:.3f}")


def ways_over(rows: Rows, asked: Sequence[Question], folder: Path) -> dict[str, Way]:
    from bench.retrieval.static import StaticRows
    from promptiq.index.fusion import fused
    from promptiq.index.packaged.minilm import MiniLM
    from promptiq.index.rendering import render

    texts = {
        table: [render({name: cell or None for name, cell in row.items()}) for row in each]
        for table, each in rows.items()
    }
    model = MiniLM()
    static = StaticRows(model)
    by_question = model.embed([question.text for question in asked])
    full = Likeness(timed("the full model", model.embed, texts), asked, by_question)
    near = Likeness(timed("the static model", static.rows, texts), asked, static.questions(by_question))
    words = cache(word_search(rows, folder))

    def both(question: Question) -> Iterable[int]:
        likeness = full.of(question)
        by_meaning = {place: likeness[place] for place in [*list(likeness)[:BY_WORDS], *words(question)]}
        return fused([by_meaning], most=2, sure=words(question))

    def two_stages(first: int, share: float) -> Way:
        def way(question: Question) -> Iterable[int]:
            likeness, held = full.of(question), words(question)
            proposed = {*list(near.of(question))[:first], *held}
            return sorted(proposed, key=lambda place: -likeness[place] - share * held.get(place, 0))

        return way

    ways: dict[str, Way] = {
        REFERENCE: full.of,
        "words": words,
        "full model and words": both,
        "static rows": near.of,
    }
    for first in FIRST:
        ways[f"first {first}, then full model"] = two_stages(first, 0)
        ways[f"first {first}, then both"] = two_stages(first, 0.1)
    return ways


def word_search(rows: Rows, folder: Path) -> Callable[[Question], dict[int, float]]:
    import pandas as pd

    from promptiq.index.lexical import search, terms_of

    for table, each in rows.items():
        frame = pd.DataFrame(each).replace("", None)
        frame.insert(0, "_row", range(len(frame)))
        frame.to_parquet(folder / f"{table}.parquet")

    def words(question: Question) -> dict[int, float]:
        columns, terms = list(rows[question.table][0]), terms_of(question.text)
        matches = search(folder / f"{question.table}.parquet", columns, terms, BY_WORDS, deadline=60)
        return {match.row: match.score for match in matches}

    return words


class Likeness:
    """Vectors of all rows, and of the questions in their order."""

    def __init__(self, rows: dict[str, Any], asked: Sequence[Question], vectors: Any) -> None:
        self._rows = rows
        self._questions = dict(zip(asked, vectors, strict=True))

    def of(self, question: Question) -> dict[int, float]:
        """All rows of the question's table with their cosine, best first."""
        likeness = self._rows[question.table] @ self._questions[question]
        return {int(place): float(likeness[place]) for place in (-likeness).argsort()}


def timed(name: str, embed: Callable[[Sequence[str]], Any], texts: dict[str, list[str]]) -> dict[str, Any]:
    """The vectors of each table's rows, and a line about the time that they took."""
    begun = time.process_time()
    made = {table: embed(each) for table, each in texts.items()}
    count = sum(map(len, texts.values()))
    say(f"Rows by {name}: {count / (time.process_time() - begun):,.0f} a second of processor time.")
    return made


def mean(figures: Iterable[float]) -> float:
    listed = list(figures)
    return sum(listed) / len(listed)


if __name__ == "__main__":
    measure()
