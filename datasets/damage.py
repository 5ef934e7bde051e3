"""Reports damaged stored files once: a job then restores them from what is intact."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.tasks import async_task

from datasets.models import Job, Version

# The error code of a job that found neither the typed copy nor the raw file intact. Only a person can help
# then.
BEYOND_MENDING = "copies-lost"
# Such a version is not tried again for this long. Somebody may restore its file meanwhile.
TRY_AGAIN = timedelta(minutes=10)


def report(version: Version, what: str, *, again: bool = False) -> str:
    """Make sure that a job repairs the version. Returns what to tell the person who met the damage.

    `what`: what is damaged, for the job's first message. `again`: also retry what failed recently.
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
        return  # another process was faster


def beyond_mending() -> QuerySet[Job]:
    """Recent jobs that could repair nothing, newest first."""
    lately = timezone.now() - TRY_AGAIN
    failed = Job.objects.filter(kind=Job.Kind.REBUILD, state=Job.State.FAILED, error_code=BEYOND_MENDING)
    return failed.filter(finished_at__gt=lately).order_by("-finished_at")
