"""The tasks that workers run: each takes an id and calls one function."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from datasets.ingestion.failures import failure_of
from datasets.ingestion.pipeline import run
from datasets.ingestion.queue import (
    enqueue,
    enqueue_next,
    queue_erasure,
    queue_rebuilds,
    queue_reembedding,
    requeue_takeable,
)
from datasets.ingestion.receiving.partial_uploads import discard_old_partials
from datasets.ingestion.undoing import undo_quietly
from datasets.ingestion.upkeep import erasure
from datasets.ingestion.upkeep.public_files import place_raw_files
from datasets.ingestion.upkeep.retention import remove_expired
from datasets.leftovers import empty_quarantine, remove_leftovers
from datasets.models import Dataset, Job, Version
from datasets.versions import removing
from governance.catalog.contract import CatalogRefused
from governance.sync import registration
from governance.sync.freshness import look_at_the_oldest
from omdplatform.base import liveness, stopping
from omdplatform.base.errors import log_without_text
from promptiq.index import routing
from promptiq.index.indexing import drop_unclaimed
from promptiq.keeping.kept import forget_old_questions
from promptiq.keeping.verified import ask_verified_again

log = logging.getLogger(__name__)


class TaskFailed(Exception):
    """Stands for the error of a task in the queue's tables: its type only, because its text may quote a
    value.
    """


def doorway(task: Callable[[str], None]) -> Callable[[str], None]:
    """Make a task of a function of one id. Its errors reach the queue's tables without values.

    Raises TaskFailed, and Stopping if the worker is told to stop. All tasks are safe to repeat.
    """

    @wraps(task)
    def called(item_id: str) -> None:
        try:
            with stopping.interruptible():
                task(item_id)
        except Exception as error:
            log_without_text(error)
            raise TaskFailed(type(error).__name__) from None

    return called


@doorway
def work(job_id: str) -> None:
    """Take a job and work on it for one turn. A job that has ended or is held elsewhere is skipped."""
    job = Job.objects.filter(pk=UUID(job_id)).first()
    if job is None or not job.take():
        return
    run(job, on_yield=enqueue)
    enqueue_next(job)


@doorway
def erase(dataset_id: str) -> None:
    """Remove a deleted dataset from every store."""
    dataset = Dataset.objects.filter(pk=UUID(dataset_id)).exclude(retired_at=None).first()
    if dataset is not None:
        erasure.erase(dataset)


@doorway
def erase_version(version_id: str) -> None:
    """Remove a deleted version from every store."""
    version = Version.objects.filter(pk=UUID(version_id), state=Version.State.RETIRED).first()
    if version is not None:
        removing.remove(version)


@doorway
def tell_catalog(dataset_id: str) -> None:
    """Send people's decisions about a dataset's tags to the catalog."""
    dataset = Dataset.objects.filter(pk=UUID(dataset_id), retired_at=None).first()
    if dataset is not None:
        registration.tell_catalog(dataset)


def tell_catalog_what_is_owed() -> int:
    """Send the catalog every dataset that it has not got yet. Returns how many. A refused one does not hold
    up the others.
    """
    owed = Dataset.objects.filter(retired_at=None, columns__catalog_debt__isnull=False).distinct()
    told = 0
    for dataset in owed:
        try:
            told += registration.tell_catalog(dataset)
        except CatalogRefused:
            log.warning("the catalog refused the tags of dataset %s", dataset.pk)
    return told


def tell_catalog_of_files() -> int:
    """Register raw files that the catalog does not have yet. Returns how many. A refused one does not hold up
    the others.
    """
    told = 0
    for version in registration.files_owed():
        try:
            told += registration.register_file(version)
        except CatalogRefused:
            log.warning("the catalog refused the raw file of version %s", version.pk)
    return told


def sweep() -> None:
    """Repair what a crash left behind: jobs without a worker, files without a job, unfinished deletions."""
    chores = (
        requeue_lost_jobs,
        undo_abandoned,
        queue_rebuilds,
        queue_reembedding,
        discard_old_partials,
        empty_quarantine,
        remove_leftovers,
        tell_catalog_what_is_owed,
        tell_catalog_of_files,
        registration.tell_descriptions,
        look_at_the_oldest,
        place_raw_files,
        remove_expired,
        queue_erasures,
        drop_unclaimed,
        routing.keep_in_step,
        forget_old_questions,
        ask_verified_again,
    )
    for chore in chores:
        liveness.mark()
        try:
            with stopping.interruptible():
                chore()
        except Exception as error:  # an unavailable service must not hold up the other chores
            failure_of(error)
            log.warning("the sweep could not %s; the next one tries again", chore.__name__)


def queue_erasures() -> int:
    """Queue the removal of deleted datasets and versions that still exist. Returns how many."""
    deleted = Dataset.objects.exclude(retired_at=None)
    for dataset in deleted:
        queue_erasure(dataset.pk)
    versions = Version.objects.filter(state=Version.State.RETIRED, dataset__retired_at=None)
    for version in versions:
        removing.queue_removal(version.pk)
    return len(deleted) + len(versions)


def requeue_lost_jobs() -> int:
    """Queue jobs whose worker crashed or whose queue entry was lost. Returns how many."""
    return requeue_takeable(all_of_them=False)


def undo_abandoned() -> int:
    """Undo versions that have no open job and never ended. Returns how many."""
    left = Version.objects.exclude(state__in=[Version.State.READY, Version.State.RETIRED]).exclude(
        catalog_id="", raw_key="", parquet_key="", index_state=Version.Index.NONE
    )
    abandoned = list(left.exclude(jobs__in=Job.objects.open()))
    for version in abandoned:
        undo_quietly(version)
    return len(abandoned)
