"""Archive: the raw file and its typed copy under keys of their own."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datasets import storage
from datasets.ingestion.steps.fenced_writes import keep
from datasets.models import Dataset, Job, Version
from governance.sync import registration
from omdplatform.base import disk

Step = Job.Step


def archive(job: Job, file: Path, parquet: Path) -> None:
    """Store the raw file and the typed copy under keys of this version only. Each is read back and
    compared.
    """
    job.advance(Step.ARCHIVE, "Archiving raw data…")
    version = job.version
    if not settings.S3_ENDPOINT_URL:
        disk.require(version.size_bytes + parquet.stat().st_size, settings.DATA_DIR)
    raw_key, parquet_key = storage.raw_key(version), storage.parquet_key(version)
    # The keys are written before the files, so that an interruption leaves no file that nothing names.
    keep(job, raw_key=raw_key)
    storage.put(storage.raw(), raw_key, file, version.sha256)
    storage.put(storage.parquet(), parquet_key, parquet, version.parquet_sha256)
    with transaction.atomic():
        keep(job, parquet_key=parquet_key)
        registration.owe_file(version)


def show_while_it_is_indexed(job: Job) -> None:
    """Make a dataset's first version visible before it is indexed: it is governed and stored, so it can be
    read and computed with.

    If the job fails, it is hidden again: see datasets.ingestion.undoing.
    """
    version = job.version
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        if dataset.current_version_id is not None:
            return
        keep(job, state=Version.State.READY, ready_at=timezone.now(), index_state=Version.Index.BUILDING)
        dataset.current_version = version
        dataset.save(update_fields=["current_version", "updated_at"])
    job.dataset.current_version = version.dataset.current_version = version
