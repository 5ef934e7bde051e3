"""How well each way of search finds the rows that questions mean: `python -m bench.retrieval [FOLDER]`.

Each table is searched alone, exactly. The reference is the full model: the cosine of its vectors. Beside it
are words; both in one stage, where the full model proposes rows, too; the static model; and both in two
stages, where the static model and the words propose rows and the full model compares them.
FOLDER has other tables and questions, in the form of those here.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.retrieval.scoring import HERE, Question, ndcg, questions, recall, tables
from bench.setting_up import say

KINDS = ("cells", "paraphrase", "mixed")
REFERENCE = "full model"
# Which rows a way finds for a question: places in the table, best first.
Way = Callable[[Question], Iterable[int]]
Rows = Mapping[str, Sequence[Mapping[str, str]]]


def measure(held: Path) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "omdplatform.settings"
    import django

    django.setup()
    rows = tables(held)
    asked = questions(held, rows)
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
    from promptiq.index import hybrid
    from promptiq.index.packaged.minilm import MiniLM
    from promptiq.index.packaged.static_rows import StaticRows
    from promptiq.index.rendering import render

    texts = {
        table: [render({name: cell or None for name, cell in row.items()}) for row in each]
        for table, each in rows.items()
    }
    model, in_bytes, static = MiniLM(), MiniLM(in_bytes=True), StaticRows()
    by_question = model.embed([question.text for question in asked])
    full = Likeness(timed("the full model", model.embed, texts), asked, by_question)
    fast = Likeness(timed("the full model in bytes", in_bytes.embed, texts), asked, by_question)
    near = Likeness(timed("the static model", static.rows, texts), asked, static.questions(by_question))
    words = cache(word_search(rows, folder, hybrid.CANDIDATES))

    def both(proposing: Likeness, comparing: Likeness, by_meaning: int, by_words: int) -> Way:
        def way(question: Question) -> Iterable[int]:
            likeness, shares = comparing.of(question), words(question)
            proposed = {*list(proposing.of(question))[:by_meaning], *list(shares)[:by_words]}
            return sorted(proposed, key=lambda row: -hybrid.score_of(likeness[row], shares.get(row, 0.0)))

        return way

    return {
        REFERENCE: full.of,
        "words": words,
        "one stage": both(full, full, hybrid.CANDIDATES, hybrid.CANDIDATES),
        "static model": near.of,
        "two stages": both(near, fast, hybrid.COMPARED_BY_MEANING, hybrid.COMPARED_BY_WORDS),
    }


def word_search(rows: Rows, folder: Path, most: int) -> Callable[[Question], dict[int, float]]:
    import pandas as pd

    from governance.redacting.redaction import KINDS
    from promptiq.index import postings
    from promptiq.index.lexical import search, terms_of

    for table, each in rows.items():
        frame = pd.DataFrame(each).replace("", None)
        frame.insert(0, "_row", range(len(frame)))
        frame.to_parquet(parquet := folder / f"{table}.parquet")
        postings.make(parquet, dict.fromkeys(each[0], KINDS), folder / f"{table}.words")

    def words(question: Question) -> dict[int, float]:
        columns, terms = list(rows[question.table][0]), terms_of(question.text)
        matches = search(folder / f"{question.table}.words", columns, terms, most)
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
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=HERE)
    measure(parser.parse_args().folder)
