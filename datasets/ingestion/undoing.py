"""Taking back what a version that did not end well had registered, stored and indexed."""

from __future__ import annotations

import logging

from datasets import storage
from datasets.ingestion.failures import failure_of
from datasets.models import Version
from governance.sync.registration import retire_file, unregister
from promptiq.index.indexing import discard_builds

log = logging.getLogger(__name__)


def undo(version: Version) -> None:
    """Leave of the version only its row and its quarantined file. Safe to repeat; nothing where it is ready.

    `version` may know more than its row: a job may be ended while a step is under way.
    """
    row = Version.objects.filter(pk=version.pk)
    if row.filter(state=Version.State.READY).exists():
        return
    # From here on a retry begins again from quarantine, however far the rest gets.
    row.update(state=Version.State.FAILED, parquet_key="")
    if version.catalog_id:
        unregister(version)
    retire_file(version)
    # Under the keys it would have, for a file may be there before the row says so.
    storage.raw().delete(storage.raw_key(version))
    storage.parquet().delete(storage.parquet_key(version))
    row.update(raw_key="", collection="", vectors=0, catalog_id="", catalog_fqn="", catalog_version="")
    # Profiles hold values.
    version.columns.all().delete()
    if version.index_state != Version.Index.NONE:
        discard_builds(version)
        row.update(index_state=Version.Index.NONE)


def undo_quietly(version: Version) -> None:
    """What cannot be undone now, because a server is away, is undone by the next sweep."""
    try:
        undo(version)
    except Exception as error:
        failure_of(error)
        log.warning("version %s is not undone yet; the next sweep tries again", version.pk)
