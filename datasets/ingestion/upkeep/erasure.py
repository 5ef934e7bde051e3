"""Deletes datasets and versions everywhere: catalog, archive, typed copies, vectors, then the rows."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from datasets import storage
from datasets.ingestion.queue import queue_erasure
from datasets.models import Dataset, Job, Version
from governance.audit import record
from governance.catalog.configured import get_catalog
from governance.sync.registration import retire_file
from promptiq.index import routing
from promptiq.index.indexing import discard_builds


def delete(dataset: Dataset, user: User | None, action: str = "deleted") -> None:
    """Hide the dataset from everyone at once, end its jobs, and queue the removal of all it stored.

    `user`: None if a policy demands it. `action`: its name in the audit log.
    """
    with transaction.atomic():
        dataset.retired_at = timezone.now()
        # The name is free again from now on.
        dataset.table_name = f"deleted-{dataset.pk}"
        dataset.save(update_fields=["retired_at", "table_name"])
        for job in Job.objects.open().filter(dataset=dataset):
            job.cancel("The dataset was deleted.")
        record(user, action, dataset.pk, name=dataset.name, owner=dataset.owner_id)
        queue_erasure(dataset.pk)


def remove_stored(version: Version) -> None:
    """Remove a version's vectors and files, and the files' catalog entries. Safe to repeat."""
    discard_builds(version)
    retire_file(version)
    storage.forget(version)


def erase(dataset: Dataset) -> None:
    """Remove everything of a deleted dataset. Safe to repeat: database rows go last, after everything
    else.
    """
    routing.forget(dataset.pk)
    for version in dataset.versions.all():
        remove_stored(version)
    # A newer dataset of the same name has the same catalog entry.
    held = Version.objects.exclude(dataset=dataset).values("catalog_id")
    mine = dataset.versions.exclude(catalog_id="").exclude(catalog_id__in=held)
    for catalog_id in set(mine.values_list("catalog_id", flat=True)):
        get_catalog().retire(catalog_id)
    dataset.delete()
