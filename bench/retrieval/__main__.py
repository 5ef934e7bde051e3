"""How well each way of search finds the rows that questions mean: `python -m bench.retrieval`.

Each table is searched alone, exactly. The reference is the full model: the cosine of its vectors. Beside it
are the search for words, and both fused, which is what answers with rows.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.retrieval.scoring import Question, ndcg, questions, recall, tables
from bench.setting_up import say

CANDIDATES = 24
KINDS = ("cells", "paraphrase", "mixed")
REFERENCE = "full model"
# Which rows a way finds for a question: places in the table, best first.
Way = Callable[[Question], Sequence[int]]


def measure() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "omdplatform.settings"
    import django

    django.setup()
    with TemporaryDirectory() as folder:
        rows = tables()
        asked = questions(rows)
        say(f"{len(rows)} tables, {sum(map(len, rows.values())):,} rows, {len(asked)} questions.")
        ways = ways_over(rows, asked, Path(folder))
        found = {name: [way(question) for question in asked] for name, way in ways.items()}
    for kind in (*KINDS, "all"):
        chosen = [place for place, question in enumerate(asked) if kind in (question.kind, "all")]
        say(f"\n{kind} ({len(chosen)}): recall at 10, nDCG at 10, nDCG in times of the {REFERENCE}'s")
        reference = mean(ndcg(found[REFERENCE][place], asked[place].right) for place in chosen)
        for name, answers in found.items():
            recalled = mean(recall(answers[place], asked[place].right) for place in chosen)
            gained = mean(ndcg(answers[place], asked[place].right) for place in chosen)
            say(f"  {name:24} {recalled:.3f}  {gained:.3f}  {gained / reference:.3f}")


def ways_over(
    rows: dict[str, list[dict[str, str]]], asked: Sequence[Question], folder: Path
) -> dict[str, Way]:
    import pandas as pd

    from promptiq.index.embeddings import PackagedEmbedder
    from promptiq.index.fusion import fused
    from promptiq.index.lexical import search, terms_of
    from promptiq.index.rendering import render

    texts = {
        table: [render({k: v or None for k, v in row.items()}) for row in each]
        for table, each in rows.items()
    }
    for table, each in rows.items():
        frame = pd.DataFrame(each).replace("", None)
        frame.insert(0, "_row", range(len(frame)))
        frame.to_parquet(folder / f"{table}.parquet")
    full = Vectors(PackagedEmbedder().embed, texts, asked)

    def words(question: Question) -> dict[int, float]:
        columns, terms = list(rows[question.table][0]), terms_of(question.text)
        matches = search(folder / f"{question.table}.parquet", columns, terms, CANDIDATES, deadline=60)
        return {match.row: match.score for match in matches}

    return {
        REFERENCE: lambda question: list(full.near(question, len(rows[question.table]))),
        "words": lambda question: list(words(question)),
        "full model and words": lambda question: list(
            fused([full.near(question, CANDIDATES, words(question)), words(question)], most=2)
        ),
    }


class Vectors:
    """Vectors of all rows and questions by one model."""

    def __init__(self, embed: Callable, texts: dict[str, list[str]], asked: Sequence[Question]) -> None:
        self._rows = {table: embed(each) for table, each in texts.items()}
        texts_asked = [question.text for question in asked]
        self._questions = dict(zip(texts_asked, embed(texts_asked), strict=True))

    def near(self, question: Question, limit: int, also: Sequence[int] = ()) -> dict[int, float]:
        """The nearest rows with their likeness, best first, and these `also`."""
        likeness = self._rows[question.table] @ self._questions[question.text]
        best = [int(place) for place in (-likeness).argsort()[:limit]]
        return {place: float(likeness[place]) for place in dict.fromkeys([*best, *also])}


def mean(figures: Sequence[float]) -> float:
    listed = list(figures)
    return sum(listed) / len(listed)


if __name__ == "__main__":
    measure()
