"""A catalog that is away: jobs wait, say so, keep nothing half done, and go on by themselves."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone
from django_q.models import Schedule

from datasets.ingestion import pipeline, tasks
from datasets.ingestion.queue import enqueue
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
    assert said(job)[-1] == "The catalog does not answer. Nothing is stored meanwhile; next try in 15 s."
    assert not list((tmp_path / "files" / "raw").rglob("*.csv"))
    assert Schedule.objects.get(func="datasets.ingestion.tasks.work").next_run == job.retry_at
    assert not job.take(), "before its time nobody takes it"
    assert tasks.requeue_lost_jobs() == 0

    # Still away at the next try: the file is not even read again, and the pause grows.
    Job.objects.update(retry_at=timezone.now(), waiting_since=timezone.now() - timedelta(seconds=60))
    job.refresh_from_db()
    turn(job)
    assert said(job)[-1].endswith("next try in 60 s.")
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


def test_a_schedule_that_was_lost_is_made_up_for(owner: User, catalog: Double) -> None:
    job = receive_orders(owner)
    catalog.stop()
    turn(job)
    Schedule.objects.all().delete()
    Job.objects.update(
        queued_at=timezone.now() - timedelta(hours=1), retry_at=timezone.now() - timedelta(hours=1)
    )
    assert tasks.requeue_lost_jobs() == 1
