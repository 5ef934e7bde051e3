"""Follow-up questions: the plan of the answer before is made again and edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.contrib.auth.models import AnonymousUser, User

from promptiq.answers import Answer
from promptiq.computing import Computable, answer_exactly, schemas_for
from promptiq.exact import Ambiguous, Plan, Unread, follow, in_words, plan
from promptiq.exact.plans import Schema
from promptiq.guarding import refuse_guesses, refuse_values
from promptiq.keeping.kept import Said
from promptiq.sources import Source

_NEW = "Taken as a new question: nothing of the one before was kept."
_NOT_UNDERSTOOD = "I do not understand {} in this question."
_NO_WAY_ON = (
    "I cannot go on from the answer before with this. Say what is to change, such as another condition, "
    "group or figure, or ask it as a whole question."
)

Planned = Plan | Ambiguous | Unread | None


def answer_going_on(said: Sequence[Said], source: Source, user: User | AnonymousUser) -> Answer:
    """The answer to the last of `said`, with the plan before and the plan now. `said`: at least two.

    Plans are made again from the words, under the reader's rights, so nobody continues a plan that they could
    not have had. All questions together are checked for refusals, as one question is.
    """
    together = " ".join(each.question for each in said)
    _, refusal = refuse_guesses(together, [source])
    if refusal:
        return refusal
    *earlier, last = said
    before = _plan_of(earlier, source)
    made, is_new, schema = _next(last.question, before, source)
    if schema is None or not isinstance(made, Plan | Ambiguous):
        refusal = refuse_values(together, [source])
        return refusal or _no_way_on(made, source)
    answer = answer_exactly(last.question, [Computable(source, schema, made)], user, last.meaning)
    if answer is None:
        return refuse_values(together, [source]) or _no_way_on(None, source)
    if is_new:
        return replace(answer, warnings=(*answer.warnings, _NEW))
    return replace(answer, before=_sentence(before))


def _plan_of(said: Sequence[Said], source: Source) -> Plan | None:
    """The plan of the last of these questions, each continuing the one before."""
    found: Plan | None = None
    for each in said:
        made, _, _ = _next(each.question, found, source)
        found = _chosen(made, each.meaning)
    return found


def _next(question: str, before: Plan | None, source: Source) -> tuple[Planned, bool, Schema | None]:
    """The plan of a follow-up question: the plan before with its changes, or a plan of its own if it changes
    nothing, and which of the two it is.
    """
    for _, schema in schemas_for(question, [source]):
        followed = follow(question, before, schema) if before else None
        if isinstance(followed, Plan):
            return followed, False, schema
        alone = plan(question, schema)
        if isinstance(alone, Plan | Ambiguous):
            return alone, True, schema
        return followed or alone, False, schema
    return None, False, None


def _chosen(made: Planned, meaning: str) -> Plan | None:
    if isinstance(made, Ambiguous):
        return made.plans[made.meanings.index(meaning)] if meaning in made.meanings else None
    return made if isinstance(made, Plan) else None


def _no_way_on(made: Planned, source: Source) -> Answer:
    text = _NO_WAY_ON
    if isinstance(made, Unread):
        text = f"{_NOT_UNDERSTOOD.format(', '.join(f'“{word}”' for word in made.words))} {text}"
    return Answer("abstained", text, "exact", governance=(source.governance(),))


def _sentence(before: Plan | None) -> str:
    words = in_words(before) if before else ""
    return f"{words[:1].upper()}{words[1:]}." if words else ""
