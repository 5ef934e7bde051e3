"""Undoes what a failed version has registered, stored and indexed."""

from __future__ import annotations

import logging

from django.db import transaction

from datasets import storage
from datasets.ingestion.failures import failure_of
from datasets.models import Dataset, Job, Version
from governance.sync.registration import retire_file, unregister
from promptiq.index.indexing import discard_builds

log = logging.getLogger(__name__)


def undo(version: Version) -> None:
    """Remove everything of a version except its row and its quarantined file. Safe to repeat. Does nothing
    for a ready version.

    `version` may know more than its row, because a job can be cancelled in the middle of a step.
    """
    row = Version.objects.filter(pk=version.pk)
    with transaction.atomic():
        hide_unless_it_ended_well(version)
        if row.filter(state=Version.State.READY).exists():
            return
    # From here on a retry starts from quarantine, even if the rest of this function fails.
    row.update(state=Version.State.FAILED, parquet_key="")
    if version.catalog_id:
        unregister(version)
    retire_file(version)
    # Use the keys that it would have: a file may be stored before its row says so.
    storage.raw().delete(storage.raw_key(version))
    storage.parquet().delete(storage.parquet_key(version))
    row.update(raw_key="", collection="", vectors=0, catalog_id="", catalog_fqn="", catalog_version="")
    # Profiles contain values.
    version.columns.all().delete()
    if version.index_state != Version.Index.NONE:
        discard_builds(version)
        row.update(index_state=Version.Index.NONE)


def hide_unless_it_ended_well(version: Version) -> None:
    """Hide a version that was shown while it was indexed and whose job failed."""
    ingests = version.jobs.filter(kind=Job.Kind.INGEST)
    if not ingests.exists() or ingests.filter(state=Job.State.SUCCEEDED).exists():
        return
    Dataset.objects.filter(current_version=version.pk).update(current_version=None)
    shown = Version.objects.filter(pk=version.pk, state=Version.State.READY)
    shown.update(state=Version.State.PENDING, ready_at=None)


def undo_quietly(version: Version) -> None:
    """As undo, but errors are only logged: the next sweep tries again."""
    try:
        undo(version)
    except Exception as error:
        failure_of(error)
        log.warning("version %s is not undone yet; the next sweep tries again", version.pk)
