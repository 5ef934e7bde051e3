"""What is lost or changed behind our back is noticed where it is read, told in its own words, and mended."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from datasets import damage, storage
from datasets.ingestion.queue import queue_rebuilds
from datasets.ingestion.receiving.uploads import Wish, receive
from datasets.models import Job
from promptiq.ask import ask
from promptiq.vector_client import VectorClient
from tests.ingested import ingest, orders_csv, run_queue, said

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

HOW_MANY, WHICH = "What is the average amount?", "something cosy made of wool"
Damage = Callable[[Path], None]


def flip_a_byte(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def halve(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def put_another_file(path: Path) -> None:
    """A well-formed one, in which every amount is 1."""
    table = pq.read_table(path)
    place = table.schema.get_field_index("amount")
    ones = pa.array([1] * table.num_rows, table.schema.field("amount").type)
    pq.write_table(table.set_column(place, table.schema.field("amount"), ones), path)


def remove(path: Path) -> None:
    path.unlink()


@pytest.fixture
def job(owner: User) -> Job:
    return ingest(owner)


def typed(job: Job) -> Path:
    return Path(storage.parquet().path(job.version.parquet_key))


def raw(job: Job) -> Path:
    return Path(storage.raw().path(job.version.raw_key))


@pytest.mark.parametrize("harm", [flip_a_byte, halve, put_another_file, remove])
def test_a_damaged_typed_copy_is_told_of_and_made_anew(
    harm: Damage, job: Job, owner: User, api: Callable[[User], APIClient]
) -> None:
    before = ask(HOW_MANY, owner, job.dataset)
    stored = typed(job).read_bytes()
    harm(typed(job))
    program = api(owner)
    rows = f"/api/v1/datasets/{job.dataset_id}/rows"
    for answer in (
        program.post("/api/v1/ask", {"question": HOW_MANY, "dataset": str(job.dataset_id)}, format="json"),
        program.get(rows),
    ):
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert answer.json()["code"] == "typed-copy-damaged"
        assert "being mended" in answer.json()["detail"]
    (mending,) = Job.objects.filter(kind="rebuild")
    run_queue()
    mending.refresh_from_db()
    assert mending.state == "succeeded", mending.error
    assert typed(job).read_bytes() == stored
    assert ask(HOW_MANY, owner, job.dataset).values == before.values
    assert program.get(rows).json()["total"] == 40
    assert not [text for text in said(mending) if "index" in text.lower()], "the index was whole"


def test_pages_tell_it_too(job: Job, owner: User) -> None:
    remove(typed(job))
    client = Client()
    client.force_login(owner)
    for page in (
        client.get(f"/datasets/{job.dataset_id}/versions/1/rows/"),
        client.post("/ask/", {"question": HOW_MANY, "dataset": str(job.dataset_id)}),
    ):
        assert page.status_code == 503
        assert "The typed copy of version 1 is missing." in page.content.decode()
    assert client.get("/ask/").status_code == 200


def test_an_older_version_is_mended_and_gets_no_index(
    job: Job, owner: User, api: Callable[[User], APIClient]
) -> None:
    ingest(owner, orders_csv(30), wish=Wish(on_conflict="new_version"))
    stored = typed(job).read_bytes()
    flip_a_byte(typed(job))
    assert api(owner).get(f"/api/v1/datasets/{job.dataset_id}/rows?version=1").status_code == 503
    run_queue()
    assert typed(job).read_bytes() == stored
    job.version.refresh_from_db()
    assert (job.version.index_state, job.version.collection) == ("none", "")


def test_one_damaged_copy_of_many_keeps_no_question_from_the_others(job: Job, owner: User) -> None:
    ingest(owner, b"goods\n" + b"anvil\nbellows\n" * 10, "forge.csv")
    put_another_file(typed(job))
    answer = ask("how many rows have the goods anvil?", owner)
    assert answer.values == ("10",)
    assert any("The typed copy of version 1 is not as it was stored." in text for text in answer.warnings)


def test_where_the_raw_file_is_gone_too_only_the_sender_can_help(job: Job, owner: User) -> None:
    whole = ask(HOW_MANY, owner, job.dataset).values
    flip_a_byte(raw(job))
    remove(typed(job))
    with pytest.raises(storage.TypedCopyDamaged):
        ask(HOW_MANY, owner, job.dataset)
    run_queue()
    (failed,) = Job.objects.filter(kind="rebuild")
    assert (failed.state, failed.error_code) == ("failed", "copies-lost")
    with pytest.raises(storage.TypedCopyDamaged, match="Upload the same file again"):
        ask(HOW_MANY, owner, job.dataset)
    assert Job.objects.filter(kind="rebuild").count() == 1, "not tried at every question"

    again = receive(owner, "orders.csv", BytesIO(orders_csv()))
    assert not again.is_new
    assert again.job.kind == "rebuild"
    run_queue()
    assert raw(job).read_bytes() == orders_csv()
    assert ask(HOW_MANY, owner, job.dataset).values == whole


def test_the_same_bytes_again_put_back_a_raw_file_that_nobody_reads(job: Job, owner: User) -> None:
    flip_a_byte(raw(job))
    assert receive(owner, "orders.csv", BytesIO(orders_csv())).job == job
    assert raw(job).read_bytes() == orders_csv()


@pytest.mark.parametrize("harm", ["dropped", "short", "foreign"])
def test_an_index_that_is_not_whole_answers_nothing_and_is_built_anew(
    harm: str, job: Job, owner: User, vectors: VectorClient
) -> None:
    before = ask(WHICH, owner, job.dataset)
    assert before.citations
    name, chroma = job.version.collection, vectors._chroma
    if harm == "dropped":
        chroma.delete_collection(name)
    elif harm == "short":
        chroma.get_collection(name).delete(ids=["1", "2", "3"])
    else:
        chroma.get_collection(name).upsert(ids=["9999"], embeddings=[[1.0] * 384])
    answer = ask(WHICH, owner, job.dataset)
    assert answer.outcome == "not_indexed"
    assert "is not whole" in answer.answer
    assert ask(HOW_MANY, owner, job.dataset).outcome == "answered"
    assert not queue_rebuilds(), "one job is open already"
    run_queue()
    after = ask(WHICH, owner, job.dataset)
    assert [each.row for each in after.citations] == [each.row for each in before.citations]
    assert vectors.count(name) == job.version.vectors


def test_the_same_bytes_again_have_a_lost_index_built_anew(
    job: Job, owner: User, vectors: VectorClient
) -> None:
    vectors.drop(job.version.collection)
    again = receive(owner, "orders.csv", BytesIO(orders_csv())).job
    assert again.kind == "rebuild"
    run_queue()
    assert vectors.count(job.version.collection) == job.version.vectors


def test_what_cannot_be_mended_is_not_queued_every_minute(job: Job, owner: User) -> None:
    flip_a_byte(raw(job))
    remove(typed(job))
    type(job.version).objects.update(index_state="stale")
    assert queue_rebuilds() == 1
    run_queue()
    assert damage.beyond_mending().count() == 1
    assert queue_rebuilds() == 0
