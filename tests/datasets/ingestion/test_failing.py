"""A step that fails or a job that is cancelled: a clear sentence, nothing half-done, and a retry works."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from datasets import storage
from datasets.ingestion import pipeline, tasks
from datasets.ingestion.receiving.uploads import UploadRefused, Wish, retry
from datasets.models import Dataset, Job, Version, VersionColumn
from governance.models import CatalogRecord
from promptiq.ask import ask
from promptiq.vector_client import VectorClient, version_prefix
from tests.ingested import ingest, orders_csv, orders_parquet, receive_orders, said, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

NEW_VERSION = Wish(on_conflict="new_version")
SECRET = "maria.lopez.7@post.example"
# Another header, so that the catalog's document tells the versions apart.
OTHER = b"email,goods,weight\n" + f"{SECRET},anvil,40\n".encode() * 20


class LossyStorage(FileSystemStorage):
    """Loses the end of every file, as a disk that is full may."""

    def _save(self, name: str, content: Any) -> str:
        return super()._save(name, ContentFile(content.read()[:-1]))


def refuse_in_catalog(settings: LazySettings, tmp_path: Path) -> None:
    settings.CLASSIFICATION_TAGS = {"EMAIL": ("PII.Sensitive", "PII.NonSensitive")}


def lose_bytes(settings: LazySettings, tmp_path: Path) -> None:
    lossy = {
        "BACKEND": "tests.datasets.ingestion.test_failing.LossyStorage",
        "OPTIONS": {"location": tmp_path / "lossy"},
    }
    settings.STORAGES = {**settings.STORAGES, "raw": lossy}


def block_archive(settings: LazySettings, tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("a file where a folder should be")
    blocked = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": tmp_path / "blocked"},
    }
    settings.STORAGES = {**settings.STORAGES, "parquet": blocked}


def stop_vectors(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "no-server"
    settings.DATA_DIR.mkdir()


def lose_vectors(settings: LazySettings, tmp_path: Path) -> None:
    settings.CHROMA_URL = "http://127.0.0.1:9"


Break = Callable[[LazySettings, Path], None]


def nothing_half_done(version: Version, vectors: VectorClient, tmp_path: Path) -> bool:
    version.refresh_from_db()
    files = [path for path in tmp_path.rglob("*") if path.is_file() and str(version.pk) in str(path)]
    fields = (version.raw_key, version.parquet_key, version.collection, version.catalog_id)
    collections = [name for name in vectors.names() if name.startswith(version_prefix(version.pk))]
    profiles = VersionColumn.objects.filter(version=version)
    return version.state == "failed" and not any(fields) and not files and not collections and not profiles


@pytest.mark.parametrize(
    ("broken", "code", "sentence"),
    [
        (refuse_in_catalog, "catalog-refused", "tags of PII exclude each other"),
        (lose_bytes, "failed", "The storage gave back other bytes"),
        (block_archive, "internal-error", "what had been done was undone"),
        (stop_vectors, "vectors-unavailable", "The vector server is not running"),
        (lose_vectors, "vectors-unavailable", "http://127.0.0.1:9 does not answer"),
    ],
)
def test_a_step_that_fails(
    broken: Break, code: str, sentence: str, owner: User, vectors: VectorClient, tmp_path: Path,
    settings: LazySettings, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    first = ingest(owner)
    document = CatalogRecord.objects.get().document
    second = receive_orders(owner, OTHER, wish=NEW_VERSION)
    working = {
        name: getattr(settings, name)
        for name in ("STORAGES", "CLASSIFICATION_TAGS", "DATA_DIR", "CHROMA_URL")
    }
    broken(settings, tmp_path)
    work_off(second)
    for name, value in working.items():
        setattr(settings, name, value)

    assert (second.state, second.error_code) == ("failed", code)
    assert sentence in second.error == said(second)[-1]
    numbers = list(second.events.values_list("number", flat=True))
    assert numbers == list(range(1, second.last_event + 1))
    assert SECRET not in str(list(second.events.values())) + second.error + caplog.text
    assert CatalogRecord.objects.get().document == document
    if broken is block_archive:
        # What cannot be written to cannot be cleared: the sweep does it once the storage is back.
        assert tasks.undo_abandoned() == 1
    assert nothing_half_done(second.version, vectors, tmp_path)
    assert Dataset.objects.get().current_version == first.version
    assert ask("a table made of oak", owner).citations[0].version == 1

    again = retry(second, owner)
    work_off(again)
    assert (again.state, again.version, again.version.is_current) == ("succeeded", second.version, True)
    columns = CatalogRecord.objects.get().document["columns"]
    assert [column["name"] for column in columns] == ["email", "goods", "weight"]


@pytest.mark.parametrize(
    ("damage", "name", "code", "sentence"),
    [
        (lambda _: orders_csv() + f"{SECRET},a,1,2\n".encode(), "orders.csv", "ragged-row", "Row 41 has 4"),
        (lambda path: orders_parquet(path)[:-400] + b"PAR1", "orders.parquet", "damaged-parquet", "cut off"),
    ],
)  # fmt: skip
def test_a_damaged_file(
    damage: Callable[[Path], bytes], name: str, code: str, sentence: str, owner: User, vectors: VectorClient,
    tmp_path: Path, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    job = ingest(owner, damage(tmp_path / "orders.parquet"), name)
    assert (job.state, job.error_code, job.step) == ("failed", code, "read")
    assert sentence in job.error
    assert SECRET not in job.error + caplog.text + str(list(job.events.values()))
    assert nothing_half_done(job.version, vectors, tmp_path)
    assert not CatalogRecord.objects.exists()
    assert storage.quarantine().listdir("")[1] == []
    with pytest.raises(UploadRefused, match="not kept any more"):
        retry(job, owner)
    whole = ingest(owner, name=name.replace("parquet", "csv"))
    assert (whole.state, whole.dataset, whole.version.number) == ("succeeded", job.dataset, 2)


def test_a_first_version_that_fails_is_retired_from_the_catalog(
    owner: User, settings: LazySettings, tmp_path: Path, vectors: VectorClient
) -> None:
    job = receive_orders(owner)
    folder = settings.DATA_DIR
    stop_vectors(settings, tmp_path)
    work_off(job)
    assert CatalogRecord.objects.get().retired_at
    # What the server holds of it cannot be dropped while it is away: the sweep does so later.
    assert job.version.index_state == "building"
    settings.DATA_DIR = folder
    assert tasks.undo_abandoned() == 1
    assert nothing_half_done(job.version, vectors, tmp_path)
    assert tasks.undo_abandoned() == 0
    work_off(retry(job, owner))
    assert CatalogRecord.objects.get().retired_at is None


def test_cancelling_what_waits(owner: User, vectors: VectorClient, tmp_path: Path) -> None:
    job = receive_orders(owner)
    assert pipeline.cancel(job, owner)
    assert not pipeline.cancel(job, owner)
    assert said(job)[-1] == "Cancelled by owner."
    assert not Job.objects.get(pk=job.pk).take()
    assert nothing_half_done(job.version, vectors, tmp_path)
    again = retry(job, owner)
    work_off(again)
    assert again.state == "succeeded"


@pytest.mark.parametrize("step", ["register", "archive", "index", "verify"])
def test_cancelling_while_a_step_is_under_way(
    step: str, owner: User, vectors: VectorClient, tmp_path: Path
) -> None:
    """Cancelled within the step, whose effect comes after the canceller has cleaned up."""
    first = ingest(owner)
    document = CatalogRecord.objects.get().document
    job = receive_orders(owner, OTHER, wish=NEW_VERSION)
    advance = Job.advance

    def cancelled_then(self: Job, entered: Job.Step, *args: Any, **kwargs: Any) -> None:
        advance(self, entered, *args, **kwargs)
        if entered == step and self.is_open:
            pipeline.cancel(Job.objects.get(pk=self.pk), owner)

    with patch.object(Job, "advance", cancelled_then):
        work_off(job)
    assert (job.state, said(job)[-1]) == ("cancelled", "Cancelled by owner.")
    assert nothing_half_done(job.version, vectors, tmp_path)
    assert CatalogRecord.objects.get().document == document
    assert Dataset.objects.get().current_version == first.version
    again = retry(job, owner)
    work_off(again)
    assert again.state == "succeeded"
