"""Index and verify: embed the rows, then check everything that was stored."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow.parquet as pq
from django.conf import settings
from django.db import transaction

from datasets import storage
from datasets.ingestion.catalog_samples import show_sample
from datasets.ingestion.steps.fenced_writes import Progress
from datasets.models import Job, Version
from governance.rights.access import access_of
from omdplatform.base import disk
from promptiq.index import postings
from promptiq.index.indexing import IndexBuild

Step = Job.Step


def index(job: Job, on_yield: Callable[[Job], None] | None) -> IndexBuild | None:
    """Build the search index. Returns None if the time slice ended first."""
    version = job.version
    access = access_of(version)
    build = IndexBuild(version, storage.local_parquet(version), access, job.cursor)
    if not settings.CHROMA_URL:
        # Each vector is written twice: to the log and to the index.
        disk.require(2 * 4 * build.embedder.dimensions * build.rows_total, settings.DATA_DIR)
    if not job.cursor:
        job.advance(Step.INDEX, "Building semantic index…", done=0, total=build.rows_total)
        _close_unless_it_fits(job)
        show_sample(job)
    seconds = settings.INDEX_SLICE_SECONDS if on_yield else None
    progress = Progress(job, Step.INDEX, build.rows_total)
    if not build.run(seconds, progress):
        with transaction.atomic():
            job.advance(Step.INDEX, done=build.rows_done, total=build.rows_total)
            job.yield_turn(build.cursor())
            if on_yield:
                on_yield(job)
        return None
    postings.prepare(version, access, lambda _: progress(build.rows_total))
    return build


def _close_unless_it_fits(job: Job) -> None:
    """Close the index, unless it fits its tags and only the embedding changes: then it answers until the
    swap.
    """
    with transaction.atomic():
        job.renew()
        closed = Version.objects.filter(pk=job.version_id).exclude(index_state=Version.Index.READY)
        closed.update(index_state=Version.Index.BUILDING)
    job.version.refresh_from_db(fields=["index_state"])


def verify(job: Job, build: IndexBuild) -> None:
    """Check that the stored files exist and are complete, and that the index holds every vector."""
    job.advance(Step.VERIFY, "Verifying…")
    version = job.version
    build.verify()
    # The file may have been moved meanwhile: see datasets.ingestion.upkeep.public_files.
    version.refresh_from_db(fields=["raw_key"])
    if not storage.raw().exists(version.raw_key):
        raise storage.StorageMismatch(f"The raw file is not under {version.raw_key}.")
    if pq.ParquetFile(storage.local_parquet(version)).metadata.num_rows != version.rows:
        raise storage.StorageMismatch(f"The typed copy under {version.parquet_key} has lost rows.")
