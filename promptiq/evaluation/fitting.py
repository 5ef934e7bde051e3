"""Fits the weights of promptiq.exact.ranking to questions with known answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from promptiq.evaluation.question_sets import EVERYTHING_OPEN, QuestionTables
from promptiq.evaluation.scoring import Answered, ScoredQuestion
from promptiq.exact import Plan, Result, Schema, TooSlow, Uncomputable, explained, looked_up
from promptiq.exact.database import Database, opened
from promptiq.exact.executor import run_on
from promptiq.exact.ranking.features import Reading, features_of, features_of_answer, said_of
from promptiq.exact.ranking.model import BUCKETS, Floats, buckets
from promptiq.exact.ranking.ranked import near_by, reading_of

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


def examples(questions: Sequence[ScoredQuestion], tables: QuestionTables) -> Iterator[Example]:
    """Every plan that is compared for each question and has an answer. Follow-up questions are left out."""
    for asked in questions:
        if asked.before:
            continue
        schema, parquet = tables.read(asked.table)
        schema = looked_up(schema, asked.question, parquet)
        found = explained(asked.question, schema)
        if found.draft is None:
            continue
        reading = reading_of(found)
        with opened(parquet) as database:
            for plan in near_by(found):
                yield from _example(asked, reading, plan, schema, database)


def _example(
    asked: ScoredQuestion, reading: Reading, plan: Plan, schema: Schema, database: Database
) -> Iterator[Example]:
    try:
        result = run_on(database, plan, schema, EVERYTHING_OPEN, view_pii=True, with_rows=False)
    except (TooSlow, Uncomputable):
        return
    if not isinstance(result, Result) or not result.values:
        return
    facts = (*features_of(reading, plan), *features_of_answer(said_of(reading, plan), result.values))
    right = Answered(asked, result.values, "answered", "exact").right
    yield Example(tuple(buckets(facts)), right, OWN_PLAN if plan == reading.made else 1.0)


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


def weighted(found: Sequence[Example], by: float) -> list[Example]:
    return [Example(each.features, each.right, each.weight * by) for each in found]
