"""A worker process in its turns: entries of another version, being told to stop, the dead next door."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone
from django_q.models import OrmQ, Schedule, Task
from django_q.tasks import async_task

from datasets.ingestion import pipeline, tasks, work_loop
from datasets.ingestion.leases import free_leases_of_the_dead
from datasets.ingestion.queue import enqueue
from datasets.ingestion.upkeep.erasure import delete
from datasets.ingestion.waiting import what_it_waits_for
from datasets.ingestion.work_loop import Turns
from datasets.models import Dataset, Job, Worker
from omdplatform.base import stopping
from omdplatform.base.processes import identity, is_gone
from tests.ingested import ingest, orders_csv, receive_orders, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

OLD_NAMES = ("work", "erase", "tell_catalog", "sweep")


@pytest.fixture(autouse=True)
def not_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopping, "_requested", False)


def until_idle(turns: Turns) -> None:
    turns.take()
    while turns.take():
        pass


def test_a_folder_of_the_version_before_loses_nothing(owner: User) -> None:
    """Its queue and schedules name functions where they were; jobs and deletes are found by the sweep."""
    gone = ingest(owner, orders_csv(7), "gone.csv").dataset
    job = receive_orders(owner)
    delete(gone, owner)
    stale = ingest(owner, orders_csv(9), "stale.csv").version
    type(stale).objects.filter(pk=stale.pk).update(index_state="stale")
    OrmQ.objects.all().delete()
    for name in OLD_NAMES:
        async_task(f"datasets.tasks.{name}", str(job.pk), save=False)
    async_task("datasets.queue.queue_rebuilds", save=False)
    Schedule.objects.create(
        name=f"later {job.pk}", func="datasets.tasks.work", args=repr((str(job.pk),)),
        schedule_type=Schedule.ONCE, next_run=timezone.now(), repeats=-1,
    )  # fmt: skip
    Schedule.objects.update_or_create(
        name="sweep", defaults={"func": "datasets.tasks.sweep", "schedule_type": Schedule.MINUTES}
    )
    Job.objects.update(queued_at=timezone.now() - timedelta(minutes=3))
    until_idle(Turns())
    job.refresh_from_db()
    stale.refresh_from_db()
    assert (job.state, stale.index_state) == ("succeeded", "ready")
    assert not Dataset.objects.filter(pk=gone.pk).exists()
    assert not OrmQ.objects.exists()
    assert not Task.objects.filter(success=False).exists()
    scheduled = set(Schedule.objects.values_list("func", flat=True))
    assert "datasets.ingestion.tasks.sweep" in scheduled
    assert not [func for func in scheduled if func.startswith("datasets.tasks.")]


@pytest.mark.parametrize("step", ["read", "register", "archive", "index", "verify"])
def test_a_worker_that_is_told_to_stop_hands_its_job_back(
    owner: User, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = receive_orders(owner)
    done = getattr(pipeline, step)

    def told_to_stop(*args: object) -> object:
        result = done(*args)
        stopping.request()
        return result

    turns = Turns()
    until_idle(turns)
    async_task("datasets.ingestion.tasks.work", str(job.pk), save=False)
    with patch.object(pipeline, step, told_to_stop), pytest.raises(stopping.Stopping):
        turns.take()
    job.refresh_from_db()
    assert (job.state, job.crashes, job.lease_until) == ("queued", 0, None)
    assert said(job)[-1] == "The worker was stopped. The job continues when a worker runs again."
    monkeypatch.setattr(stopping, "_requested", False)
    until_idle(Turns())
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("succeeded", 0)


def test_a_database_that_was_away_is_no_crash(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it happens: a job is set aside after three crashes."""
    monkeypatch.setattr(work_loop, "LOOK_SECONDS", 0)
    job = receive_orders(owner)
    enqueue(job)
    done, away = pipeline.apply_policies, [OperationalError("database is locked")] * 4

    def locked(job: Job) -> object:
        if away:
            raise away.pop()
        return done(job)

    monkeypatch.setattr(pipeline, "apply_policies", locked)
    turns = Turns()
    for _ in range(10):
        turns.take()
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("succeeded", 0)
    assert said(job).count("The database was unavailable. The job continues.") == 4


def test_a_job_whose_worker_hangs_says_so(owner: User) -> None:
    job = receive_orders(owner)
    job.take()
    Worker.beat()
    assert what_it_waits_for(job) is None
    Worker.objects.update(beat_at=timezone.now() - timedelta(seconds=50))
    hanging = what_it_waits_for(job)
    assert hanging is not None
    assert hanging.reason.startswith("Its worker does not respond.")
    Worker.objects.all().delete()
    assert what_it_waits_for(job) is None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    job.refresh_from_db()
    assert what_it_waits_for(job) == hanging


def test_the_job_of_a_process_that_is_gone_need_not_wait_for_its_lease(owner: User) -> None:
    job = receive_orders(owner)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as neighbour:
        name = identity(neighbour.pid)
        assert job.take()
        Job.objects.update(holder=name)
        assert not is_gone(name)
        assert free_leases_of_the_dead() == 0
        neighbour.kill()
        neighbour.wait()
    assert is_gone(name)
    assert free_leases_of_the_dead() == 1
    tasks.work(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("succeeded", 1)
    assert "Its worker stopped unexpectedly (time 1); it is taken up again." in said(job)
