"""What is there without having been governed first is named."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from datasets import storage
from datasets.models import Job, JobEvent, Version
from datasets.stores.proving import prove
from promptiq.vector_client import VectorClient
from tests.datasets.ingestion.upkeep.test_mending import raw
from tests.ingested import ingest, orders_csv

pytestmark = pytest.mark.django_db(transaction=True)


def violations() -> set[tuple[str, str]]:
    return {(each.store, each.text) for each in prove().violations}


def test_what_the_pipeline_stores_is_proven(job: Job, owner: User) -> None:
    ingest(owner, b"goods\n" + b"anvil\nbellows\n" * 10, "without_tags.csv")
    assert prove().checked == {"raw file": 2, "typed copy": 2, "vectors": 2}
    assert violations() == set()
    call_command("audit_governance")


def test_a_file_whose_name_holds_the_id_of_something_else(owner: User) -> None:
    ingest(owner, name="export-7c9e6679-7425-40de-944b-e07fc1f90ae7.csv")
    assert violations() == set()


def test_a_foreign_object_and_a_foreign_collection(job: Job, vectors: VectorClient) -> None:
    storage.raw().save("elsewhere/secret.csv", ContentFile(orders_csv()))
    vectors.create("v-" + "0" * 31 + "1-deadbeef-0")
    text = "It belongs to no version of this database."
    assert violations() == {("raw file", text), ("vectors", text)}
    with pytest.raises(CommandError) as error:
        call_command("audit_governance")
    assert error.value.returncode == 1


def test_a_version_that_was_taken_out_of_the_catalog(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        Version.objects.update(catalog_version="")
        cursor.execute("PRAGMA ignore_check_constraints = OFF")
    text = "Its version is not in the catalog."
    assert violations() == {("raw file", text), ("typed copy", text), ("vectors", text)}


@pytest.mark.parametrize("step", ["classify", "register"])
def test_what_was_stored_before_it_was_governed(step: str, job: Job) -> None:
    JobEvent.objects.filter(step=step).update(at=timezone.now() + timedelta(minutes=5))
    assert {store for store, text in violations() if "after that" in text} == {
        "raw file",
        "typed copy",
        "vectors",
    }


def test_what_was_decided_only_after_it_was_stored(job: Job) -> None:
    long_ago = raw(job).stat().st_mtime - 3600
    os.utime(raw(job), (long_ago, long_ago))
    assert {store for store, text in violations() if "decided on after that" in text} == {"raw file"}


def test_decisions_that_are_gone(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_tagdecision")
    assert ("raw file", "Its receipt tells of tags, and there is no decision on any.") in violations()
