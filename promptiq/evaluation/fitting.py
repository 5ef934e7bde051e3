"""Fits the weights of promptiq.exact.ranking to questions with known answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from promptiq.evaluation.question_sets import EVERYTHING_OPEN, QuestionTables
from promptiq.evaluation.scoring import Answered, ScoredQuestion
from promptiq.exact import Plan, Result, TooSlow, Uncomputable, explained, looked_up
from promptiq.exact.database import Database, opened
from promptiq.exact.executor import run_on
from promptiq.exact.ranking.features import Asked, features_of, features_of_answer, said_of
from promptiq.exact.ranking.model import BUCKETS, Floats, buckets
from promptiq.exact.ranking.ranked import asked_of, near_by

# The grammar's own plan is the one that is asked about most often.
OWN_PLAN = 3.0
# The inverse of how strongly weights are drawn to 0, and how many iterations there are at most.
LOOSENESS, ITERATIONS = 0.05, 300


@dataclass(frozen=True, slots=True)
class Example:
    """A plan for a question. `features`: the numbers of its weights. `weight`: how much it counts."""

    features: tuple[int, ...]
    right: bool
    weight: float


def examples(
    questions: Sequence[ScoredQuestion], tables: QuestionTables, counted: float
) -> Iterator[Example]:
    """Every plan that is compared for each question and has an answer. Follow-up questions are left out.
    `counted`: how much each question counts.
    """
    for question in questions:
        if question.before:
            continue
        schema, parquet = tables.read(question.table)
        schema = looked_up(schema, question.question, parquet)
        found = explained(question.question, schema)
        asked = asked_of(found)
        if asked is None:
            continue
        with opened(parquet) as database:
            for plan in near_by(found):
                weight = counted * (OWN_PLAN if plan == asked.made else 1.0)
                yield from _example(question, asked, plan, weight, database)


def _example(
    question: ScoredQuestion, asked: Asked, plan: Plan, weight: float, database: Database
) -> Iterator[Example]:
    try:
        result = run_on(database, plan, asked.draft.schema, EVERYTHING_OPEN, view_pii=True, with_rows=False)
    except (TooSlow, Uncomputable):
        return
    if not isinstance(result, Result) or not result.values:
        return
    facts = (*features_of(asked, plan), *features_of_answer(said_of(asked, plan), result.values))
    right = Answered(question, result.values, "answered", "exact").right
    yield Example(tuple(buckets(facts)), right, weight)


def fitted(found: Sequence[Example]) -> tuple[Floats, float]:
    """The weights, BUCKETS, and the odds without any feature. Features of one or two examples have none."""
    from scipy.sparse import csr_matrix
    from sklearn.linear_model import LogisticRegression

    columns = np.fromiter((number for each in found for number in each.features), np.int32)
    ends = [0, *accumulate(len(each.features) for each in found)]
    matrix = csr_matrix((np.ones(len(columns), np.float32), columns, ends), shape=(len(found), BUCKETS))
    model = LogisticRegression(C=LOOSENESS, max_iter=ITERATIONS, solver="liblinear")
    model.fit(matrix, [each.right for each in found], sample_weight=[each.weight for each in found])
    weights = model.coef_[0].astype(np.float32)
    weights[np.bincount(columns, minlength=BUCKETS) < 3] = 0
    return weights, float(model.intercept_[0])
