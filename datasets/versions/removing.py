"""Deletes single versions: hidden at once, removed everywhere by a worker."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django_q.tasks import async_task

from datasets.ingestion.upkeep.erasure import remove_stored
from datasets.models import Dataset, Version
from datasets.versions.returning import refuse_while_busy
from governance.audit import record
from omdplatform.base.errors import Refused


def retire(version: Version, user: User) -> None:
    """Hide a version at once and queue its removal. Decisions about its columns stay.

    The caller checks that the user may change the dataset. Raises Refused.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        if dataset.current_version_id == version.pk:
            raise Refused(
                "version-is-current",
                "This is the current version. Go back to another one first, or delete the dataset.",
            )
        refuse_while_busy(dataset)
        if holder := version.additions.filter(state=Version.State.READY).order_by("number").first():
            raise Refused(
                "version-is-held",
                f"Version {holder.number} holds its rows, too. Delete that one first.",
            )
        Version.objects.filter(pk=version.pk).update(state=Version.State.RETIRED)
        record(user, "version deleted", dataset.pk, version=version.number)
        queue_removal(version.pk)


def queue_removal(version_id: UUID) -> None:
    """Queue the removal. Safe to repeat."""
    async_task("datasets.ingestion.tasks.erase_version", str(version_id), save=False)


def remove(version: Version) -> None:
    """Remove a deleted version's files, vectors and rows. Safe to repeat: its row goes last."""
    remove_stored(version)
    version.delete()
