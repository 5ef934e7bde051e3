"""Which of all plans is meant, and how sure that is: two linear models, fitted to questions with answers.

The first weighs plans by their `features`, before anything is computed; the second says how likely a plan's
result is right, by what is seen of it and by the plan's features again: which of two plans is meant, and
whether the better one can be trusted, are different questions. Both were fitted by `manage.py fit_answers` to
questions that people asked over tables of encyclopedias (WikiTableQuestions, its training part); their
weights lie in weights.json, by the names of the features.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from promptiq.exact.asking import Asked
from promptiq.exact.features import Features, features, shape
from promptiq.exact.numbers import cell_number
from promptiq.exact.plans import Likelihood, Plan
from promptiq.exact.question import Question
from promptiq.exact.words import fold

WEIGHTS = Path(__file__).with_name("weights.json")
# A value longer than this is a text rather than an answer (characters).
LONG = 60
LONGEST_NUMBER = 16
# What a family of questions is sure of.
SURE = 0.75
# Where a family is sure of a plan and it is the likeliest by far, at least so much is left, whatever its
# result is like: the questions that the weights are fitted to have few sums and groups.
LIKELIEST, AGREED = 0.5, 0.5


@dataclass(frozen=True, slots=True)
class Weights:
    """By the name of a feature; a feature that is not there weighs nothing."""

    plans: Mapping[str, float]
    results: Mapping[str, float]


@cache
def fitted() -> Weights:
    read = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return Weights(read["plans"], read["results"])


def ranked(
    question: Question, asked: Asked, plans: Sequence[Plan], rules: Mapping[Plan, float], weights: Weights
) -> list[tuple[Plan, float, Features]]:
    """The plans with their probabilities, which add up to 1, and their features; the likeliest first."""
    known = [features(question, asked, plan, rules) for plan in plans]
    scores = [weigh(each, weights.plans) for each in known]
    top = max(scores, default=0.0)
    shares = [math.exp(score - top) for score in scores]
    whole = sum(shares)
    found = [(plan, share / whole, each) for plan, share, each in zip(plans, shares, known, strict=True)]
    return sorted(found, key=lambda item: -item[1])


def weigh(found: Features, weights: Mapping[str, float]) -> float:
    return sum(value * weights.get(name, 0.0) for name, value in found.items())


def credit(
    plan: Plan, likelihood: Likelihood, mass: float, values: Sequence[str] | None, weights: Weights
) -> float:
    """How likely a result is right, 0–1: see `result_features`."""
    seen = weigh(result_features(plan, likelihood, mass, values), weights.results)
    sure = 1 / (1 + math.exp(-seen - likelihood.trust))
    agreed = likelihood.proposed > SURE and likelihood.share > LIKELIEST
    return max(sure, AGREED) if agreed else sure


def result_features(
    plan: Plan, likelihood: Likelihood, mass: float, values: Sequence[str] | None
) -> Features:
    """What speaks for a result beside its plan's features. `mass`: the probability of all plans with the same
    result. `values`: None while it is not known.
    """
    return dict(_of_result(plan, likelihood, mass, values))


def _of_result(
    plan: Plan, likelihood: Likelihood, mass: float, values: Sequence[str] | None
) -> Iterator[tuple[str, float]]:
    form, said = likelihood.form, likelihood.said
    yield "bias", 1.0
    yield "share", math.log(likelihood.share + 1e-6)
    yield "mass", math.log(mass + 1e-6)
    yield "mass itself", mass
    yield "left", min(likelihood.left, 4.0)
    yield "proposed", likelihood.proposed
    proposed = "surely" if likelihood.proposed > SURE else "doubtfully" if likelihood.proposed else "not"
    yield f"proposed {proposed}", 1.0
    yield f"form {form}", 1.0
    yield f"shape {shape(plan)}", 1.0
    if values is None:
        return
    if not values:
        yield "empty", 1.0
        return
    many = min(len(values), 3)
    yield f"values {many}|{'several' if plan.several else 'one'}", 1.0
    yield f"values {many}|{form}", 1.0
    number = cell_number(values[0]) is not None and len(values[0]) < LONGEST_NUMBER
    kind = "number" if number else "text"
    yield f"{kind}|{form}", 1.0
    yield f"{kind}|{' '.join(said.split()[:2])}", 1.0
    if values[0] in {"0", "1"}:
        yield f"is {values[0]}|{form}", 1.0
    if any(len(value) > LONG for value in values):
        yield "long", 1.0
    if not number and any(fold(value) in said for value in values):
        yield f"told|{'or' if ' or ' in said else form}", 1.0
