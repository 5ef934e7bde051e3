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
    Reading,
    Said,
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
) -> Plan | Ambiguous | Unread | None:
    """As the grammar plans it. If the grammar explains no plan, the likeliest plan of all that are near, if
    it is likely enough; it says which words it passes over.
    """
    found = explained(question, schema, today=today, known=known)
    draft = found.draft
    if draft is None or isinstance(found.plan, Ambiguous) or draft.lexicon.language not in model.LANGUAGES:
        return found.plan
    reading = reading_of(found)
    if isinstance(found.plan, Plan):
        return _likely(reading, found.plan, EXPLAINED)
    near = near_by(found)
    if not near:
        return found.plan
    best = max(near, key=lambda each: model.odds(features_of(reading, each)))
    made = _likely(reading, best, GUESSED)
    if model.probability(made.likely.odds if made.likely else 0.0) < TRIED:
        return found.plan
    lost = ", ".join(f"“{word}”" for word in passed_over(reading, best))
    return replace(made, read_as=(*made.read_as, *([_PASSED_OVER.format(lost)] if lost else [])))


def reading_of(found: Explained) -> Reading:
    """Raises ValueError if the question was read in two parts."""
    if found.draft is None:
        raise ValueError("The question has two parts.")
    return Reading(found.draft, found.made, found.left, len(found.draft.open))


def near_by(found: Explained) -> tuple[Plan, ...]:
    """The plans that are compared; () if the question was read in two parts, or is in a language that nothing
    was fitted to.
    """
    if found.draft is None or found.draft.lexicon.language not in model.LANGUAGES:
        return ()
    others = found.plan.plans if isinstance(found.plan, Ambiguous) else ()
    made = found.made
    near = candidates(found.draft, made, others)
    sound = (each if each == made else careful(each, found.draft) for each in near)
    return tuple(dict.fromkeys(each for each in sound if each is not None))


def likelihood(result: Result) -> float:
    """0–1: how likely the answer is right, now that it is known."""
    likely = result.made.likely
    if likely is None:
        return result.confidence
    said = Said(likely.words, likely.text, likely.kind, result.made.operation.value)
    return model.probability(likely.odds, model.odds(features_of_answer(said, result.values)))


def is_likely(result: Result) -> bool:
    """Whether the answer may be given as one."""
    bar = result.made.likely.bar if result.made.likely else THRESHOLD
    return result.confidence >= THRESHOLD and likelihood(result) >= bar


def _likely(reading: Reading, plan: Plan, bar: float) -> Plan:
    said = said_of(reading, plan)
    likely = Likely(
        model.odds(features_of(reading, plan)), bar, said.words, said.text, said.kind, bar == GUESSED
    )
    return replace(plan, likely=likely)
