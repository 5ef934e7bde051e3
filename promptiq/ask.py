"""Questions and answers: computed where they can be, else the nearest rows; each with what governs it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from django.contrib.auth.models import AnonymousUser, User

from datasets.models import Dataset
from governance.audit import record
from promptiq.answers import Answer, count_of
from promptiq.computing import answer_exactly, asks_for_computation, plans_for
from promptiq.guarding import refuse_guesses, refuse_values
from promptiq.lookup import answer_by_lookup, nearest, nothing_near
from promptiq.sources import Source, sources_of, stale_warnings

MAX_QUESTION = 2_000
# Datasets that one question looks into at most, the newest first: each costs one query of the vector server.
MAX_DATASETS = 50

__all__ = ["MAX_QUESTION", "Answer", "QuestionRefused", "ask"]


class QuestionRefused(ValueError):
    """A question that cannot be asked; the text says why and never quotes it."""


def ask(
    question: str,
    user: User | AnonymousUser,
    dataset: Dataset | None = None,
    limit: int = 8,
) -> Answer:
    """Answer from one dataset, or from the best of all that the user may see. `limit`: rows that are cited.

    A dataset that the user may not see is answered like one that does not exist. Raises QuestionRefused,
    VectorServerUnavailable, EmbeddingUnavailable.
    """
    try:
        asked = _checked(question)
        visible = Dataset.objects.all().visible_to(user).for_list()
        if dataset is not None:
            visible = visible.filter(pk=dataset.pk)
        answer = _answer(asked, list(visible[: MAX_DATASETS + 1]), dataset, user, limit)
    except Exception as error:
        # The error's text is for the asker: only its kind is kept.
        refused = isinstance(error, QuestionRefused)
        outcome = {"outcome": "refused"} if refused else {"outcome": "failed", "error": type(error).__name__}
        _record(question, user, dataset, outcome)
        raise
    found = {"outcome": answer.outcome, "kind": answer.kind, "rows": len(answer.citations)}
    _record(asked, user, dataset, found)
    return answer


def _record(
    asked: str, user: User | AnonymousUser, dataset: Dataset | None, found: Mapping[str, str | int]
) -> None:
    """In the audit log: who asked which dataset, and what came of it; never a word of the question."""
    actor = user if isinstance(user, User) else None
    record(actor, "asked", dataset.pk if dataset else None, **found, characters=len(asked))


def _checked(question: str) -> str:
    asked = " ".join(question.split())
    if not asked:
        raise QuestionRefused("The question is empty. Ask something about the data.")
    if len(asked) > MAX_QUESTION:
        raise QuestionRefused(f"The question is longer than {MAX_QUESTION:,} characters. Ask a shorter one.")
    return asked


def _answer(
    asked: str,
    found: list[Dataset],
    dataset: Dataset | None,
    user: User | AnonymousUser,
    limit: int,
) -> Answer:
    sources = sources_of(found[:MAX_DATASETS], user)
    answer = _answer_from(asked, sources, found, dataset, user, limit)
    return replace(answer, warnings=(*stale_warnings(sources, answer), *answer.warnings))


def _answer_from(
    asked: str,
    sources: list[Source],
    found: list[Dataset],
    dataset: Dataset | None,
    user: User | AnonymousUser,
    limit: int,
) -> Answer:
    if not sources:
        if found:
            return _not_indexed([])
        text = "There is no such dataset." if dataset else "There is no dataset that you may ask about yet."
        return Answer("not_found", text)
    sources, refusal = refuse_guesses(asked, sources)
    if refusal:
        return refusal
    # A single dataset needs no vectors for an exact answer, so that it opens before its index is ready.
    if len(sources) == 1 and (exact := answer_exactly(asked, plans_for(asked, sources), user)):
        return exact
    indexed = [source for source in sources if source.is_indexed]
    if len(sources) == 1 and (refusal := refuse_values(asked, sources)):
        return refusal
    if not indexed:
        return _not_indexed(sources[:1])
    hits = nearest(asked, indexed, limit)
    if len(sources) > 1:
        # The datasets of the nearest rows are tried first, then the newest.
        tried = list({id(source): source for source in [*(source for source, _ in hits), *sources]}.values())
        if exact := answer_exactly(asked, plans_for(asked, tried), user):
            return exact
        if refusal := refuse_values(asked, sources):
            return refusal
    if not hits:
        return nothing_near(indexed if dataset else [])
    answer = answer_by_lookup(indexed, hits, _warnings(found, indexed))
    return _abstained(answer) if asks_for_computation(asked) else answer


def _not_indexed(sources: list[Source]) -> Answer:
    return Answer(
        "not_indexed",
        "The index is being built or rebuilt. Ask again when its job has ended.",
        governance=tuple(source.governance() for source in sources),
    )


def _abstained(answer: Answer) -> Answer:
    """A question for a figure that could not be computed: the nearest rows are shown and are no answer."""
    text = f"I cannot compute an answer to this. {answer.answer}"
    return replace(answer, outcome="abstained", answer=text)


def _warnings(found: list[Dataset], indexed: list[Source]) -> tuple[str, ...]:
    warnings = []
    if waiting := min(len(found), MAX_DATASETS) - len(indexed):
        warnings.append(
            f"{count_of(waiting, 'dataset')} could not be asked: not indexed yet, or being rebuilt."
        )
    if len(found) > MAX_DATASETS:
        warnings.append(f"Only the {MAX_DATASETS} newest datasets were asked. Choose one to ask another.")
    return tuple(warnings)
