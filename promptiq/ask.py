"""Questions and answers: computed where they can be, else the nearest rows; each with what governs it."""

from __future__ import annotations

from dataclasses import replace

from django.contrib.auth.models import AnonymousUser, User

from datasets.models import Dataset
from governance.audit import record
from promptiq.answers import Answer, count_of
from promptiq.computing import answer_exactly, asks_for_computation, plans_for
from promptiq.lookup import answer_by_lookup, nearest, nothing_near
from promptiq.progress import Listener, silent, tell, telling
from promptiq.sources import Source, sources_of, stale_warnings

MAX_QUESTION = 2_000
# The words of a plan: of the question's length, and names of columns beside it.
MAX_MEANING = 8_000
# Datasets that one question looks into at most, the newest first: each costs one query of the vector server.
MAX_DATASETS = 50

__all__ = ["MAX_MEANING", "MAX_QUESTION", "Answer", "QuestionRefused", "ask"]


class QuestionRefused(ValueError):
    """A question that cannot be asked; the text says why and never quotes it."""


def ask(
    question: str,
    user: User | AnonymousUser,
    dataset: Dataset | None = None,
    limit: int = 8,
    *,
    meaning: str = "",
    progress: Listener = silent,
) -> Answer:
    """Answer from one dataset, or from the best of all that the user may see. `limit`: rows that are cited.

    `meaning`: which one was meant, of the choices of an answer that asked. `progress` hears what is being
    done; what it raises ends the work.

    A dataset that the user may not see is answered like one that does not exist. Raises QuestionRefused,
    VectorServerUnavailable, EmbeddingUnavailable.
    """
    with telling(progress):
        return _ask(_checked(question), user, dataset, limit, meaning)


def _ask(asked: str, user: User | AnonymousUser, dataset: Dataset | None, limit: int, meaning: str) -> Answer:
    visible = Dataset.objects.all().visible_to(user).for_list()
    if dataset is not None:
        visible = visible.filter(pk=dataset.pk)
    answer = _answer(asked, list(visible[: MAX_DATASETS + 1]), dataset, user, limit, meaning)
    record(
        user if isinstance(user, User) else None,
        "asked",
        dataset.pk if dataset else None,
        outcome=answer.outcome,
        kind=answer.kind,
        rows=len(answer.citations),
        characters=len(asked),
    )
    return answer


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
    meaning: str,
) -> Answer:
    tell("Looking at what governs the data…")
    sources = sources_of(found[:MAX_DATASETS], user)
    answer = _answer_from(asked, sources, found, dataset, user, limit, meaning)
    return replace(answer, warnings=(*stale_warnings(sources, answer), *answer.warnings))


def _answer_from(
    asked: str,
    sources: list[Source],
    found: list[Dataset],
    dataset: Dataset | None,
    user: User | AnonymousUser,
    limit: int,
    meaning: str,
) -> Answer:
    if not sources:
        if found:
            return _not_indexed([])
        text = "There is no such dataset." if dataset else "There is no dataset that you may ask about yet."
        return Answer("not_found", text)
    # A single dataset needs no vectors for an exact answer, so that it opens before its index is ready.
    if len(sources) == 1 and (exact := answer_exactly(asked, plans_for(asked, sources), user, meaning)):
        return exact
    indexed = [source for source in sources if source.is_indexed]
    if not indexed:
        return _not_indexed(sources[:1])
    tell(f"Looking for the nearest rows in {count_of(len(indexed), 'dataset')}…")
    hits = nearest(asked, indexed, limit)
    if len(sources) > 1:
        # The datasets of the nearest rows are tried first, then the newest.
        tried = list({id(source): source for source in [*(source for source, _ in hits), *sources]}.values())
        if exact := answer_exactly(asked, plans_for(asked, tried), user, meaning):
            return exact
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
