"""Removes versions whose retention period has ended."""

from __future__ import annotations

from django.db import transaction

from datasets.ingestion.upkeep import erasure
from datasets.models import Job, Version
from governance.audit import record
from governance.rights.expiry import expired_versions


def remove_expired() -> int:
    """Delete datasets whose current version has expired, and expired older versions of other datasets.

    Returns how many versions had expired. Safe to repeat.
    """
    expired = list(expired_versions())
    gone = {version.dataset_id for version in expired if version.is_current}
    for version in expired:
        if version.is_current:
            erasure.delete(version.dataset, None, "deleted: its retention ended")
        elif version.dataset_id not in gone:
            _remove_old(version)
    return len(expired)


def _remove_old(version: Version) -> None:
    """Remove an expired older version: files and rows go, decisions about its columns stay."""
    if Job.objects.open().filter(version=version).exists():
        return  # the next sweep removes it
    erasure.remove_stored(version)
    with transaction.atomic():
        record(None, "version deleted: its retention ended", version.dataset_id, version=version.number)
        version.delete()
