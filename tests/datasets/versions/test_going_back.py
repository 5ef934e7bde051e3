"""Going back to a version and deleting one, through the whole pipeline."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User

from datasets import storage
from datasets.ingestion.receiving.uploads import Wish
from datasets.ingestion.tasks import erase_version
from datasets.models import Dataset, Job, Version
from datasets.versions.removing import retire
from datasets.versions.returning import go_back
from governance.models import AuditEvent
from omdplatform.base.errors import Refused
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from tests.ingested import ingest, orders_csv, receive_orders, work_off

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def orders(owner: User, embedder: Embedder, vectors: VectorClient) -> Dataset:
    """Three versions: two files, and a third one behind the second."""
    ingest(owner, orders_csv(10))
    ingest(owner, orders_csv(6, first=20), wish=Wish(on_conflict="new_version"))
    return ingest(owner, orders_csv(5, first=40), wish=Wish(on_conflict="append")).dataset


def goods_of(version: Version) -> list[str]:
    return pq.read_table(storage.local_parquet(version))["email"].to_pylist()  # type: ignore[no-any-return]


def test_going_back_brings_the_content_again(orders: Dataset, owner: User) -> None:
    first, third = orders.versions.get(number=1), orders.versions.get(number=3)
    job = go_back(first, owner)
    work_off(job)
    assert job.state == "succeeded", job.error
    orders.refresh_from_db()
    assert orders.current_version == job.version
    assert (job.version.number, job.version.again) == (4, first)
    assert goods_of(job.version) == goods_of(first)
    assert storage.raw().open(job.version.raw_key).read() == orders_csv(10)
    # And forth, to one that held the rows of two files.
    again = go_back(third, owner)
    work_off(again)
    assert again.state == "succeeded", again.error
    assert goods_of(again.version) == goods_of(third)
    assert again.version.rows == 11
    assert AuditEvent.objects.filter(action="went back", dataset_id=orders.pk).count() == 2


def test_there_is_no_going_back_to_what_is_there(orders: Dataset, owner: User) -> None:
    assert orders.current_version is not None
    with pytest.raises(Refused) as refused:
        go_back(orders.current_version, owner)
    assert refused.value.code == "version-is-current"
    receive_orders(owner, orders_csv(3), wish=Wish(on_conflict="new_version"))
    for act in (go_back, retire):
        with pytest.raises(Refused) as refused:
            act(orders.versions.get(number=1), owner)
        assert refused.value.code == "dataset-busy"


def test_a_version_is_deleted_everywhere(orders: Dataset, owner: User) -> None:
    first, second = orders.versions.get(number=1), orders.versions.get(number=2)
    with pytest.raises(Refused) as refused:
        retire(second, owner)
    assert refused.value.code == "version-is-held"
    retire(first, owner)
    assert list(orders.listed_versions().values_list("number", flat=True)) == [3, 2]
    assert not orders.shown_versions().filter(number=1).exists()
    erase_version(str(first.pk))
    assert not Version.objects.filter(pk=first.pk).exists()
    assert not storage.raw().exists(first.raw_key)
    assert not storage.parquet().exists(first.parquet_key)
    assert orders.columns.count() == 3
    assert goods_of(orders.versions.get(number=3))


def test_a_first_version_is_shown_while_it_is_indexed(
    owner: User, embedder: Embedder, vectors: VectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets.ingestion import pipeline

    seen: list[tuple[str, str]] = []
    index = pipeline.index

    def looked_at_before(job: Job, *rest: object) -> object:
        dataset = Dataset.objects.get(pk=job.dataset_id)
        assert dataset.current_version is not None
        seen.append((dataset.current_version.state, dataset.current_version.index_state))
        assert len(goods_of(dataset.current_version)) == 10
        return index(job, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(pipeline, "index", looked_at_before)
    job = ingest(owner, orders_csv(10))
    assert job.state == "succeeded", job.error
    assert seen == [("ready", "building")]


def test_what_was_shown_and_did_not_end_well_goes(
    owner: User, embedder: Embedder, vectors: VectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datasets.ingestion import pipeline

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(pipeline, "index", broken)
    job = ingest(owner, orders_csv(10))
    assert (job.state, job.version.state, job.dataset.current_version) == ("failed", "failed", None)
    assert (job.version.raw_key, job.version.parquet_key) == ("", "")
    assert not job.version.columns.exists()
    monkeypatch.undo()
