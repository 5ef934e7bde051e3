"""What workers do: leases and fences, jobs whose worker vanished, turns, the sweep."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.db import OperationalError, connection
from django.utils import timezone
from django_q.models import OrmQ, Task

from datasets import storage
from datasets.ingestion import pipeline, tasks
from datasets.ingestion.leases import lease_kept
from datasets.ingestion.queue import enqueue, queue_rebuilds
from datasets.ingestion.receiving.uploads import receive, retry
from datasets.models import Job, Version
from governance.curation.decisions import decide
from governance.models import Tag
from promptiq.ask import ask
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import ingest, order, orders_csv, receive_orders, run_queue, said, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]


def let_lease_run_out(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def queued_long_ago(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(queued_at=timezone.now() - timedelta(minutes=3))


Held = tuple[Job, threading.Event, threading.Thread]


@pytest.fixture
def held_in_archive(owner: User) -> Iterator[Held]:
    """A job whose first worker stands still right before it archives, until the event is set."""
    reached, go_on = threading.Event(), threading.Event()
    archive = pipeline.archive

    def wait_once(*args: object) -> None:
        if not reached.is_set():
            reached.set()
            assert go_on.wait(120)
        archive(*args)  # type: ignore[arg-type]

    def hold() -> None:
        try:
            tasks.work(str(job.pk))
        finally:
            connection.close()

    job = receive_orders(owner)
    worker = threading.Thread(target=hold)
    with patch.object(pipeline, "archive", wait_once):
        worker.start()
        assert reached.wait(120)
        try:
            yield job, go_on, worker
        finally:
            go_on.set()
            worker.join()


def test_a_job_is_taken_over_and_its_old_holder_writes_nothing(held_in_archive: Held) -> None:
    job, go_on, old_holder = held_in_archive
    tasks.work(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.fence) == ("running", 1)  # while the lease holds nobody else works on it
    let_lease_run_out(job)
    assert tasks.requeue_lost_jobs() == 1
    run_queue()
    job.refresh_from_db()
    assert (job.state, job.fence, job.crashes) == ("succeeded", 2, 1)
    events = list(job.events.values())
    version = Version.objects.filter(pk=job.version_id).values().get()
    go_on.set()
    old_holder.join()
    job.refresh_from_db()
    assert (job.state, job.error) == ("succeeded", "")
    assert list(job.events.values()) == events
    assert Version.objects.filter(pk=job.version_id).values().get() == version
    assert [event["number"] for event in events] == list(range(1, job.last_event + 1))
    assert storage.sha256_stored(storage.raw(), version["raw_key"]) == version["sha256"]


def test_an_old_holder_that_fails_late_fails_nothing(held_in_archive: Held) -> None:
    job, go_on, old_holder = held_in_archive
    let_lease_run_out(job)
    with patch.object(pipeline, "archive", side_effect=OSError("no disk")):
        # The new holder has it in hand while the old one fails.
        assert Job.objects.get(pk=job.pk).take()
        go_on.set()
        old_holder.join()
    job.refresh_from_db()
    assert (job.state, job.fence, job.version.state) == ("running", 2, "pending")
    assert Version.objects.get(pk=job.version_id).catalog_version == "1"


def test_the_lease_is_renewed_while_a_step_takes_its_time(owner: User, settings: LazySettings) -> None:
    settings.JOB_LEASE_SECONDS = 4
    job = receive_orders(owner)
    assert job.take()
    with lease_kept(job):
        threading.Event().wait(5)
        assert not Job.objects.get(pk=job.pk).take()
    job.advance(Job.Step.READ)


def test_a_job_whose_worker_vanishes_each_time_is_set_aside(owner: User, settings: LazySettings) -> None:
    job = receive_orders(owner)
    for _ in range(settings.JOB_MAX_ATTEMPTS):
        assert Job.objects.get(pk=job.pk).take()
        let_lease_run_out(job)
    assert tasks.requeue_lost_jobs() == 1
    run_queue()
    job.refresh_from_db()
    assert (job.state, job.error_code, job.crashes) == ("failed", "failed", 3)
    assert job.error == said(job)[-1]
    assert "begun 3 times and its worker stopped unexpectedly each time" in job.error
    assert Version.objects.get(pk=job.version_id).state == "failed"
    tasks.requeue_lost_jobs()
    assert not OrmQ.objects.exists()
    again = retry(job, owner)
    run_queue()
    again.refresh_from_db()
    assert (again.state, again.crashes) == ("succeeded", 0)


def test_a_worker_that_vanished_after_the_archive_is_gone_on_with(owner: User) -> None:
    job = receive_orders(owner)
    assert job.take()
    pipeline.govern_and_store(job)
    read = Version.objects.get(pk=job.version_id)
    let_lease_run_out(job)
    tasks.work(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("succeeded", 1)
    assert said(job).count("Reading the file…") == 1
    assert Version.objects.get(pk=job.version_id).parquet_sha256 == read.parquet_sha256


def test_indexing_gives_up_its_turn_and_goes_on(
    owner: User, settings: LazySettings, vectors: VectorClient
) -> None:
    """Three batches, a turn each; the number of vectors is that of one turn."""
    settings.INDEX_SLICE_SECONDS = 0
    job = receive(owner, "orders.csv", _orders(1_200)).job
    run_queue()
    job.refresh_from_db()
    assert (job.state, job.fence) == ("succeeded", 3)
    assert said(job).count("Building semantic index…") == 1
    counted = [event.rows_done for event in job.events.filter(step="index").exclude(rows_done=None)]
    # A slow machine tells some of them twice: within a step, and at the end of the turn.
    assert [rows for rows in dict.fromkeys(counted) if rows != 1_200] == [0, 512, 1_024]
    assert job.version.vectors == vectors.count(job.version.collection) == 30
    assert job.version.indexed_rows == 1_200


def test_a_task_that_was_lost_is_queued_again(owner: User) -> None:
    job = receive_orders(owner)
    assert tasks.requeue_lost_jobs() == 0
    queued_long_ago(job)
    assert tasks.requeue_lost_jobs() == 1
    assert tasks.requeue_lost_jobs() == 0
    run_queue()
    job.refresh_from_db()
    assert job.state == "succeeded"


def test_a_tag_that_tightens_closes_the_index_until_the_queue_rebuilt_it(
    owner: User, steward: User, vectors: VectorClient
) -> None:
    job = ingest(owner)
    old = job.version.collection
    decide(job.dataset.columns.get(key="goods"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    assert ask("something made of wood", owner, job.dataset).outcome == "not_indexed"
    assert queue_rebuilds() == 1
    assert queue_rebuilds() == 0
    run_queue()
    version = Version.objects.get(pk=job.version_id)
    assert (version.index_state, version.state, version.vectors) == ("ready", "ready", 5)
    assert old not in vectors.names()
    assert ask("oak table", owner, job.dataset).outcome == "answered"


def test_a_rebuild_waits_for_the_vector_server(owner: User, settings: LazySettings) -> None:
    job = ingest(owner)
    Version.objects.filter(pk=job.version_id).update(index_state="stale")
    queue_rebuilds()
    with patch.object(settings, "CHROMA_URL", "http://127.0.0.1:9"):
        run_queue()
    rebuild = Job.objects.get(kind="rebuild")
    assert (rebuild.state, rebuild.error_code) == ("queued", "")
    version = Version.objects.get(pk=job.version_id)
    assert (version.state, version.index_state, version.is_current) == ("ready", "building", True)
    assert storage.raw().exists(version.raw_key)
    Job.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    queued_long_ago(rebuild)
    tasks.sweep()
    run_queue()
    version.refresh_from_db()
    assert version.index_state == "ready"


def test_the_queue_is_told_ids_and_no_values(owner: User, caplog: pytest.LogCaptureFixture) -> None:
    """Not even where an error that nobody foresaw quotes a cell."""
    caplog.set_level(0)
    secret = order(0)["email"]
    receive(owner, "orders.csv", _orders(40))
    queued = OrmQ.objects.get().task
    assert [str(item) for item in queued["args"]] == [str(Job.objects.get().pk)]
    with patch.object(tasks, "run", side_effect=ValueError(f"bad value {secret}")):
        run_queue()
    (task,) = Task.objects.all()
    assert (task.success, "TaskFailed: ValueError" in task.result) == (False, True)
    assert secret not in task.result + str(Task.objects.values()) + caplog.text


def test_a_database_that_is_away_is_no_failure_of_the_job(owner: User) -> None:
    """The lease runs out, and the next worker goes on."""
    job = receive_orders(owner)
    with (
        patch.object(Job, "advance", side_effect=OperationalError("database is locked")),
        patch.object(Job, "renew", side_effect=OperationalError("database is locked")),
        pytest.raises(tasks.TaskFailed),
    ):
        tasks.work(str(job.pk))
    let_lease_run_out(job)
    tasks.work(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("succeeded", 1)


def test_the_sweep_clears_what_nothing_points_to(
    owner: User, settings: LazySettings, vectors: VectorClient, embedder: Embedder
) -> None:
    job = ingest(owner)
    kept, waiting = job.version.collection, receive_orders(owner, orders_csv(5), "five.csv")
    prefix = f"v-{job.version_id.hex}-"
    begun = f"v-{waiting.version_id.hex}-00000000-0000000000000000"
    for name in (f"{prefix}00000000-0000000000000000", begun, "somebody-else"):
        vectors.create(name)
    stray = storage.quarantine().save("stray", ContentFile(b"x"))
    settings.QUARANTINE_SECONDS = -1
    tasks.sweep()
    names = vectors.names()
    assert {kept, begun, "somebody-else"} <= set(names)
    assert f"{prefix}00000000-0000000000000000" not in names
    assert not storage.quarantine().exists(stray)
    assert storage.quarantine().exists(waiting.version.quarantine_key)


def test_one_chore_that_fails_keeps_no_other_from_being_done(owner: User, settings: LazySettings) -> None:
    job = receive_orders(owner)
    queued_long_ago(job)
    stray = storage.quarantine().save("stray", ContentFile(b"x"))
    settings.QUARANTINE_SECONDS = -1
    with (
        patch.object(settings, "CHROMA_URL", "http://127.0.0.1:9"),
        patch.object(tasks, "undo_quietly", side_effect=OSError),
    ):
        Version.objects.create(
            dataset=job.dataset, number=9, created_by=owner, filename="a.csv", size_bytes=1, state="failed",
            index_state="building",
        )  # fmt: skip
        tasks.sweep()
    assert not storage.quarantine().exists(stray)
    assert OrmQ.objects.exists()


def test_a_job_that_has_ended_is_passed_over(owner: User) -> None:
    job = receive_orders(owner)
    enqueue(job)
    work_off(job)
    run_queue()
    job.refresh_from_db()
    assert (job.state, job.fence) == ("succeeded", 1)


def _orders(rows: int) -> BytesIO:
    return BytesIO(orders_csv(rows))
