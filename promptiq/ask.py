"""Answers a question: computed if possible, otherwise with the nearest rows; always with what governs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User

from datasets.models import Dataset
from governance.audit import record
from omdplatform.base.errors import PlatformError
from omdplatform.base.measurements import QUESTIONS, timed
from promptiq.answers import Answer, count_of
from promptiq.assisted import computed, worded_rows
from promptiq.computing import asks_for_computation, not_understood
from promptiq.guarding import refuse_guesses, refuse_values
from promptiq.index.hybrid import Found, nearest
from promptiq.index.routing import best_of
from promptiq.keeping.going_on import answer_going_on
from promptiq.keeping.kept import MOST, Said, TooManyTurns, keep, kept_question, said_in
from promptiq.keeping.verified import note_for, verified_question
from promptiq.language_model.conversation import Conversation, begin
from promptiq.lookup import answer_by_lookup, nothing_near
from promptiq.progress import Listener, silent, tell, telling
from promptiq.sources import Source, sources_of, stale_warnings, with_intact_copies
from promptiq.turns import turn

MAX_QUESTION = 2_000
NO_FIGURE = "No figure is given: I could not tell what to compute, and of which column."
# Rows cited unless the caller wants more.
LIMIT = 8
# Characters of `meaning`: a plan in words, which contains text of the question and column names.
MAX_MEANING = 8_000

__all__ = ["MAX_MEANING", "MAX_QUESTION", "Answer", "QuestionRefused", "ask", "ask_again"]


@dataclass(frozen=True, slots=True)
class AskContext:
    """Who asks, and how. `dataset`: None for all that the user may see. `limit`: rows to cite. `meaning`: a
    choice of an earlier answer. `conversation`: None without a language model. `earlier`: the questions that
    this one continues, oldest first.
    """

    user: User | AnonymousUser
    dataset: Dataset | None
    limit: int
    meaning: str
    conversation: Conversation | None
    earlier: tuple[Said, ...] = ()


class QuestionRefused(PlatformError):
    """The question is empty or too long. The text says which and does not quote the question."""

    code = "question-refused"
    status = 400


def ask(
    question: str,
    user: User | AnonymousUser,
    dataset: Dataset | None = None,
    limit: int = LIMIT,
    *,
    meaning: str = "",
    before: UUID | None = None,
    progress: Listener = silent,
) -> Answer:
    """Answer from one dataset, or from the best few that the user may see. `limit`: rows to cite.

    `meaning`: a choice of an earlier answer. `before`: id of the answer that the question continues; its
    dataset is asked. `progress` gets a sentence for each step; an exception from it ends the work.

    A dataset that the user may not see gives the same answer as a missing one. Raises QuestionRefused,
    NotKept, TooManyTurns, VectorServerUnavailable, EmbeddingUnavailable, Busy if too many questions are asked
    at once, and TypedCopyDamaged if the only dataset's copy is damaged.
    """
    earlier: tuple[Said, ...] = ()
    if before is not None:
        kept = kept_question(before, user)
        earlier, dataset = said_in(kept), kept.dataset
        if len(earlier) >= MOST:
            raise TooManyTurns
    answer = _in_turn(question, AskContext(user, dataset, limit, meaning, begin(), earlier), progress)
    if answer.outcome == "not_found":
        return answer
    said = (*earlier, Said(" ".join(question.split()), meaning))
    return replace(answer, id=keep(said, user, _asked_dataset(dataset, answer)))


def ask_again(
    question_id: UUID,
    user: User | AnonymousUser,
    *,
    meaning: str = "",
    progress: Listener = silent,
) -> Answer:
    """The answer to a kept question, computed again under the reader's rights.

    `meaning`: a choice of its answer; this makes it another question with an id of its own. Raises NotKept if
    there is no such question for this reader, and what `ask` raises.
    """
    kept = kept_question(question_id, user)
    *earlier, last = said_in(kept)
    if meaning:
        last = replace(last, meaning=meaning)
    context = AskContext(user, kept.dataset, LIMIT, last.meaning, begin(), tuple(earlier))
    answer = _in_turn(last.question, context, progress)
    new = meaning and keep((*earlier, last), user, _asked_dataset(kept.dataset, answer))
    return replace(answer, id=new or str(kept.pk))


def _asked_dataset(dataset: Dataset | None, answer: Answer) -> str | None:
    """The dataset that was asked, or, for a question to all, the one that gave the answer."""
    if dataset is not None:
        return str(dataset.pk)
    computed_from = answer.kind == "exact" and len(answer.governance) == 1
    return answer.governance[0].dataset if computed_from else None


def _in_turn(question: str, context: AskContext, progress: Listener) -> Answer:
    # A question that continues another is a different one, even with the same words.
    verified = None if context.earlier else verified_question(context.dataset, question)
    if verified and not context.meaning:
        context = replace(context, meaning=verified.meaning)
    answer = _measured(question, context, progress)
    return replace(answer, verified=note_for(verified, answer)) if verified else answer


def _measured(question: str, context: AskContext, progress: Listener) -> Answer:
    with telling(progress), turn(), timed(QUESTIONS, "answered") as seen:
        answer = _ask(question, context)
        seen.label = answer.outcome
        return answer


def _ask(question: str, context: AskContext) -> Answer:
    user, dataset = context.user, context.dataset
    try:
        asked = _checked(question)
        visible = Dataset.objects.all().visible_to(user)
        if dataset is not None:
            found, among = list(visible.filter(pk=dataset.pk).for_list()), 1
        else:
            tell("Choosing datasets…")
            found, among = best_of(asked, visible)
        answer = _answer(asked, found, among, context)
    except Exception as error:
        # The error's text may quote the question, so the audit log gets only its type.
        refused = isinstance(error, QuestionRefused)
        outcome = {"outcome": "refused"} if refused else {"outcome": "failed", "error": type(error).__name__}
        _record(question, user, dataset, outcome)
        raise
    said: dict[str, str | int] = {
        "outcome": answer.outcome,
        "kind": answer.kind,
        "rows": len(answer.citations),
    }
    if context.conversation and context.conversation.asked:
        said["language_model"] = context.conversation.name
    _record(asked, user, dataset, said)
    return answer


def _record(
    asked: str, user: User | AnonymousUser, dataset: Dataset | None, found: Mapping[str, str | int]
) -> None:
    """Record in the audit log who asked which dataset, and the outcome, without the question."""
    actor = user if isinstance(user, User) else None
    record(actor, "asked", dataset.pk if dataset else None, **found, characters=len(asked))


def _checked(question: str) -> str:
    asked = " ".join(question.split())
    if not asked:
        raise QuestionRefused("The question is empty. Ask something about the data.")
    if len(asked) > MAX_QUESTION:
        raise QuestionRefused(f"The question is longer than {MAX_QUESTION:,} characters. Ask a shorter one.")
    return asked


def _answer(asked: str, found: list[Dataset], among: int, context: AskContext) -> Answer:
    tell("Looking at what governs the data…")
    sources, damaged = with_intact_copies(sources_of(found, context.user))
    if damaged and not sources:
        raise damaged[0]
    answer = _answer_from(asked, sources, len(found) - len(damaged), context)
    warnings = (
        *stale_warnings(sources, answer),
        *answer.warnings,
        *_not_asked(len(found), among),
        *(f"One dataset could not be asked. {error}" for error in damaged),
    )
    return replace(answer, warnings=warnings)


def _answer_from(asked: str, sources: list[Source], found: int, context: AskContext) -> Answer:
    """`found`: the datasets to ask, including those without a version."""
    if not sources:
        if found:
            return _not_indexed([])
        text = (
            "There is no such dataset."
            if context.dataset
            else "There is no dataset that you may ask about yet."
        )
        return Answer("not_found", text)
    if context.earlier:
        return answer_going_on((*context.earlier, Said(asked, context.meaning)), sources[0], context.user)
    sources, refusal = refuse_guesses(asked, sources)
    if refusal:
        return refusal
    # Computed answers need no vectors: they work before an index is ready, and without the vector server.
    if exact := computed(asked, sources, context.user, context.conversation, context.meaning):
        return exact
    indexed = [source for source in sources if source.is_indexed]
    if refusal := refuse_values(asked, sources):
        return refusal
    if not indexed:
        return _not_indexed(sources[:1])
    tell(f"Looking for the nearest rows in {count_of(len(indexed), 'dataset')}…")
    near = nearest(asked, indexed, context.limit)
    if not near.asked:
        return _not_indexed(near.lost[:1], near.why)
    if not near.hits:
        return nothing_near(near.asked if context.dataset else [])
    answer = answer_by_lookup(near, _warnings(found, near))
    if asks_for_computation(asked):
        return _abstained(answer, not_understood(asked, sources))
    return worded_rows(asked, answer, sources, context.conversation)


def _not_indexed(sources: list[Source], why: str = "The index is being built or rebuilt.") -> Answer:
    return Answer(
        "not_indexed",
        f"{why} Ask again when its job has ended.",
        governance=tuple(source.governance() for source in sources),
    )


def _abstained(answer: Answer, reason: str) -> Answer:
    """A figure was asked for but could not be computed: similar rows are shown, but they are not an
    answer.
    """
    text = f"{reason or NO_FIGURE} {answer.answer}"
    return replace(answer, outcome="abstained", answer=text)


def _warnings(found: int, near: Found) -> tuple[str, ...]:
    """What the search for the nearest rows left out. `found`: the datasets to ask."""
    warnings = []
    if lost := len(near.lost):
        warnings.append(f"{count_of(lost, 'dataset')} could not be asked. {near.why}")
    if waiting := found - len(near.asked) - lost:
        warnings.append(
            f"{count_of(waiting, 'dataset')} could not be asked: not indexed yet, or being rebuilt."
        )
    if unread := len(near.unread):
        warnings.append(
            f"Words were not searched in {count_of(unread, 'dataset')}: it would have taken too long."
        )
    return tuple(warnings)


def _not_asked(asked: int, among: int) -> tuple[str, ...]:
    if asked >= among:
        return ()
    return (
        f"{asked} of {count_of(among, 'dataset')} were asked, those whose names, descriptions, columns and "
        "tags fit the question best. Choose one to ask another.",
    )
