"""Questions kept for a while, to be continued, opened again and shared by their id.

Their words are encrypted with a key derived from SECRET_KEY: a copy of the database alone does not reveal
them.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from datasets.models import Dataset
from governance.redacting.redaction import KINDS, redact
from governance.rights.access import pii_datasets
from omdplatform.base.errors import Refused
from promptiq.models import KeptQuestion

# The most questions that may continue one another. Each is planned again, which takes some milliseconds.
MOST = 12


@dataclass(frozen=True, slots=True)
class Said:
    """A question, and its chosen meaning: a plan in words, or ""."""

    question: str
    meaning: str = ""


class NotKept(Refused):
    """There is no such question, or not for this reader: both give the same answer."""

    def __init__(self) -> None:
        super().__init__(
            "question-not-kept",
            "This question is not kept any more, or not open to you. Ask it again.",
            status=404,
        )


class TooManyTurns(Refused):
    """The question continues too many others."""

    def __init__(self) -> None:
        super().__init__(
            "too-many-turns", f"This goes on from {MOST} questions. Ask it as a whole.", status=400
        )


def keep(said: Sequence[Said], user: User | AnonymousUser, dataset_id: str | None) -> str:
    """Keep a question with those that it continues. Returns its id; "" if nothing is kept."""
    if not settings.QUESTIONS_KEPT_DAYS or not isinstance(user, User):
        return ""
    kept = KeptQuestion.objects.create(asker=user, dataset_id=dataset_id, said=enciphered(said))
    return str(kept.pk)


def kept_question(question_id: UUID, user: User | AnonymousUser) -> KeptQuestion:
    """The question, for a reader who may see its dataset or who asked it of all datasets. Raises NotKept."""
    kept = KeptQuestion.objects.select_related("dataset", "asker").filter(pk=question_id).first()
    if kept is None or kept.at < _oldest() or user.pk is None:
        raise NotKept
    if kept.dataset_id is None:
        may = kept.asker_id == user.pk
    else:
        may = Dataset.objects.all().visible_to(user).filter(pk=kept.dataset_id).exists()
    if not may:
        raise NotKept
    return kept


def said_in(kept: KeptQuestion) -> tuple[Said, ...]:
    """The questions that it continues, oldest first, and the question itself. Raises NotKept if SECRET_KEY
    has changed.
    """
    try:
        words = _cipher().decrypt(kept.said.encode())
    except InvalidToken:
        raise NotKept from None
    return tuple(Said(**each) for each in json.loads(words))


def enciphered(said: Sequence[Said]) -> str:
    """As it is kept."""
    return _cipher().encrypt(json.dumps([asdict(each) for each in said]).encode()).decode()


def _cipher() -> Fernet:
    key = hashlib.sha256(b"kept questions " + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def question_for(kept: KeptQuestion, user: User | AnonymousUser) -> str:
    """The question's words for a reader. What looks like personal data is masked for readers who did not ask
    it, unless they may see such data in the dataset.
    """
    words = said_in(kept)[-1].question
    if kept.asker_id == user.pk or (kept.dataset and kept.dataset.pk in pii_datasets(user, [kept.dataset])):
        return words
    return redact(words, KINDS)


def forget_old_questions() -> int:
    """Remove questions that were kept long enough. Returns how many."""
    return KeptQuestion.objects.filter(at__lt=_oldest()).delete()[0]


def _oldest() -> datetime:
    return timezone.now() - timedelta(days=settings.QUESTIONS_KEPT_DAYS)
