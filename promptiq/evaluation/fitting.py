"""Fits the weights by which plans are ranked to questions with answers: see promptiq.exact.ranking.

A question's answer does not say which plan was meant: every candidate whose result is right counts as meant,
as likely as the model holds it (the marginal likelihood of Liang, Jordan and Klein, 2011). Weights of
features that few questions have are left out.
"""

from __future__ import annotations

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from promptiq.evaluation.question_sets import QuestionTables
from promptiq.evaluation.scoring import Asked, is_right
from promptiq.exact.asking import expects_several, read_asked
from promptiq.exact.database import table_of
from promptiq.exact.executor import values_of
from promptiq.exact.features import Features, features
from promptiq.exact.planner import all_plans, proposals, words_left
from promptiq.exact.plans import Likelihood, Plan, Schema
from promptiq.exact.question import Question
from promptiq.exact.ranking import Weights, result_features
from promptiq.exact.sql import Writer
from promptiq.exact.words import fold

Numbers = np.ndarray[Any, np.dtype[np.float64]]

# Questions that have a feature, at least, for it to be weighed.
MIN_QUESTIONS = 8
MIN_RESULTS = 15
ROUNDS = 12
STEP = 0.1
DECAY = 1e-4
RESULT_ROUNDS = 400
# How far weights of results may go from nothing: scikit-learn's C.
RESULT_LOOSENESS = 0.2
# Plans whose results are held against each other, as `settle` does.
TRIED = 8
# Weights below this say nothing.
SMALLEST = 0.02
FOLDS = 4


@dataclass(frozen=True, slots=True)
class Tried:
    """A candidate with what speaks for it and what it leads to."""

    plan: Plan
    features: Features
    values: tuple[str, ...]
    right: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A question with all its candidates that can be computed."""

    asked: Asked
    form: str
    left: float
    tried: tuple[Tried, ...]


def examples(questions: Iterable[Asked], tables: QuestionTables) -> Iterator[Example]:
    """Every question with its candidates, each computed. Questions of one table should follow each other."""
    known: dict[str, _Computed] = {}
    for asked in questions:
        if asked.table not in known:
            known = {asked.table: _Computed(*tables.read(asked.table))}
        yield _example(asked, known[asked.table])


def _example(asked: Asked, table: _Computed) -> Example:
    reading = Question.read(asked.question, table.schema)
    form = read_asked(reading)
    rules = proposals(reading, form)
    several = expects_several(reading)
    tried = []
    for plan in all_plans(reading, form, rules):
        values = table.values(plan)
        if values is not None:
            right = bool(values) and is_right(values, asked.answers)
            tried.append(
                Tried(replace(plan, several=several), features(reading, form, plan, rules), values, right)
            )
    return Example(asked, form.form, words_left(reading), tuple(tried))


class _Computed:
    """One table in memory with the results of statements over it: candidates of its questions repeat."""

    def __init__(self, schema: Schema, parquet: Path) -> None:
        self.schema = schema
        self._writer = Writer(schema)
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._connection.execute(f"CREATE TABLE data AS {table_of(str(parquet))}")
        self._rows: dict[str, list[tuple[Any, ...]] | None] = {}

    def values(self, plan: Plan) -> tuple[str, ...] | None:
        """None where the plan cannot be computed."""
        sql = self._writer.answer(plan)
        if sql not in self._rows:
            try:
                self._rows[sql] = self._connection.execute(sql).fetchall()
            except duckdb.Error:
                self._rows[sql] = None
        rows = self._rows[sql]
        return None if rows is None else values_of(plan, rows)


def fit(found: Sequence[Example]) -> Weights:
    plans = _fit_plans(found)
    return Weights(plans.by_name(), _fit_results(list(_held_out_results(found))))


# --- which plan is meant


class _PlanModel:
    def __init__(self, names: Iterable[str]) -> None:
        self.places = {name: place for place, name in enumerate(names)}
        self.weights = np.zeros(len(self.places))
        self._squares = np.full(len(self.places), 1e-6)

    def packed(self, example: Example) -> tuple[Numbers, Numbers, Numbers]:
        """Places, values and rows of the features of all candidates, as one sparse matrix."""
        cells = [
            (self.places[name], value, row)
            for row, tried in enumerate(example.tried)
            for name, value in tried.features.items()
            if value and name in self.places
        ]
        table = np.array(cells, dtype=np.float64).reshape(-1, 3)
        return table[:, 0].astype(np.int64), table[:, 1], table[:, 2].astype(np.int64)

    def shares(self, packed: tuple[Numbers, Numbers, Numbers], rows: int) -> Numbers:
        places, values, row = packed
        scores = np.bincount(row, self.weights[places] * values, minlength=rows)
        shares = np.exp(scores - scores.max())
        return np.asarray(shares / shares.sum())

    def learn(self, packed: tuple[Numbers, Numbers, Numbers], right: Numbers) -> None:
        """One step of AdaGrad towards the candidates that are right."""
        shares = self.shares(packed, len(right))
        meant = shares * right
        places, values, row = packed
        towards = (meant / max(meant.sum(), 1e-12) - shares)[row] * values
        gradient = np.bincount(places, towards, minlength=len(self.weights))
        moved = np.unique(places)
        step = gradient[moved] - DECAY * self.weights[moved]
        self._squares[moved] += step * step
        self.weights[moved] += STEP * step / np.sqrt(self._squares[moved])

    def by_name(self) -> dict[str, float]:
        return _rounded(dict(zip(self.places, self.weights.tolist(), strict=True)))


def _rounded(weights: dict[str, float]) -> dict[str, float]:
    return {name: round(weight, 3) for name, weight in sorted(weights.items()) if abs(weight) >= SMALLEST}


def _fit_plans(found: Sequence[Example]) -> _PlanModel:
    counts: Counter[str] = Counter()
    for example in found:
        counts.update({name for tried in example.tried for name in tried.features})
    model = _PlanModel(name for name, count in counts.items() if count >= MIN_QUESTIONS)
    known = []
    for example in found:
        right = np.array([tried.right for tried in example.tried], dtype=np.float64)
        if 0 < right.sum() < len(right):
            known.append((model.packed(example), right))
    order = random.Random(1)  # noqa: S311 - an order of work, no secret
    for _ in range(ROUNDS):
        order.shuffle(known)
        for packed, right in known:
            model.learn(packed, right)
    return model


# --- how sure a result is


def _held_out_results(found: Sequence[Example]) -> Iterator[tuple[Features, bool]]:
    """Results with what speaks for them, their plans ranked by a model that did not see their table."""
    tables = sorted({example.asked.table for example in found})
    random.Random(7).shuffle(tables)  # noqa: S311
    fold_of = {table: place % FOLDS for place, table in enumerate(tables)}
    for fold_number in range(FOLDS):
        inside = [each for each in found if fold_of[each.asked.table] != fold_number]
        model = _fit_plans(inside)
        for example in found:
            if fold_of[example.asked.table] == fold_number and example.tried:
                yield from results_of(example, model.shares(model.packed(example), len(example.tried)))


def results_of(example: Example, shares: Numbers) -> Iterator[tuple[Features, bool]]:
    """The different results of the likeliest candidates, the likeliest first, without empty ones."""
    likeliest = [(example.tried[place], float(shares[place])) for place in np.argsort(-shares)[:TRIED]]
    masses: dict[tuple[str, ...], float] = defaultdict(float)
    for tried, share in likeliest:
        masses[tuple(sorted(tried.values))] += share
    seen: set[tuple[str, ...]] = set()
    for tried, share in likeliest:
        result = tuple(sorted(tried.values))
        if result in seen or not result:
            continue
        seen.add(result)
        proposed = tried.features.get("rule:best sure", tried.features.get("rule:other sure", 0.0))
        said = fold(example.asked.question)
        likelihood = Likelihood(share, example.form, said, example.left, proposed)
        seen_of_it = result_features(tried.plan, likelihood, masses[result], tried.values)
        yield {**tried.features, **seen_of_it}, tried.right


def _fit_results(found: Sequence[tuple[Features, bool]]) -> dict[str, float]:
    """Logistic regression; {} where all results are right, or none is."""
    counts = Counter(name for each, _ in found for name in each)
    known = [
        {name: value for name, value in each.items() if counts[name] >= MIN_RESULTS} for each, _ in found
    ]
    right = [is_so for _, is_so in found]
    if len(set(right)) < 2:
        return {}
    names = DictVectorizer()
    # The bias is a feature, and is held small like the others.
    model = LogisticRegression(C=RESULT_LOOSENESS, fit_intercept=False, max_iter=RESULT_ROUNDS)
    model.fit(names.fit_transform(known), right)
    return _rounded(dict(zip(names.get_feature_names_out(), model.coef_[0].tolist(), strict=True)))


def log_likelihood(found: Sequence[Example], weights: Weights) -> float:
    """Mean logarithm of the probability that a question's right candidates are held to have together."""
    total, count = 0.0, 0
    for example in found:
        scores = [sum(v * weights.plans.get(n, 0.0) for n, v in t.features.items()) for t in example.tried]
        if not any(tried.right for tried in example.tried):
            continue
        top = max(scores)
        shares = [math.exp(score - top) for score in scores]
        right = sum(share for share, tried in zip(shares, example.tried, strict=True) if tried.right)
        total, count = total + math.log(max(right / sum(shares), 1e-12)), count + 1
    return total / count if count else 0.0
