"""What happens to an upload, top to bottom: governed first, only then stored and indexed.

receive → read → profile → classify → apply policies → register in the catalog → archive → index → verify

This module has the order of the steps and the ways in which a job ends; `datasets.ingestion.steps` has the
steps themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction

from datasets import storage
from datasets.ingestion import waiting
from datasets.ingestion.failures import GaveUp, failure_of
from datasets.ingestion.leases import lease_kept
from datasets.ingestion.steps.catalog_step import apply_policies, register, register_file
from datasets.ingestion.steps.columns_step import classify_columns, profile_columns
from datasets.ingestion.steps.fenced_writes import keep
from datasets.ingestion.steps.finishing_step import finish
from datasets.ingestion.steps.indexing_step import index, verify
from datasets.ingestion.steps.reading_step import read, received_file
from datasets.ingestion.steps.storing_step import archive, show_while_it_is_indexed
from datasets.ingestion.undoing import undo_quietly
from datasets.ingestion.upkeep import mending
from datasets.models import Job, LeaseLost, Version
from governance.catalog.contract import CatalogUnavailable
from omdplatform.base.errors import PlatformError, Unavailable, log_without_text
from omdplatform.base.logs import job_id
from omdplatform.base.stopping import Stopping


def run(job: Job, on_yield: Callable[[Job], None] | None = None) -> None:
    """Work on a job that the caller holds, until it ends or has to wait.

    With `on_yield`, indexing stops after INDEX_SLICE_SECONDS, and `on_yield` queues the job again in the same
    transaction. With None, it runs through.

    If a service is unavailable, the job waits. If the database is, the error is raised, and the job is taken
    up again once its lease runs out. Any other error ends the job with a sentence for people and undoes its
    work. Raises Stopping after the job is handed back.
    """
    job_id.set(str(job.pk))
    try:
        with lease_kept(job):
            try:
                _go_through(job, on_yield)
            except (LeaseLost, OperationalError, InterfaceError):
                raise
            except Exception as error:
                _end_or_wait(job, failure_of(error), on_yield)
    except LeaseLost:
        _clean_up_if_cancelled(job)
    except Stopping:
        _hand_back(job, on_yield)
        raise
    finally:
        job_id.set("")


def _end_or_wait(job: Job, failure: PlatformError, on_yield: Callable[[Job], None] | None) -> None:
    """A queued job waits for any service. A command waits for the catalog only: its user is told at once."""
    waits_for = Unavailable if on_yield is not None else CatalogUnavailable
    if not isinstance(failure, waits_for) or not waiting.wait_for(job, failure):
        _fail(job, failure)


def _hand_back(job: Job, on_yield: Callable[[Job], None] | None) -> None:
    """Hand the job back to the queue. If that fails, the next worker sees that this process is gone."""
    try:
        with transaction.atomic():
            job.hand_back("The worker was stopped. The job continues when a worker runs again.")
            if on_yield is not None:
                on_yield(job)
    except LeaseLost:
        return
    except Exception as error:
        log_without_text(error)


def _go_through(job: Job, on_yield: Callable[[Job], None] | None) -> None:
    _refuse_after_crashes(job)
    waiting.look_whether_catalog_is_back(job)
    if job.kind == Job.Kind.REBUILD and not job.cursor and mended(job):
        return
    if not job.version.parquet_key:
        govern_and_store(job)
    if job.kind == Job.Kind.INGEST:
        show_while_it_is_indexed(job)
    if build := index(job, on_yield):
        job.waited_enough()
        verify(job, build)
        finish(job, build)


def govern_and_store(job: Job) -> None:
    """Every step up to the archive. Safe to repeat: a second attempt starts from quarantine."""
    version = job.version
    with received_file(version) as file, storage.work_folder() as folder:
        table = read(job, file, folder / "table.parquet")
        profiles, rows = profile_columns(job, table)
        classify_columns(job, table, profiles, rows)
        apply_policies(job)
        register(job)
        archive(job, file, table.parquet)
        register_file(job)


def mended(job: Job) -> bool:
    """Restore the typed copy if needed. Returns True if the index is good, too: then the job has ended."""
    job.advance(Job.Step.VERIFY, "Looking at what is stored…")
    if mending.mend_typed_copy(job.version):
        job.note("The typed copy was made again from the raw file.")
    if not mending.index_needs_nothing(job):
        return False
    job.finish("Success!")
    return True


def cancel(job: Job, user: User) -> bool:
    """End an open job for a user. Returns False if it had ended already."""
    if not job.cancel(f"Cancelled by {user.get_username()}."):
        return False
    # A worker that holds the job notices at its next write and cleans up. Without one, we clean up here.
    job.version.refresh_from_db()
    _clean_up_if_cancelled(job)
    return True


def _refuse_after_crashes(job: Job) -> None:
    if job.crashes >= settings.JOB_MAX_ATTEMPTS:
        raise GaveUp(
            f"The job was begun {job.crashes} times and its worker stopped unexpectedly each time. "
            "It was set aside."
        )


def _fail(job: Job, failure: PlatformError) -> None:
    """Undo the job's work, then end it, so that a retry starts clean. Raises LeaseLost."""
    job.renew()
    version = job.version
    if job.kind == Job.Kind.INGEST:
        undo_quietly(version)
        if not failure.keep_file and version.quarantine_key:
            storage.quarantine().delete(version.quarantine_key)
            keep(job, quarantine_key="")
    with transaction.atomic():
        if job.kind == Job.Kind.INGEST:
            keep(job, state=Version.State.FAILED)
        else:
            built = Version.objects.filter(pk=job.version_id, index_state=Version.Index.BUILDING)
            built.update(index_state=Version.Index.STALE)
        job.fail(failure.code, failure.sentence())


def _clean_up_if_cancelled(job: Job) -> None:
    """Undo the work of a job that was cancelled, or whose dataset was erased."""
    ended_as = Job.objects.filter(pk=job.pk).values_list("state", flat=True).first()
    begun_again = Job.objects.filter(version_id=job.version_id).open().exists()
    if job.kind == Job.Kind.INGEST and ended_as in {None, Job.State.CANCELLED} and not begun_again:
        undo_quietly(job.version)
