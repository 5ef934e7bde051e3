"""What is handed to the queue: ids only, in the transaction that wrote the row they name."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django_q.models import Schedule
from django_q.tasks import async_task

from datasets.damage import beyond_mending
from datasets.models import Job, Version
from promptiq.index.embeddings import configured

# Names of what is queued for later begin so.
LATER = "later "


def enqueue(job: Job) -> None:
    """Queue a job, inside the transaction that writes its row: both are there, or neither is."""
    async_task("datasets.ingestion.tasks.work", str(job.pk), save=False)


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
            "func": "datasets.ingestion.tasks.work",
            "args": repr((str(job.pk),)),
            "schedule_type": Schedule.ONCE,
            "next_run": job.retry_at,
            "repeats": -1,  # gone once it has run
        },
    )


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
