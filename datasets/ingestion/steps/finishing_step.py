"""Finish: make the version current, write its receipt, and remove what it replaces."""

from __future__ import annotations

import logging
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.utils import timezone

from datasets import storage
from datasets.ingestion.failures import failure_of
from datasets.ingestion.steps.fenced_writes import keep
from datasets.models import Dataset, Job, Version
from governance.rights.access import access_of, tags_of
from promptiq.index import postings, routing
from promptiq.index.indexing import IndexBuild, drop_collections

log = logging.getLogger(__name__)


def finish(job: Job, build: IndexBuild) -> None:
    """Make the version current and end the job, in one transaction. Then remove what it replaces."""
    version = job.version
    replaced = {version.collection} - {build.collection}
    quarantined = version.quarantine_key
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        before = dataset.current_version
        # If tags or policies changed during indexing, the index stays closed until it is rebuilt.
        fits = access_of(version).fingerprint() == build.fingerprint
        keep(
            job,
            state=Version.State.READY,
            ready_at=version.ready_at or timezone.now(),
            index_state=Version.Index.READY if fits else Version.Index.STALE,
            collection=build.collection,
            policy_fingerprint=build.fingerprint,
            embedding_name=build.embedding.name,
            embedding_model=build.embedding.model,
            embedding_url=build.embedding.url,
            indexed_rows=build.rows_done,
            vectors=build.vectors,
            vector_sums=build.sums,
            quarantine_key="",
        )
        # An older version that finishes later does not replace a newer one.
        if before is None or before.number < version.number:
            dataset.current_version = version
            dataset.save(update_fields=["current_version", "updated_at"])
            if before is not None:
                replaced.add(before.collection)
                Version.objects.filter(pk=before.pk).update(
                    collection="", vectors=0, indexed_rows=0, index_state=Version.Index.NONE
                )
        job.finish("Success!")
        Version.objects.filter(pk=version.pk).update(receipt=receipt(job, build))
    if before is not None and before.number < version.number:
        postings.discard(before)
    _drop(replaced - {""}, quarantined)
    routing.write_quietly(version.dataset_id)


def receipt(job: Job, build: IndexBuild) -> dict[str, Any]:
    """What was done: {"dataset", "version", "job", "file", "rows", "columns", "tags", "classifier",
    "catalog", "storage", "index", "seconds"}. The seconds of each step come from the job's events.
    """
    version = job.version
    tags = tags_of(version)
    return {
        "dataset": str(version.dataset_id),
        "version": version.number,
        "job": str(job.pk),
        "file": {"name": version.filename, "bytes": version.size_bytes, "sha256": version.sha256},
        "rows": version.rows,
        "columns": len(tags),
        "tags": {name: list(held) for name, held in tags.items() if held},
        "classifier": version.classifier_version,
        "catalog": {
            "id": version.catalog_id,
            "name": version.catalog_fqn,
            "version": version.catalog_version,
        },
        "storage": {"raw": version.raw_key, "parquet": version.parquet_key},
        "index": {
            "collection": build.collection,
            "vectors": build.vectors,
            "rows": build.rows_done,
            "policies": build.fingerprint,
            "embedding": build.embedding.name,
        },
        "seconds": _seconds_by_step(job),
    }


def _seconds_by_step(job: Job) -> dict[str, float]:
    moments = list(job.events.order_by("number").values_list("step", "at"))
    seconds: dict[str, float] = {}
    for (step, begun), (_, ended) in pairwise(moments):
        seconds[step] = round(seconds.get(step, 0.0) + (ended - begun).total_seconds(), 3)
    return seconds


def _drop(collections: set[str], quarantined: str) -> None:
    """Remove replaced collections and the quarantined file. A failure here does not fail the job."""
    try:
        if quarantined:
            storage.quarantine().delete(quarantined)
        if collections:
            drop_collections(sorted(collections))
    except Exception as error:
        failure_of(error)
        log.warning("left over for the next sweep: %d collections", len(collections))
