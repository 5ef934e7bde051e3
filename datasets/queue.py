"""What is handed to the queue: ids only, in the transaction that wrote the row they name."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django_q.models import Schedule
from django_q.tasks import async_task

from datasets.models import Job, Version

# Names of what is queued for later begin so.
LATER = "later "


def enqueue(job: Job) -> None:
    """Queue a job, inside the transaction that writes its row: both are there, or neither is."""
    async_task("datasets.tasks.work", str(job.pk), save=False)


def enqueue_next(ended: Job) -> None:
    """Queue the job of a newer version that had to wait for one that has ended."""
    job = Job.objects.next_of(ended.dataset_id)
    if job is not None and job.pk != ended.pk:
        enqueue(job)


def enqueue_later(job: Job) -> None:
    """Queue a job for its `retry_at`; inside the transaction that set it. Up to half a minute late."""
    Schedule.objects.update_or_create(
        name=f"{LATER}{job.pk}",
        defaults={
            "func": "datasets.tasks.work",
            "args": repr((str(job.pk),)),
            "schedule_type": Schedule.ONCE,
            "next_run": job.retry_at,
            "repeats": -1,  # gone once it has run
        },
    )


def queue_erasure(dataset_id: UUID) -> None:
    """Queue the removal of a deleted dataset from everywhere. Twice does no harm."""
    async_task("datasets.tasks.erase", str(dataset_id), save=False)


def queue_rebuilds() -> int:
    """Open a job for each current version whose index no longer fits its tags and policies; how many."""
    stale = Version.objects.filter(index_state=Version.Index.STALE, dataset__retired_at=None)
    stale = stale.exclude(jobs__in=Job.objects.open())
    opened = 0
    for version in stale.select_related("dataset", "dataset__owner"):
        with transaction.atomic():
            job = Job.open(version, Job.Kind.REBUILD, version.dataset.owner, "Tags or policies changed.")
            enqueue(job)
            opened += 1
    return opened
