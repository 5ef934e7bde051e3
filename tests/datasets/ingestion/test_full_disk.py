"""A full disk: uploads are refused with 507, jobs wait and say so, and nothing half written stays."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from rest_framework.test import APIClient

from datasets.ingestion import pipeline
from datasets.ingestion.queue import enqueue
from datasets.ingestion.receiving.uploads import receive
from datasets.models import Job, Version
from omdplatform.base.disk import DiskFull
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import orders_csv, receive_orders, said

pytestmark = pytest.mark.django_db(transaction=True)
ALL_OF_IT = 2**60


def test_an_upload_is_refused_and_leaves_nothing(
    owner: User, api: Callable[[User], APIClient], settings: LazySettings, tmp_path: Path
) -> None:
    settings.DISK_RESERVE_BYTES = ALL_OF_IT
    file = SimpleUploadedFile("orders.csv", orders_csv())
    answer = api(owner).post("/api/v1/datasets/upload", {"file": file})
    assert (answer.status_code, answer.json()["code"]) == (507, "disk-full")
    assert "An administrator has to make room." in answer.json()["detail"]
    announced = {
        "Tus-Resumable": "1.0.0",
        "Upload-Length": "9",
        "Upload-Metadata": "filename YS5jc3Y=",
    }
    assert api(owner).post("/api/v1/uploads/", headers=announced).status_code == 507
    with pytest.raises(DiskFull):
        receive(owner, "orders.csv", BytesIO(orders_csv()))
    assert not Version.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("step", ["read", "archive", "index"])
def test_a_job_waits_for_room_and_goes_on(
    step: str, owner: User, settings: LazySettings, vectors: VectorClient, embedder: Embedder,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    enough, done = settings.DISK_RESERVE_BYTES, getattr(pipeline, step)

    def full_by_now(*args: object) -> object:
        settings.DISK_RESERVE_BYTES = ALL_OF_IT
        return done(*args)

    job = receive_orders(owner)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(pipeline, step, full_by_now)
        assert job.take()
        pipeline.run(job, on_yield=enqueue)
    job.refresh_from_db()
    assert (job.state, job.crashes) == ("queued", 0)
    assert "disk is full" in said(job)[-1]
    assert "Next try in 5 s." in said(job)[-1]
    assert job.version.quarantine_key, "the file is kept"
    settings.DISK_RESERVE_BYTES = enough
    Job.objects.update(retry_at=timezone.now())
    job.refresh_from_db()
    assert job.take()
    pipeline.run(job, on_yield=enqueue)
    job.refresh_from_db()
    assert job.state == "succeeded"
