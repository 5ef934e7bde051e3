"""The measure of retrieval: its questions are what they say, and its figures are right."""

import re

import pytest

from bench.retrieval.scoring import HERE, Question, ndcg, questions, recall, tables
from promptiq.exact.words import stem
from promptiq.index.lexical import terms_of

ROWS = tables()
ASKED = questions(HERE, ROWS)


def test_there_are_enough_of_each_kind() -> None:
    assert len(ROWS) >= 10
    assert {table: sum(asked.table == table for asked in ASKED) for table in ROWS}.keys() == ROWS.keys()
    for kind in ("cells", "paraphrase", "mixed"):
        assert sum(asked.kind == kind for asked in ASKED) >= 50, kind


def shared(asked: Question) -> set[str]:
    """The question's words that its rows have."""
    cells = " ".join(cell.lower() for place in asked.right for cell in ROWS[asked.table][place].values())
    return {stem(word) for word in terms_of(asked.text)} & {stem(word) for word in re.findall(r"\w+", cells)}


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: asked.text)
def test_a_paraphrase_has_other_words_than_its_rows(asked: Question) -> None:
    assert asked.right
    assert bool(shared(asked)) == (asked.kind != "paraphrase")


def test_the_figures_are_those_of_the_literature() -> None:
    assert ndcg([3, 1], frozenset({3})) == 1
    assert ndcg([1, 3], frozenset({3})) == pytest.approx(0.6309, abs=1e-4)
    assert ndcg([1, 3, 4], frozenset({3, 4})) == pytest.approx(0.6934, abs=1e-4)
    assert ndcg([*range(10), 99], frozenset({99})) == 0
    assert (recall([5, 6], frozenset({6, 7})), recall([], frozenset({1}))) == (0.5, 0)
