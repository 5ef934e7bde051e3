"""What was found damaged is told once to the queue: a job makes it anew from what is intact."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from datasets.models import Job, Version

# How a job ends that finds neither the typed copy nor the raw file whole: only a person can help then.
BEYOND_MENDING = "copies-lost"
# Such a version is not tried again for so long: somebody may have put its file back.
TRY_AGAIN = timedelta(minutes=10)


def report(version: Version, what: str, *, again: bool = False) -> str:
    """See to it that a job mends the version; what to tell whoever met the damage.

    `what`: what is damaged, as the first message of the job. `again`: try even what lately failed.
    """
    if not again and (failed := beyond_mending().filter(version=version).first()):
        return failed.error
    if not Job.objects.open().filter(version=version).exists():
        _open(version, what)
    return "It is being mended; ask again in a few minutes."


def _open(version: Version, what: str) -> None:
    try:
        with transaction.atomic():
            job = Job.open(version, Job.Kind.REBUILD, version.dataset.owner, what)
            async_task("datasets.ingestion.tasks.work", str(job.pk), save=False)
    except IntegrityError:
        return  # somebody else was quicker


def beyond_mending() -> QuerySet[Job]:
    """Jobs that lately could mend nothing, the newest first."""
    lately = timezone.now() - TRY_AGAIN
    failed = Job.objects.filter(kind=Job.Kind.REBUILD, state=Job.State.FAILED, error_code=BEYOND_MENDING)
    return failed.filter(finished_at__gt=lately).order_by("-finished_at")
