"""What is handed to the queue: ids only, in the transaction that wrote the row they name."""

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

# A job that was queued so lately may be on its way to a worker; one that waits for so long, while nobody
# knows whether the queue is empty, lost its place.
FRESH, LOST_AFTER = timedelta(seconds=10), timedelta(minutes=2)


def schedule_sweep() -> None:
    """The workers put right once a minute what a crash left behind. Repeating it is harmless.

    What the version before had scheduled under other names goes: its jobs are found in their own table.
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
    """Queue a job, inside the transaction that writes its row: both are there, or neither is."""
    async_task("datasets.ingestion.tasks.work", str(job.pk), save=False)


def enqueue_next(ended: Job) -> None:
    """Queue the job of a newer version that had to wait for one that has ended."""
    job = Job.objects.next_of(ended.dataset_id)
    if job is not None and job.pk != ended.pk:
        enqueue(job)


def requeue_takeable(*, all_of_them: bool) -> int:
    """Queue jobs that could be worked on and have no place in the queue: their time has come, their worker
    vanished, or their task was lost; how many there were. Twice does no harm.

    `all_of_them`: the queue is known to be empty, so that whatever could be taken has no place in it.
    """
    limit = timezone.now() - (FRESH if all_of_them else LOST_AFTER)
    with transaction.atomic():
        jobs = [*Job.objects.all().abandoned(), *Job.objects.takeable().filter(queued_at__lt=limit)]
        Job.objects.filter(pk__in=[job.pk for job in jobs]).update(queued_at=timezone.now())
        for job in jobs:
            enqueue(job)
    return len(jobs)


def pause(job: Job, user: User) -> bool:
    """Keep a job waiting until somebody resumes it. False where it has ended or is paused already."""
    return job.pause(f"Paused by {user.get_username()}. It goes on when somebody resumes it.")


def resume(job: Job, user: User) -> bool:
    """Let a paused job go on. False where it is not paused."""
    with transaction.atomic():
        resumed = job.resume(f"Resumed by {user.get_username()}.")
        if resumed:
            enqueue(job)
    return resumed


def queue_erasure(dataset_id: UUID) -> None:
    """Queue the removal of a deleted dataset from everywhere. Twice does no harm."""
    async_task("datasets.ingestion.tasks.erase", str(dataset_id), save=False)


def queue_rebuilds() -> int:
    """Open a job for each version whose index is closed, for it no longer fits its tags and policies, or a
    rebuild was cancelled; how many."""
    closed = Version.objects.filter(index_state__in=[Version.Index.STALE, Version.Index.BUILDING])
    return _rebuild(closed, "Tags or policies changed.")


def queue_reembedding() -> int:
    """Open a job for each index that another embedding than the configured one has built; how many.

    It goes on answering until the new one is whole. Raises EmbeddingUnavailable.
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
