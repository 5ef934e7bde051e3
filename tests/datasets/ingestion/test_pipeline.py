"""The whole pipeline on real parts: the order of its steps, versions, and what a success leaves."""

from pathlib import Path
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from datasets import storage
from datasets.ingestion import pipeline, tasks
from datasets.ingestion.queue import enqueue
from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Job, Version
from governance.curation.decisions import decide
from governance.models import CatalogRecord, Tag
from governance.rights.access import tags_of
from promptiq.vector_client import VectorClient, version_prefix
from tests.ingested import (
    GOODS,
    bytes_below,
    ingest,
    order,
    orders_csv,
    orders_parquet,
    receive_orders,
    run_queue,
    said,
    work_off,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

NEW_VERSION = Wish(on_conflict="new_version")
SENTENCES = [
    "Reading the file…",
    "Read 40 rows and 3 columns.",
    "Profiling every column…",
    "Classifying every column…",
    "Recognised the data in 1 of 3 columns.",
    "Applying policies…",
    "1 of 3 columns are masked for those who may not see them.",
    "Registering in the catalog…",
    "Registered as omdplatform.lake.{schema}.orders, version 1.",
    "Archiving raw data…",
    "Building semantic index…",
    "Verifying…",
    "Success!",
]


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_every_step_is_told_in_order(kind: str, owner: User, tmp_path: Path) -> None:
    content = orders_csv() if kind == "csv" else orders_parquet(tmp_path / "orders.parquet")
    job = ingest(owner, content, f"orders.{kind}")
    schema = job.dataset.schema_name
    assert said(job) == [
        f"Received orders.{kind}.",
        *(sentence.format(schema=schema) for sentence in SENTENCES),
    ]
    numbers = list(job.events.values_list("number", flat=True))
    assert numbers == list(range(1, job.last_event + 1))
    steps = list(dict.fromkeys(job.events.order_by("number").values_list("step", flat=True)))
    assert steps == [step.value for step in Job.Step]
    assert (job.state, job.error, job.crashes) == ("succeeded", "", 0)


def test_the_receipt_names_everything_that_was_made(owner: User, vectors: VectorClient) -> None:
    job = ingest(owner)
    version, receipt = job.version, job.version.receipt
    assert {key: receipt[key] for key in ("dataset", "version", "job", "rows", "columns", "classifier")} == {
        "dataset": str(job.dataset_id), "version": 1, "job": str(job.pk), "rows": 40, "columns": 3,
        "classifier": version.classifier_version,
    }  # fmt: skip
    assert receipt["file"] == {"name": "orders.csv", "bytes": len(orders_csv()), "sha256": version.sha256}
    assert receipt["tags"] == {"email": ["DataKind.Email", "PII.Sensitive", "PersonalData.Personal"]}
    record = CatalogRecord.objects.get(pk=receipt["catalog"]["id"])
    assert (record.fqn, str(record.version)) == (receipt["catalog"]["name"], receipt["catalog"]["version"])
    assert storage.sha256_stored(storage.raw(), receipt["storage"]["raw"]) == version.sha256
    assert storage.sha256_stored(storage.parquet(), receipt["storage"]["parquet"]) == version.parquet_sha256
    index = receipt["index"]
    assert vectors.count(index["collection"]) == index["vectors"] == 30
    assert (index["rows"], index["policies"]) == (40, version.policy_fingerprint)
    assert list(receipt["seconds"]) == [step.value for step in Job.Step]
    assert (version.state, version.index_state, version.is_current) == ("ready", "ready", True)


def test_nothing_is_left_over_after_success(owner: User, tmp_path: Path) -> None:
    job = ingest(owner)
    stored = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    (words,) = (name for name in stored if name.endswith(".words"))
    assert words.startswith(job.version_id.hex)
    assert stored == {"orders.csv", f"{job.version_id}.parquet", words}
    assert job.version.quarantine_key == ""


def test_governed_before_stored_or_indexed(owner: User, tmp_path: Path, vectors: VectorClient) -> None:
    """Until the catalog has answered there is neither a file in the archive nor a collection."""
    job = receive_orders(owner)
    seen: list[tuple[str, bool, bool, bool]] = []
    advance = Job.advance

    def looking(self: Job, step: Job.Step, *args: object, **kwargs: object) -> None:
        row = Version.objects.get(pk=job.version_id)
        archived = any(
            path.is_file() for name in ("raw", "parquet") for path in (tmp_path / "files" / name).rglob("*")
        )
        indexed = any(name.startswith(version_prefix(row.pk)) for name in vectors.names())
        seen.append((step, bool(row.catalog_version), archived, indexed))
        advance(self, step, *args, **kwargs)  # type: ignore[arg-type]

    with patch.object(Job, "advance", looking):
        work_off(job)
    on_entry: dict[str, tuple[bool, bool, bool]] = {}
    for step, *found in seen:
        on_entry.setdefault(step, (found[0], found[1], found[2]))
    assert on_entry == {
        **dict.fromkeys(("read", "profile", "classify", "policies", "register"), (False, False, False)),
        "archive": (True, False, False),
        "index": (True, True, False),
        "verify": (True, True, True),
    }


def test_the_same_bytes_again_are_the_version_that_exists(owner: User) -> None:
    job = ingest(owner)
    again = receive_orders(owner, wish=NEW_VERSION)
    assert again == job
    assert Version.objects.count() == 1


def test_a_new_version_keeps_identity_and_what_people_decided(owner: User, steward: User) -> None:
    first = ingest(owner)
    email = first.dataset.columns.get(key="email")
    goods = first.dataset.columns.get(key="goods")
    decide(email, Tag.objects.get(fqn="DataKind.Email"), "rejected", steward, "not one kind")
    decide(goods, Tag.objects.get(fqn="PII.NonSensitive"), "confirmed", steward, "ask me")
    second = ingest(owner, orders_csv(20, first=40), wish=NEW_VERSION)
    assert (second.state, second.dataset, second.version.number) == ("succeeded", first.dataset, 2)
    assert {item.column for item in second.version.columns.all()} == set(first.dataset.columns.all())
    assert tags_of(second.version) == {
        "email": ("PII.Sensitive", "PersonalData.Personal"),
        "goods": ("PII.NonSensitive",),
        "amount": (),
    }
    record = CatalogRecord.objects.get()
    assert record.fqn == first.version.catalog_fqn
    assert {item["name"]: item["tags"] for item in record.document["columns"]}["goods"] == [
        "PII.NonSensitive"
    ]


def test_the_version_before_stays_readable_and_gives_up_its_index(owner: User, vectors: VectorClient) -> None:
    first = ingest(owner)
    built = first.version.collection
    second = ingest(owner, orders_csv(20, first=40), wish=NEW_VERSION)
    first.version.refresh_from_db()
    second.dataset.refresh_from_db()
    assert second.dataset.current_version == second.version
    assert (first.version.state, first.version.index_state, first.version.collection) == ("ready", "none", "")
    assert storage.raw().open(first.version.raw_key).read() == orders_csv()
    assert storage.local_parquet(first.version).exists()
    assert first.version.columns.count() == 3
    assert built not in vectors.names()
    assert vectors.count(second.version.collection) == second.version.vectors


def test_columns_that_come_and_go(owner: User) -> None:
    """A column's identity outlasts versions without it; names are the same whatever their case."""
    first = ingest(owner)
    email = first.dataset.columns.get(key="email")
    without = ingest(owner, b"goods,weight\noak table,40\npaper lantern,1\n", wish=NEW_VERSION)
    assert [item.name for item in without.version.columns.all()] == ["goods", "weight"]
    renamed = orders_csv().replace(b"email,goods", b"E-Mail,GOODS", 1)
    back = ingest(owner, renamed, wish=NEW_VERSION)
    keys = {item.column.key: item.column for item in back.version.columns.select_related("column")}
    assert keys["goods"] == first.dataset.columns.get(key="goods")
    assert "email" not in keys
    again = ingest(owner, orders_csv(15), wish=NEW_VERSION)
    assert again.version.columns.get(name="email").column == email
    assert again.version.number == 4


def test_versions_of_one_dataset_are_worked_on_in_their_order(owner: User) -> None:
    older = receive_orders(owner)
    newer = receive_orders(owner, orders_csv(20, first=40), wish=NEW_VERSION)
    tasks.work(str(newer.pk))
    newer.refresh_from_db()
    assert newer.state == "queued", "its turn comes after the older one"
    enqueue(older)
    run_queue()
    dataset = Dataset.objects.get(pk=older.dataset_id)
    assert {job.state for job in Job.objects.all()} == {"succeeded"}
    assert dataset.current_version == newer.version
    record = CatalogRecord.objects.get()
    assert str(record.version) == Version.objects.get(pk=newer.version_id).catalog_version


def test_what_is_masked_is_in_nothing_that_others_may_read(
    owner: User, vector_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    job = ingest(owner)
    secrets = [order(number)["email"] for number in range(40)]
    told = str(list(job.events.values())) + str(job.version.receipt) + caplog.text
    told += str(list(CatalogRecord.objects.values_list("document")))
    chroma = bytes_below(vector_folder)
    assert not [secret for secret in secrets if secret in told or secret.encode() in chroma]
    assert GOODS[0].encode() not in chroma  # vectors and row numbers only, whatever the column
    assert b"v-" + job.version_id.hex.encode() in chroma


def test_a_policy_that_tightens_while_vectors_are_made_closes_the_index(
    owner: User, steward: User, settings: LazySettings
) -> None:
    job = receive_orders(owner)
    verify = pipeline.verify

    def tightened(*args: object) -> None:
        goods = job.dataset.columns.get(key="goods")
        decide(goods, Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
        verify(*args)  # type: ignore[arg-type]

    with patch.object(pipeline, "verify", tightened):
        work_off(job)
    assert (job.state, job.version.index_state) == ("succeeded", "stale")
