"""Questions whose plan a steward has verified: shown as examples, and asked again of each new version.

Only plans over columns that are open to everybody can be verified, so that the kept answers may be shown to
every reader of the dataset. If a column is masked later, they are hidden.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.contrib.auth.models import AnonymousUser, User
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef

from datasets.models import Dataset, Version
from datasets.storage import StorageMismatch
from governance.audit import record
from governance.redacting.redaction import mentions_any
from governance.rights.access import access_of
from omdplatform.base.errors import Refused
from promptiq.answers import Answer
from promptiq.computing import answer_exactly, meant, plans_for
from promptiq.exact import Plan
from promptiq.exact.permission import columns_of
from promptiq.keeping.kept import kept_question, said_in
from promptiq.models import VerifiedQuestion, VerifiedResult
from promptiq.sources import sources_of, with_intact_copies

log = logging.getLogger(__name__)


class NotVerifiable(Refused):
    """This answer cannot be verified. The text says why."""

    def __init__(self, message: str) -> None:
        super().__init__("not-verifiable", message, status=409)


@dataclass(frozen=True, slots=True)
class Checked:
    """A verified question with its last two answers, for people. `before`, `now`: (version, answer); None if
    there is none. `is_open`: whether its columns are still open to everybody.
    """

    verified: VerifiedQuestion
    before: tuple[int, str] | None
    now: tuple[int, str] | None
    is_open: bool

    @property
    def state(self) -> str:
        """The result for the newest version, in words."""
        if not self.is_open:
            return "a column is masked now"
        if self.now is None:
            return "not asked yet"
        if not self.now[1]:
            return "cannot be answered any more"
        if self.before is None:
            return "verified"
        return "unchanged" if self.before[1] == self.now[1] else "changed"


def verify(question_id: UUID, user: User) -> VerifiedQuestion:
    """Mark a kept question with its plan as verified. Raises NotKept, PermissionDenied, NotVerifiable."""
    require_steward(user)
    kept = kept_question(question_id, user)
    said = said_in(kept)
    if kept.dataset is None or len(said) > 1:
        raise NotVerifiable("Only a question that stands alone and asks one dataset can be verified.")
    question, meaning = said[0].question, said[0].meaning
    if mentions_any(question):
        raise NotVerifiable("The question holds what looks like personal data, and would be shown to others.")
    answer = open_answer(kept.dataset, question, meaning)
    if answer is None:
        raise NotVerifiable(
            "Only an answer that is computed from columns which are open to everybody can be verified."
        )
    verified, _ = VerifiedQuestion.objects.update_or_create(
        dataset=kept.dataset,
        key=key_of(question),
        defaults={
            "question": question,
            "meaning": meaning,
            "plan": _plan(answer, kept.dataset),
            "columns": list(answer.columns),
            "by": user,
        },
    )
    verified.results.all().delete()
    _note(verified, answer)
    record(user, "question verified", kept.dataset_id, columns=list(answer.columns))
    return verified


def withdraw(verified: VerifiedQuestion, user: User) -> None:
    """Remove the mark. Raises PermissionDenied."""
    require_steward(user)
    record(user, "verified question withdrawn", verified.dataset_id)
    verified.delete()


def require_steward(user: User) -> None:
    if not user.has_perm("governance.curate"):
        raise PermissionDenied("Only stewards verify questions.")


def open_answer(dataset: Dataset, question: str, meaning: str) -> Answer | None:
    """The answer for somebody who may see no personal value. None if it is not computed, or uses a column
    that is masked for anybody.
    """
    sources, _ = with_intact_copies(sources_of([dataset], AnonymousUser()))
    computable = plans_for(question, sources) if sources else []
    if len(computable) != 1:
        return None
    one = meant(computable[0], meaning)
    # Checked before anything runs: a figure over a masked column would use up its dataset's budget.
    if not isinstance(one.plan, Plan) or columns_of(one.plan) & set(one.source.masked()):
        return None
    answer = answer_exactly(question, [one], AnonymousUser())
    return answer if answer and answer.outcome == "answered" else None


def verified_question(dataset: Dataset | None, question: str) -> VerifiedQuestion | None:
    """The verified question with these words, regardless of case."""
    if dataset is None:
        return None
    found = VerifiedQuestion.objects.select_related("by", "dataset")
    return found.filter(dataset_id=dataset.pk, key=key_of(question)).first()


def note_for(verified: VerifiedQuestion, answer: Answer) -> str:
    """What an answer says about the verification, and about an earlier version's answer if that was
    different. "" if the plan is not the verified one. `answer`: to the same question.
    """
    if answer.outcome != "answered" or _plan(answer, verified.dataset) != verified.plan:
        return ""
    by = f" by {verified.by.get_username()}" if verified.by else ""
    text = f"Verified{by} on {verified.at:%-d %B %Y}."
    last = answer.citations[0].version if answer.citations else None
    earlier = [each for each in verified.results.select_related("version") if each.version.number != last]
    if earlier and earlier[-1].answer and earlier[-1].answer != answer.answer and _is_open(verified):
        text += f" Version {earlier[-1].version.number} said: {earlier[-1].answer}"
    return text


def checked(datasets: Sequence[Dataset]) -> list[Checked]:
    """The verified questions of these datasets, with their latest results."""
    found = VerifiedQuestion.objects.filter(dataset__in=datasets)
    return [
        _checked(each)
        for each in found.select_related("dataset__current_version", "by").prefetch_related(
            "results__version"
        )
    ]


def _checked(verified: VerifiedQuestion) -> Checked:
    results = [(each.version.number, each.answer) for each in verified.results.all()]
    is_open = _is_open(verified)
    shown = results if is_open else []
    return Checked(verified, shown[-2] if len(shown) > 1 else None, shown[-1] if shown else None, is_open)


def examples_among(datasets: Sequence[Dataset]) -> list[VerifiedQuestion]:
    """Those that the newest version can answer and that contain nothing masked."""
    return [each.verified for each in checked(datasets) if each.is_open and each.now and each.now[1]]


def ask_verified_again() -> int:
    """Ask verified questions of versions that became current since then. Returns how many."""
    asked = 0
    waiting = VerifiedQuestion.objects.exclude(dataset__current_version=None).exclude(
        dataset__current_version__in=VerifiedResult.objects.filter(verified=OuterRef("pk")).values("version")
    )
    for verified in waiting.select_related("dataset__current_version", "dataset__owner"):
        try:
            answer = open_answer(verified.dataset, verified.question, verified.meaning)
        except (FileNotFoundError, StorageMismatch):
            continue
        _note(verified, answer if answer and _plan(answer, verified.dataset) == verified.plan else None)
        asked += 1
    return asked


def _note(verified: VerifiedQuestion, answer: Answer | None) -> None:
    version = verified.dataset.current_version
    assert version is not None  # noqa: S101 - it was just asked
    VerifiedResult.objects.update_or_create(
        verified=verified, version=version, defaults={"answer": answer.answer if answer else ""}
    )


def _is_open(verified: VerifiedQuestion) -> bool:
    version: Version | None = verified.dataset.current_version
    return version is None or not set(verified.columns) & set(access_of(version).masked_columns())


def _plan(answer: Answer, dataset: Dataset) -> str:
    """In words, without the dataset's name, which may change."""
    return answer.plan.removesuffix(f", in {dataset.name}.")


def key_of(question: str) -> str:
    """Equal for two wordings of the same question."""
    return " ".join(question.casefold().split()).strip(" ?!.")
