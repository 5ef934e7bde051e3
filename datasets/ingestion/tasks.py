"""What the queue's workers are called with: ids only. Each task is a doorway to one function."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from datasets import storage
from datasets.ingestion import erasure
from datasets.ingestion.failures import failure_of
from datasets.ingestion.partial_uploads import discard_old_partials
from datasets.ingestion.pipeline import run
from datasets.ingestion.public_files import place_raw_files
from datasets.ingestion.queue import enqueue, enqueue_next, queue_erasure, queue_rebuilds, queue_reembedding
from datasets.ingestion.retention import remove_expired
from datasets.ingestion.undoing import undo_quietly
from datasets.models import Dataset, Job, Version
from governance.catalog.contract import CatalogRefused
from governance.sync import registration
from governance.sync.freshness import look_at_the_oldest
from omdplatform.base.errors import log_without_text
from promptiq.index import routing
from promptiq.index.indexing import drop_unclaimed

log = logging.getLogger(__name__)

# A waiting job that no worker took for this long lost its place in the queue.
LOST_AFTER = timedelta(minutes=2)


class TaskFailed(Exception):
    """What the queue stores of a task that raised: the type of the error, for its text may quote a value."""


def doorway(task: Callable[[str], None]) -> Callable[[str], None]:
    """A task of one id whose errors tell no value to the queue's tables. Raises TaskFailed."""

    @wraps(task)
    def called(item_id: str) -> None:
        try:
            task(item_id)
        except Exception as error:
            log_without_text(error)
            raise TaskFailed(type(error).__name__) from None

    return called


@doorway
def work(job_id: str) -> None:
    """Take a job and work on it for one turn; a job that has ended or is held elsewhere is passed over."""
    job = Job.objects.filter(pk=UUID(job_id)).first()
    if job is None or not job.take():
        return
    run(job, on_yield=enqueue)
    enqueue_next(job)


@doorway
def erase(dataset_id: str) -> None:
    """Remove a deleted dataset everywhere."""
    dataset = Dataset.objects.filter(pk=UUID(dataset_id)).exclude(retired_at=None).first()
    if dataset is not None:
        erasure.erase(dataset)


@doorway
def tell_catalog(dataset_id: str) -> None:
    """Tell the catalog what people decided on a dataset's tags."""
    dataset = Dataset.objects.filter(pk=UUID(dataset_id), retired_at=None).first()
    if dataset is not None:
        registration.tell_catalog(dataset)


def tell_catalog_what_is_owed() -> int:
    """What the catalog was not told yet; how many datasets. One that it refuses keeps no other waiting."""
    owed = Dataset.objects.filter(retired_at=None, columns__catalog_debt__isnull=False).distinct()
    told = 0
    for dataset in owed:
        try:
            told += registration.tell_catalog(dataset)
        except CatalogRefused:
            log.warning("the catalog refused the tags of dataset %s", dataset.pk)
    return told


def tell_catalog_of_files() -> int:
    """Raw files that the catalog was not told of yet; how many. One that is refused keeps none waiting."""
    told = 0
    for version in registration.files_owed():
        try:
            told += registration.register_file(version)
        except CatalogRefused:
            log.warning("the catalog refused the raw file of version %s", version.pk)
    return told


def sweep() -> None:
    """Put right what a crash left behind: jobs without a worker, files without a job, deletes half done."""
    chores = (
        requeue_lost_jobs,
        undo_abandoned,
        queue_rebuilds,
        queue_reembedding,
        discard_old_partials,
        empty_quarantine,
        tell_catalog_what_is_owed,
        tell_catalog_of_files,
        registration.tell_descriptions,
        look_at_the_oldest,
        place_raw_files,
        remove_expired,
        queue_erasures,
        drop_unclaimed,
        routing.keep_in_step,
    )
    for chore in chores:
        try:
            chore()
        except Exception as error:  # a server that is away keeps no other chore from being done
            failure_of(error)
            log.warning("the sweep could not %s; the next one tries again", chore.__name__)


def queue_erasures() -> int:
    """Queue the removal of datasets that were deleted and are still there; how many."""
    deleted = Dataset.objects.exclude(retired_at=None)
    for dataset in deleted:
        queue_erasure(dataset.pk)
    return len(deleted)


def requeue_lost_jobs() -> int:
    """Queue jobs again whose worker vanished or whose task was lost; how many there were."""
    limit = timezone.now() - LOST_AFTER
    lost = Job.objects.filter(state=Job.State.QUEUED, queued_at__lt=limit)
    lost = lost.filter(Q(retry_at=None) | Q(retry_at__lt=limit))
    with transaction.atomic():
        jobs = [*Job.objects.all().abandoned(), *lost]
        for job in jobs:
            Job.objects.filter(pk=job.pk).update(queued_at=timezone.now())
            enqueue(job)
    return len(jobs)


def undo_abandoned() -> int:
    """Take back what versions without an open job and without an end left behind; how many there were."""
    left = Version.objects.exclude(state=Version.State.READY).exclude(
        catalog_id="", raw_key="", parquet_key="", index_state=Version.Index.NONE
    )
    abandoned = list(left.exclude(jobs__in=Job.objects.open()))
    for version in abandoned:
        undo_quietly(version)
    return len(abandoned)


def empty_quarantine() -> int:
    """Remove quarantined files older than QUARANTINE_SECONDS that no open job claims; how many."""
    limit = timezone.now() - timedelta(seconds=settings.QUARANTINE_SECONDS)
    idle = Version.objects.exclude(quarantine_key="").filter(created_at__lt=limit)
    idle = idle.exclude(jobs__in=Job.objects.open())
    removed = 0
    for version in idle:
        storage.quarantine().delete(version.quarantine_key)
        Version.objects.filter(pk=version.pk).update(quarantine_key="")
        removed += 1
    return removed + _remove_unclaimed(limit)


def _remove_unclaimed(limit: datetime) -> int:
    """Files that no version names: left where a process was killed between storing and writing its row."""
    place = storage.quarantine()
    try:
        _, names = place.listdir("")
    except FileNotFoundError:
        return 0
    claimed = set(Version.objects.exclude(quarantine_key="").values_list("quarantine_key", flat=True))
    old = [name for name in names if name not in claimed and place.get_modified_time(name) < limit]
    for name in old:
        place.delete(name)
    return len(old)
