"""A catalog that is away: jobs wait, say so, keep nothing half done, and go on by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from datasets.ingestion import pipeline, tasks
from datasets.ingestion.queue import enqueue, requeue_takeable
from datasets.ingestion.work_loop import Turns
from datasets.models import Job, Version
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import receive_orders, said
from tests.openmetadata_double import running
from tests.openmetadata_double.double import Double

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def catalog(settings: LazySettings) -> Iterator[Double]:
    """An OpenMetadata that tests stop and start."""
    with running(profile="2.0") as double:
        settings.OPENMETADATA_HOST = double.url
        settings.OPENMETADATA_TOKEN = double.bot_token
        settings.OPENMETADATA_TIMEOUT = 5
        yield double


def turn(job: Job) -> Job:
    """One turn of a worker."""
    assert job.take()
    pipeline.run(job, on_yield=enqueue)
    job.refresh_from_db()
    return job


def test_a_job_waits_and_goes_on_by_itself(
    owner: User, catalog: Double, vectors: VectorClient, embedder: Embedder, tmp_path: Path
) -> None:
    job = receive_orders(owner)
    catalog.stop()
    turn(job)
    assert (job.state, job.error) == ("queued", "")
    assert said(job)[-1] == "The catalog does not answer. Nothing is stored meanwhile. Next try in 5 s."
    assert not list((tmp_path / "files" / "raw").rglob("*.csv"))
    assert not job.take(), "before its time nobody takes it"
    assert tasks.requeue_lost_jobs() == 0

    # Still away at the next try: the file is not even read again, and the pause grows.
    Job.objects.update(retry_at=timezone.now(), waiting_since=timezone.now() - timedelta(seconds=60))
    job.refresh_from_db()
    turn(job)
    assert said(job)[-1].endswith("Next try in 60 s.")
    assert said(job).count("Reading the file…") == 1

    catalog.start()
    Job.objects.update(retry_at=timezone.now())
    job.refresh_from_db()
    turn(job)
    assert (job.state, job.waiting_since) == ("succeeded", None)
    assert said(job)[-1] == "Success!"


def test_it_gives_up_after_the_time_that_a_setting_names(
    owner: User, catalog: Double, settings: LazySettings
) -> None:
    settings.CATALOG_WAIT_SECONDS = 600
    job = receive_orders(owner)
    catalog.stop()
    turn(job)
    Job.objects.update(retry_at=None, waiting_since=timezone.now() - timedelta(seconds=601))
    job.refresh_from_db()
    turn(job)
    assert (job.state, job.error_code) == ("failed", "catalog-unavailable")
    assert "Try again" in job.error
    version = Version.objects.get()
    assert (version.state, version.raw_key, version.parquet_key) == ("failed", "", "")
    assert version.quarantine_key, "the file is kept for another try"


def test_the_queue_brings_it_once_its_time_has_come(
    owner: User, catalog: Double, vectors: VectorClient, embedder: Embedder
) -> None:
    """By itself, and not before: nothing is scheduled anywhere but on the job."""
    job = receive_orders(owner)
    catalog.stop()
    turn(job)
    catalog.start()
    assert requeue_takeable(all_of_them=True) == 0, "a job that waits for its time is no lost one"
    Job.objects.update(retry_at=timezone.now(), queued_at=timezone.now() - timedelta(seconds=11))
    turns = Turns()
    turns.take()
    while turns.take():
        pass
    job.refresh_from_db()
    assert job.state == "succeeded"


def test_a_job_waits_for_the_vector_server_and_goes_on(
    owner: User, vectors: VectorClient, embedder: Embedder, settings: LazySettings
) -> None:
    job = receive_orders(owner)
    there = settings.CHROMA_URL
    settings.CHROMA_URL = "http://127.0.0.1:9"
    turn(job)
    assert (job.state, job.error) == ("queued", "")
    assert "vector server at http://127.0.0.1:9 does not answer" in said(job)[-1]
    version = Version.objects.get()
    assert version.parquet_key, "what is governed and stored stays"
    settings.CHROMA_URL = there
    Job.objects.update(retry_at=timezone.now())
    job.refresh_from_db()
    turn(job)
    assert (job.state, job.waiting_since) == ("succeeded", None)
    assert said(job).count("Reading the file…") == 1
