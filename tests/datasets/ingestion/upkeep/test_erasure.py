"""Deletes that delete everywhere: rows, files, vectors to the last byte, whatever was under way."""

import threading
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django_q.models import OrmQ

from datasets.ingestion import pipeline, tasks
from datasets.ingestion.receiving.uploads import Wish, receive
from datasets.ingestion.upkeep import erasure
from datasets.models import Column, Dataset, Job, JobEvent, Version, VersionColumn
from governance.models import AuditEvent, CatalogRecord, Grant, TagDecision
from promptiq import vector_client
from promptiq.ask import ask
from promptiq.index import routing, vector_server
from promptiq.index.embeddings import Embedder, Vectors
from promptiq.vector_client import Entry, VectorClient, version_prefix
from tests.ingested import bytes_below, ingest, order, orders_csv, receive_orders, run_queue

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder")]


@pytest.fixture
def sent() -> Iterator[dict[str, bytes]]:
    """By collection: the first vector that was sent there, byte for byte; by dataset: its routing."""
    vectors: dict[str, bytes] = {}
    upsert, put_entries = VectorClient.upsert, VectorClient.put_entries

    def noted(self: VectorClient, name: str, rows: Sequence[int], given: Vectors) -> None:
        vectors.setdefault(name, given[0].tobytes())
        upsert(self, name, rows, given)

    def noted_entries(self: VectorClient, name: str, entries: Sequence[Entry], given: Vectors) -> None:
        vectors.update((entry.id, vector.tobytes()) for entry, vector in zip(entries, given, strict=True))
        put_entries(self, name, entries, given)

    with (
        patch.object(VectorClient, "upsert", noted),
        patch.object(VectorClient, "put_entries", noted_entries),
    ):
        yield vectors


def any_part_of(vector: bytes, stored: bytes) -> bool:
    """A page of a database may end within the vector."""
    return any(vector[start : start + 64] in stored for start in range(0, len(vector), 64))


def test_nothing_of_a_deleted_dataset_is_left(
    owner: User, settings: LazySettings, tmp_path: Path, sent: dict[str, bytes], embedder: Embedder
) -> None:
    """On the server's disk, too: neither its collections nor the bytes of a vector."""
    settings.DATA_DIR, settings.CHROMA_URL = tmp_path / "data", ""
    with vector_server.running():
        routes = routing.collection_name(embedder.name)
        kept = ingest(owner, name="kept.csv", content=b"goods\n" + b"anvil\nbellows\n" * 10)
        for content in (orders_csv(), orders_csv(60, first=40)):
            job = ingest(owner, content, wish=Wish(on_conflict="new_version"))
        trace = sent[job.version.collection]
        stored = bytes_below(tmp_path)
        assert any_part_of(trace, stored)
        assert any_part_of(sent[str(job.dataset_id)], stored)
        assert order(0)["email"].encode() in stored

        erasure.delete(job.dataset, owner)
        assert ask("oak table", owner, job.dataset).outcome == "not_found"
        run_queue()
        stored = bytes_below(tmp_path)
        assert not any_part_of(trace, stored)
        for path in tmp_path.rglob("data_level0.bin"):
            # Room for 100 vectors, of which two are used at most.
            assert not any(path.read_bytes()[-path.stat().st_size // 2 :])
        assert order(0)["email"].encode() not in stored
        assert job.dataset_id.hex.encode() not in stored
        assert str(job.dataset_id).encode() not in stored
        assert set(vector_client.connect().names()) == {kept.version.collection, routes}
        assert not any_part_of(sent[str(job.dataset_id)], stored)
        assert routing.keep_in_step() == 0
        assert ask("anvil", owner).citations[0].dataset_name == "kept"
    for model in (Dataset, Version):
        assert model.objects.count() == 1, model
    for rows in (JobEvent.objects.exclude(job=kept), Column.objects.exclude(dataset=kept.dataset)):
        assert not rows.exists()
    assert not VersionColumn.objects.exclude(version=kept.version).exists()
    assert not TagDecision.objects.exists()
    assert Grant.objects.count() == 1
    assert list(CatalogRecord.objects.filter(retired_at=None).values_list("pk", flat=True)) == [
        CatalogRecord.objects.get(pk=kept.version.catalog_id).pk
    ]
    assert AuditEvent.objects.filter(action="deleted", dataset_id=job.dataset_id).count() == 1


def test_vectors_that_a_new_version_replaced_leave_the_disk(
    owner: User, settings: LazySettings, tmp_path: Path, sent: dict[str, bytes]
) -> None:
    settings.DATA_DIR, settings.CHROMA_URL = tmp_path / "data", ""
    with vector_server.running():
        first = ingest(owner, b"goods\n" + b"anvil\nbellows\n" * 10)
        trace = sent[first.version.collection]
        assert any_part_of(trace, bytes_below(tmp_path / "data" / "chroma"))
        job = ingest(owner, b"goods\n" + b"chisel\nplane\n" * 10, wish=Wish(on_conflict="new_version"))
        assert not any_part_of(trace, bytes_below(tmp_path / "data" / "chroma"))
        folders = [path for path in (tmp_path / "data" / "chroma" / "data").iterdir() if path.is_dir()]
        assert len(folders) == 2, "its own, and that of what datasets are routed by"
        assert ask("chisel", owner).citations[0].cells == {"goods": "chisel"}
        assert job.version.vectors == 2


def test_a_server_that_is_away_delays_the_erasure(
    owner: User, settings: LazySettings, tmp_path: Path, vectors: VectorClient
) -> None:
    job = ingest(owner)
    erasure.delete(job.dataset, owner)
    with patch.object(settings, "CHROMA_URL", "http://127.0.0.1:9"):
        run_queue()
    assert Dataset.objects.filter(pk=job.dataset_id).exists()
    tasks.sweep()
    run_queue()
    assert not Dataset.objects.exists()
    assert job.version.collection not in vectors.names()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_name_that_was_freed_is_not_erased_with_its_former_dataset(
    owner: User, vectors: VectorClient
) -> None:
    old = ingest(owner)
    erasure.delete(old.dataset, owner)
    OrmQ.objects.all().delete()  # the erasure comes late
    new = ingest(owner, orders_csv(10, first=90))
    assert new.dataset != old.dataset
    tasks.erase(str(old.dataset_id))
    assert CatalogRecord.objects.get(pk=new.version.catalog_id).retired_at is None
    assert ask("oak table", owner).citations


@pytest.mark.parametrize("step", ["register", "archive", "index", "finish"])
def test_a_dataset_that_is_erased_while_its_file_is_worked_on(
    step: str, owner: User, vectors: VectorClient, tmp_path: Path
) -> None:
    """The worker has already begun the step when everything is erased; what it then makes goes, too."""
    job = receive_orders(owner)
    reached, go_on = threading.Event(), threading.Event()
    original = getattr(pipeline, step)

    def wait(*args: object) -> object:
        reached.set()
        assert go_on.wait(120)
        return original(*args)

    def hold() -> None:
        try:
            tasks.work(str(job.pk))
        finally:
            connection.close()

    with patch.object(pipeline, step, wait):
        worker = threading.Thread(target=hold)
        worker.start()
        assert reached.wait(120)
        erasure.delete(Dataset.objects.get(), owner)
        run_queue()
        go_on.set()
        worker.join()
    assert not Dataset.objects.exists()
    assert not Job.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [name for name in vectors.names() if name.startswith(version_prefix(job.version_id))]
    assert not CatalogRecord.objects.filter(retired_at=None).exists()


def test_erasing_twice_is_harmless(owner: User, vectors: VectorClient) -> None:
    job = receive(owner, "orders.csv", BytesIO(orders_csv()), queue=False).job
    erasure.delete(job.dataset, owner)
    for _ in range(2):
        tasks.erase(str(job.dataset_id))
    assert not Dataset.objects.exists()
