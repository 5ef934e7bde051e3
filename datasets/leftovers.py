"""Removes what killed processes left in folders that hold data."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from datasets import storage
from datasets.models import Job, PartialUpload, Version


def empty_quarantine() -> int:
    """Remove quarantined files older than QUARANTINE_SECONDS that no open job claims. Returns how many."""
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
    """Remove files that no version names. A process killed between storing and writing its row leaves
    them.
    """
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


def remove_leftovers() -> int:
    """Remove files and folders on this machine's disk that no living process, upload or version claims.
    Returns how many.
    """
    removed = storage.remove_work_left_behind()
    limit = time.time() - settings.QUARANTINE_SECONDS
    for path in _unclaimed():
        try:
            if path.stat().st_mtime < limit:
                path.unlink()
                removed += 1
        except FileNotFoundError:  # another sweep was faster
            continue
    return removed


def _unclaimed() -> Iterator[Path]:
    """Request bodies, parts of uploads without a row, and incomplete copies for reading."""
    temporary = Path(settings.FILE_UPLOAD_TEMP_DIR)
    yield from (path for path in temporary.glob("*.upload*") if path.is_file())
    claimed = {str(pk) for pk in PartialUpload.objects.values_list("pk", flat=True)}
    yield from (path for path in (temporary / "parts").glob("*") if path.name not in claimed)
    whole = {f"{digest}.parquet" for digest in Version.objects.values_list("parquet_sha256", flat=True)}
    indexed = Version.objects.exclude(collection="").values_list("pk", "parquet_sha256")
    whole |= {storage.words_name(*each) for each in indexed}
    names = ((path, path.name.partition("-")[0]) for path in storage.cache_folder().glob("*"))
    yield from (path for path, name in names if path.is_file() and name not in whole)
