"""Whole uploads with OpenMetadata as the catalog, in both profiles: what it is sent, how often, and never."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from datasets.ingestion import pipeline, tasks
from datasets.ingestion.receiving.uploads import Wish
from datasets.ingestion.upkeep import erasure
from datasets.models import Dataset, Job, Version
from governance.curation.decisions import decide
from governance.models import FileDebt, Tag
from governance.policies import MASK
from governance.rights.access import access_of
from tests.ingested import ingest, order, orders_csv, receive_orders, said, work_off
from tests.openmetadata_double import Double

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

NEW_VERSION = Wish(on_conflict="new_version")
# The same columns; `email` holds none any more.
WITHOUT_EMAILS = b"email,goods,amount\n" + b"oak table,anvil,40\n" * 20


def tables_sent(double: Double) -> list[str]:
    """Methods of requests for the table itself, in order, without those for its counts."""
    about = [request for request in double.requests if request.parts[0] == "tables"]
    return [request.method for request in about if "tableProfile" not in request.parts]


def upload(owner: User, content: bytes) -> Version:
    job = ingest(owner, content, wish=NEW_VERSION)
    assert (job.state, job.error) == ("succeeded", "")
    return job.version


def tags(double: Double, version: Version, column: str) -> set[str]:
    table = double.table(version.catalog_fqn)
    assert table is not None
    (found,) = [item for item in table["columns"] if item["name"] == column]
    return {tag["tagFQN"] for tag in found["tags"]}


def containers(double: Double) -> list[Any]:
    return [
        request.body["displayName"]
        for request in double.requests
        if request.method == "PUT" and request.parts == ["containers"] and "displayName" in request.body
    ]


def sample(double: Double, version: Version) -> dict[str, Any] | None:
    table = double.table(version.catalog_fqn)
    assert table is not None
    return table.get("sampleData")


def test_sample_rows_are_sent_where_a_setting_says_so_and_masked(
    double: Double, owner: User, steward: User, settings: LazySettings
) -> None:
    assert sample(double, upload(owner, orders_csv(20))) is None
    settings.OPENMETADATA_SAMPLE_ROWS = 3
    version = upload(owner, orders_csv())
    shown = sample(double, version)
    assert shown is not None
    assert shown["columns"] == ["email", "goods", "amount"]
    assert shown["rows"] == [[MASK, order(n)["goods"], order(n)["amount"]] for n in range(3)]

    # A tag that tightens has the index built anew, and the sample with it.
    goods = version.dataset.columns.get(key="goods")
    decide(goods, Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    tasks.queue_rebuilds()
    work_off(Job.objects.get(kind="rebuild", state="queued"))
    tightened = sample(double, version)
    assert tightened is not None
    assert {row[1] for row in tightened["rows"]} == {MASK}


def test_an_upload_is_one_put_of_its_table_and_holds_no_value(double: Double, owner: User) -> None:
    version = upload(owner, orders_csv())
    assert tables_sent(double) == ["PUT", "GET"], "one PUT, and it is read back"
    assert containers(double) == ["orders.csv"]
    assert tags(double, version, "email") >= {"PII.Sensitive"}
    assert tags(double, version, "goods") == set()
    everything = "\n".join(f"{request.path} {request.text}" for request in double.requests).lower()
    assert "orders.csv" in everything
    for number in range(40):
        row = order(number)
        assert row["email"] not in everything
        assert row["goods"] not in everything


def test_a_re_upload_with_other_tags_is_one_patch_and_one_put(double: Double, owner: User) -> None:
    first = upload(owner, orders_csv())
    double.forget()
    second = upload(owner, WITHOUT_EMAILS)
    sent = tables_sent(double)
    assert (sent.count("PUT"), sent.count("PATCH")) == (1, 2 if double.profile == "1.12" else 1)
    assert sent[-2:] == ["PUT", "GET"]
    assert second.catalog_id == first.catalog_id
    assert tags(double, second, "email") == set()
    edges = [request.body["edge"] for request in double.requests if request.parts == ["lineage"]]
    assert [edge["fromEntity"]["type"] + " " + edge["toEntity"]["type"] for edge in edges] == [
        "container table",
        "container container",
    ]


def test_a_re_upload_keeps_what_people_edited_there(double: Double, owner: User) -> None:
    first = upload(owner, orders_csv())
    double.edit_tags(first.catalog_fqn, {"email": [], "goods": ["PII.NonSensitive"]})
    double.forget()
    second = upload(owner, orders_csv(50, first=7))
    assert tables_sent(double) == ["GET", "PUT", "GET", "GET"], "the last GET is for who edited what"
    assert "PII.Sensitive" not in tags(double, second, "email")
    assert tags(double, second, "goods") == {"PII.NonSensitive"}
    assert second.receipt["tags"]["goods"] == ["PII.NonSensitive"]
    # The classifier holds the addresses for personal: they wait for their owner.
    assert access_of(second).masked_columns() == ("email", "goods")


def test_a_version_that_fails_is_undone_by_the_one_before(
    double: Double, owner: User, settings: LazySettings
) -> None:
    first = upload(owner, orders_csv())
    before = tags(double, first, "email")
    job = receive_orders(owner, WITHOUT_EMAILS, wish=NEW_VERSION)
    settings.CHROMA_URL = "http://127.0.0.1:9"
    work_off(job)
    assert (job.state, job.error_code) == ("failed", "vectors-unavailable")
    assert tags(double, first, "email") == before
    gone = [request for request in double.requests if request.method == "DELETE"]
    assert [request.parts[0] for request in gone] == ["containers"]


def test_a_raw_file_that_is_not_told_of_is_owed(double: Double, owner: User) -> None:
    double.fail_next(1, 503, "PUT /api/v1/containers")
    version = upload(owner, orders_csv())
    assert FileDebt.objects.get().version == version
    note = [text for text in said(version.jobs.get()) if "raw file" in text]
    assert len(note) == 1
    assert "503" in note[0]
    assert tasks.tell_catalog_of_files() == 1
    assert containers(double)[-1] == "orders.csv"
    assert tasks.tell_catalog_of_files() == 0


def test_a_worker_that_dies_after_archiving_leaves_the_file_owed(
    double: Double, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = receive_orders(owner)
    with monkeypatch.context() as patched:
        patched.setattr(pipeline, "register_file", lambda job: job.cancel("Killed here."))
        assert job.take()
        pipeline.govern_and_store(job)
    assert FileDebt.objects.exists()
    assert tasks.tell_catalog_of_files() == 0, "its job is not at its end"
    pipeline._clean_up_if_cancelled(job)
    assert not FileDebt.objects.exists()


def test_erasing_takes_file_and_table_out(double: Double, owner: User) -> None:
    version = upload(owner, orders_csv())
    double.forget()
    erasure.delete(version.dataset, owner)
    erasure.erase(version.dataset)
    gone = [request.parts[0] for request in double.requests if request.method == "DELETE"]
    assert gone == ["containers", "tables"]
    assert not Dataset.objects.exists()
