"""Queues jobs and other tasks: by id only, in the transaction that writes the row."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_q.models import Schedule
from django_q.tasks import async_task

from datasets.damage import beyond_mending
from datasets.models import Job, Version
from promptiq.index.embeddings import configured

# A job queued less than this ago may be on its way to a worker. One that waits for longer, while it is
# unknown whether the queue is empty, has lost its entry.
FRESH, LOST_AFTER = timedelta(seconds=10), timedelta(minutes=2)


def schedule_sweep() -> None:
    """Schedule the sweep, which repairs what a crash left behind, once a minute. Safe to repeat.

    Removes the schedules of older releases: their jobs are found in the job table.
    """
    Schedule.objects.filter(name__startswith="later ").delete()
    Schedule.objects.update_or_create(
        name="sweep",
        defaults={
            "func": "datasets.ingestion.tasks.sweep",
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
        },
    )


def enqueue(job: Job) -> None:
    """Queue a job within the transaction that writes its row, so that both exist or neither does."""
    async_task("datasets.ingestion.tasks.work", str(job.pk), save=False)


def enqueue_next(ended: Job) -> None:
    """Queue the job of a newer version that had to wait for one that has ended."""
    job = Job.objects.next_of(ended.dataset_id)
    if job is not None and job.pk != ended.pk:
        enqueue(job)


def requeue_takeable(*, all_of_them: bool) -> int:
    """Queue jobs that are ready but have no queue entry: their pause is over, their worker crashed, or the
    entry was lost. Returns how many. Safe to repeat.

    `all_of_them`: the queue is known to be empty, so no ready job has an entry.
    """
    limit = timezone.now() - (FRESH if all_of_them else LOST_AFTER)
    with transaction.atomic():
        jobs = [*Job.objects.all().abandoned(), *Job.objects.takeable().filter(queued_at__lt=limit)]
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(queued_at=timezone.now())
        for job in jobs:
            enqueue(job)
    return len(jobs)


def pause(job: Job, user: User) -> bool:
    """Keep a job waiting until somebody resumes it. Returns False if it has ended or is paused."""
    return job.pause(f"Paused by {user.get_username()}. It goes on when somebody resumes it.")


def resume(job: Job, user: User) -> bool:
    """Let a paused job go on. Returns False if it is not paused."""
    with transaction.atomic():
        resumed = job.resume(f"Resumed by {user.get_username()}.")
        if resumed:
            enqueue(job)
    return resumed


def queue_erasure(dataset_id: UUID) -> None:
    """Queue the removal of a deleted dataset from every store. Safe to repeat."""
    async_task("datasets.ingestion.tasks.erase", str(dataset_id), save=False)


def queue_rebuilds() -> int:
    """Open a job for each version whose index is closed: its tags or policies changed, or a rebuild was
    cancelled. Returns how many.
    """
    closed = Version.objects.filter(index_state__in=[Version.Index.STALE, Version.Index.BUILDING])
    return _rebuild(closed, "Tags or policies changed.")


def queue_reembedding() -> int:
    """Open a job for each index that was built with another embedding than the configured one. Returns how
    many.

    The old index answers until the new one is complete. Raises EmbeddingUnavailable.
    """
    others = Version.objects.filter(index_state=Version.Index.READY).exclude(embedding_name=configured().name)
    return _rebuild(others, "The embedding was changed.")


def _rebuild(versions: QuerySet[Version], why: str) -> int:
    wanted = versions.filter(state=Version.State.READY, dataset__retired_at=None)
    wanted = wanted.exclude(jobs__in=Job.objects.open()).exclude(jobs__in=beyond_mending())
    opened = 0
    for version in wanted.select_related("dataset", "dataset__owner"):
        with transaction.atomic():
            enqueue(Job.open(version, Job.Kind.REBUILD, version.dataset.owner, why))
            opened += 1
    return opened
