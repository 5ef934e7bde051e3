"""The plan that a question most likely means, with how likely that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from promptiq.exact.lexicon import Lexicon
from promptiq.exact.planner import Explained, careful, explained
from promptiq.exact.plans import THRESHOLD, Ambiguous, Likely, Plan, Result, Schema, Unread
from promptiq.exact.ranking import model
from promptiq.exact.ranking.candidates import candidates
from promptiq.exact.ranking.features import (
    Asked,
    features_of,
    features_of_answer,
    passed_over,
    said_of,
)

# A plan that explains every word is given from the first probability on; any other, which passes words over,
# from the second. Chosen on questions that the weights were not fitted to.
EXPLAINED, GUESSED = 0.05, 0.8
# Below this probability, no plan that passes words over is tried at all.
TRIED = 0.3

_PASSED_OVER = "Not understood and passed over: {}."


def plan(
    question: str,
    schema: Schema,
    *,
    today: date | None = None,
    known: Sequence[Lexicon] | None = None,
    guessing: bool = True,
) -> Plan | Ambiguous | Unread | None:
    """As the grammar plans it. If the grammar explains no plan, the likeliest plan of all that are near, if
    it is likely enough; it says which words it passes over. `guessing`: whether such a plan is looked for.
    """
    found = explained(question, schema, today=today, known=known)
    asked = asked_of(found)
    if asked is None or isinstance(found.plan, Ambiguous):
        return found.plan
    if isinstance(found.plan, Plan):
        odds = model.odds(features_of(asked, found.plan))
        return replace(found.plan, likely=Likely(odds, said_of(asked, found.plan), is_guess=False))
    near = near_by(found) if guessing else ()
    scored = [(model.odds(features_of(asked, each)), each) for each in near]
    odds, best = max(scored, key=lambda each: each[0], default=(0.0, None))
    if best is None or model.probability(odds) < TRIED:
        return found.plan
    lost = ", ".join(f"“{word}”" for word in passed_over(asked, best))
    notes = (*best.read_as, *([_PASSED_OVER.format(lost)] if lost else []))
    return replace(best, likely=Likely(odds, said_of(asked, best), is_guess=True), read_as=notes)


def asked_of(found: Explained) -> Asked | None:
    """The question, to compare plans with it. None if it was read in two parts, or is in a language that
    nothing was fitted to.
    """
    if found.draft is None or found.draft.lexicon.language not in model.LANGUAGES:
        return None
    return Asked(found.draft, found.made, found.left, len(found.draft.open))


def near_by(found: Explained) -> tuple[Plan, ...]:
    """The plans that are compared; () if none can be."""
    asked = asked_of(found)
    if asked is None:
        return ()
    others = found.plan.plans if isinstance(found.plan, Ambiguous) else ()
    near = candidates(asked.draft, asked.made, others)
    sound = (each if each == asked.made else careful(each, asked.draft) for each in near)
    return tuple(dict.fromkeys(each for each in sound if each is not None))


def likelihood(result: Result) -> float:
    """0–1: how likely the answer is right, now that it is known."""
    likely = result.made.likely
    if likely is None:
        return result.confidence
    return model.probability(likely.odds, model.odds(features_of_answer(likely.said, result.values)))


def is_likely(result: Result) -> bool:
    """Whether the answer may be given as one."""
    likely = result.made.likely
    bar = THRESHOLD if likely is None else GUESSED if likely.is_guess else EXPLAINED
    return result.confidence >= THRESHOLD and likelihood(result) >= bar
