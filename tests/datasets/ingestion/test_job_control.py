"""Pausing, resuming, and what a waiting job says that it waits for: in page, API and command alike."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from datasets.ingestion import pipeline
from datasets.ingestion.queue import enqueue, pause, resume
from datasets.ingestion.waiting import what_it_waits_for
from datasets.models import Job, Worker
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import receive_orders, run_queue, said

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_job_that_is_paused_while_it_runs_goes_on_where_it_was(
    owner: User, vectors: VectorClient, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = receive_orders(owner)
    archive = pipeline.archive

    def archive_and_pause(*args: object) -> None:
        archive(*args)  # type: ignore[arg-type]
        assert pause(Job.objects.get(pk=job.pk), owner)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(pipeline, "archive", archive_and_pause)
        assert job.take()
        pipeline.run(job, on_yield=enqueue)
    job.refresh_from_db()
    assert (job.state, job.crashes, job.version.state) == ("queued", 0, "pending")
    assert job.version.parquet_key, "what was done is kept"
    assert not job.take()
    enqueue(job)
    run_queue()
    job.refresh_from_db()
    assert job.state == "queued", "nobody works on a paused job"
    assert not pause(job, owner)
    assert resume(job, owner)
    assert not resume(job, owner)
    run_queue()
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("succeeded", 0)
    assert said(job).count("Reading the file…") == 1
    numbers = list(job.events.values_list("number", flat=True))
    assert numbers == list(range(1, job.last_event + 1))


def test_program_and_page_pause_and_resume(
    owner: User, stranger: User, api: Callable[[User], APIClient]
) -> None:
    job, page = receive_orders(owner), Client()
    page.force_login(owner)
    assert api(stranger).post(f"/api/v1/jobs/{job.pk}/pause").status_code == 404
    paused = api(owner).post(f"/api/v1/jobs/{job.pk}/pause").json()
    assert paused["paused_at"]
    assert paused["waits"]["for"] == "It is paused until somebody resumes it."
    assert api(owner).post(f"/api/v1/jobs/{job.pk}/pause").json()["code"] == "job-not-open"
    shown = page.get(job.get_absolute_url()).content.decode()
    assert "It is paused until somebody resumes it." in shown
    assert ">Resume<" in shown
    assert page.post(f"{job.get_absolute_url()}resume").status_code == 302
    job.refresh_from_db()
    assert job.paused_at is None
    assert ">Pause<" in page.get(job.get_absolute_url()).content.decode()
    assert api(owner).post(f"/api/v1/jobs/{job.pk}/resume").json()["code"] == "job-not-paused"


def test_each_wait_says_what_for(owner: User, api: Callable[[User], APIClient]) -> None:
    before, job = receive_orders(owner, name="before.csv"), receive_orders(owner)
    for one, minutes in ((before, 3), (job, 2)):
        begun = timezone.now() - timedelta(minutes=minutes)
        Job.objects.filter(pk=one.pk).update(created_at=begun)
    job.refresh_from_db()
    waits = what_it_waits_for(job)
    assert waits is not None
    assert (waits.reason[:15], waits.position, waits.seconds) == ("No worker runs.", 2, None)
    Worker.beat()
    now = timezone.now()
    ended = receive_orders(owner, name="ended.csv")
    Job.objects.filter(pk=ended.pk).update(
        state="succeeded", started_at=now - timedelta(seconds=10), finished_at=now
    )
    told = api(owner).get(f"/api/v1/jobs/{job.pk}").json()["waits"]
    assert told == {"for": "It waits for a worker that is free.", "until": None, "position": 2, "seconds": 20}
    assert before.take()
    before.wait(15, "The catalog does not answer. Next try in 15 s.")
    before.refresh_from_db()
    waits = what_it_waits_for(before)
    assert waits is not None
    assert (waits.reason, waits.until) == ("The catalog does not answer. Next try in 15 s.", before.retry_at)
    turn = what_it_waits_for(job)
    assert turn is not None
    assert turn.position == 1, "who waits for something else is not ahead"
    Job.objects.filter(pk=job.pk).update(state="running")
    job.refresh_from_db()
    assert what_it_waits_for(job) is None


def test_the_command_does_the_same(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    job = receive_orders(owner)

    def told(*arguments: str) -> dict[str, object]:
        call_command("job", str(job.pk), *arguments, "--user", "owner")
        return dict(json.loads(capsys.readouterr().out))

    assert told()["waits"] is not None
    assert told("pause")["waits"] == {
        "for": "It is paused until somebody resumes it.", "until": None, "position": None, "seconds": None,
    }  # fmt: skip
    assert told("resume")["state"] == "queued"
    with pytest.raises(CommandError, match="nothing to resume"):
        told("resume")
    assert told("cancel")["state"] == "cancelled"
    assert told("retry")["state"] == "queued"
    with pytest.raises(CommandError, match="no such job"):
        call_command("job", "00000000-0000-0000-0000-000000000000")
