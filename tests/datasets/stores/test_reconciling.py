"""Every kind of loss and tampering is found; what can be mended is, and the rest is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from datasets import storage
from datasets.models import Job, Reconciliation, Version, VersionColumn
from datasets.stores.reconciling import Outcome, always, never, nightly, reconcile
from governance.models import CatalogRecord
from promptiq.ask import ask
from promptiq.index import routing
from promptiq.vector_client import VectorClient
from tests.datasets.ingestion.upkeep.test_mending import (
    HOW_MANY,
    WHICH,
    flip_a_byte,
    put_another_file,
    raw,
    remove,
    typed,
)
from tests.ingested import receive_orders, run_queue

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(outcomes: list[Outcome]) -> set[tuple[str, str, bool]]:
    """Store, kind and whether it is left."""
    return {(each.finding.store, each.finding.kind.value, each.is_left) for each in outcomes}


def drop_collection(job: Job, chroma: VectorClient) -> None:
    chroma.drop(job.version.collection)


def change_a_vector(job: Job, chroma: VectorClient) -> None:
    """As many as before, and one of them points elsewhere."""
    other = np.ones((1, 384), np.float32) / 384**0.5
    chroma.upsert(job.version.collection, [next(iter(chroma.vectors(job.version.collection)))[0][0]], other)


def exchange_two_vectors(job: Job, chroma: VectorClient) -> None:
    rows, vectors = next(iter(chroma.vectors(job.version.collection)))
    chroma.upsert(job.version.collection, rows[:2], vectors[1::-1])


def leave_an_index(job: Job, chroma: VectorClient) -> None:
    """Of a version that is there, by another embedding than the one it names."""
    chroma.create(f"{job.version.collection[:35]}deadbeef-{job.version.policy_fingerprint}")


def bring_a_foreign_index(job: Job, chroma: VectorClient) -> None:
    chroma.create("v-" + "0" * 31 + "1-deadbeef-0")


def take_a_tag_off(job: Job, chroma: VectorClient) -> None:
    record = CatalogRecord.objects.get(pk=job.version.catalog_id)
    for column in record.document["columns"]:
        column["tags"] = []
    record.save()


def retire_the_table(job: Job, chroma: VectorClient) -> None:
    CatalogRecord.objects.filter(pk=job.version.catalog_id).update(retired_at=job.created_at)


def bring_a_foreign_table(job: Job, chroma: VectorClient) -> None:
    CatalogRecord.objects.create(fqn="a.b.c.d", document={"columns": []})
    CatalogRecord.objects.update(updated_at=job.created_at.replace(year=2020))


def drop_an_entry(job: Job, chroma: VectorClient) -> None:
    routing.forget(job.dataset_id)


MENDED: dict[str, tuple[Callable[[Job, VectorClient], object], tuple[str, str]]] = {
    "typed copy removed": (lambda job, _: remove(typed(job)), ("typed copy", "missing")),
    "typed copy's byte flipped": (lambda job, _: flip_a_byte(typed(job)), ("typed copy", "changed")),
    "another typed copy": (lambda job, _: put_another_file(typed(job)), ("typed copy", "changed")),
    "collection dropped": (drop_collection, ("vectors", "missing")),
    "vector changed": (change_a_vector, ("vectors", "changed")),
    "vectors exchanged": (exchange_two_vectors, ("vectors", "changed")),
    "index left over": (leave_an_index, ("vectors", "orphaned")),
    "foreign index": (bring_a_foreign_index, ("vectors", "ungoverned")),
    "routing entry dropped": (drop_an_entry, ("vectors", "missing")),
    "tags taken off in the catalog": (take_a_tag_off, ("catalog", "changed")),
    "table gone from the catalog": (retire_the_table, ("catalog", "missing")),
    "foreign table in the catalog": (bring_a_foreign_table, ("catalog", "orphaned")),
}


@pytest.mark.parametrize("name", MENDED)
def test_what_is_mended(name: str, job: Job, owner: User, vectors: VectorClient) -> None:
    before = ask(HOW_MANY, owner, job.dataset), ask(WHICH, owner, job.dataset)
    harm, (store, kind) = MENDED[name]
    assert kinds(reconcile(always, mend=False)[1]) == set(), "nothing is wrong to begin with"
    harm(job, vectors)
    _, found = reconcile(always, mend=False)
    assert kinds(found) == {(store, kind, True)}
    kept, mended = reconcile(always, mend=True)
    assert kinds(mended) == {(store, kind, False)}
    assert (kept.found, kept.left, kept.versions_read) == (1, 0, 1)
    run_queue()  # what was closed is built
    assert kinds(reconcile(always, mend=False)[1]) == set()
    assert ask(HOW_MANY, owner, job.dataset).values == before[0].values
    assert [each.row for each in ask(WHICH, owner, job.dataset).citations] == [
        each.row for each in before[1].citations
    ]


def put_a_foreign_object(job: Job) -> None:
    storage.raw().save("elsewhere/secret.csv", ContentFile(b"name\nAnna\n"))


def put_another_raw_file(job: Job) -> None:
    storage.raw().save(f"{job.dataset_id}/{job.version_id}/other.csv", ContentFile(b"name\nAnna\n"))


def take_decisions_away(job: Job) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM governance_tagdecision")


def lose_columns(job: Job) -> None:
    VersionColumn.objects.all().delete()


LEFT: dict[str, tuple[Callable[[Job], object], tuple[str, str]]] = {
    "raw file's byte flipped": (lambda job: flip_a_byte(raw(job)), ("raw file", "changed")),
    "raw file removed": (lambda job: remove(raw(job)), ("raw file", "missing")),
    "foreign object": (put_a_foreign_object, ("raw file", "ungoverned")),
    "second raw file": (put_another_raw_file, ("raw file", "orphaned")),
    "decisions taken away": (take_decisions_away, ("database", "missing")),
    "columns lost": (lose_columns, ("database", "missing")),
}


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_to_a_person(name: str, job: Job, vectors: VectorClient) -> None:
    harm, (store, kind) = LEFT[name]
    harm(job)
    kept, outcomes = reconcile(always, mend=True)
    assert (store, kind, True) in kinds(outcomes)
    (named,) = [each for each in outcomes if each.is_left][:1]
    assert any(word in named.finding.text for word in ("Upload", "Restore", "emove"))
    assert kept.left
    assert not kept.is_clean


def test_without_reading_bytes_keys_sizes_and_counts_are_compared(job: Job, vectors: VectorClient) -> None:
    flip_a_byte(raw(job))
    assert reconcile(never, mend=False)[1] == []
    raw(job).write_bytes(b"shorter")
    drop_collection(job, vectors)
    kept, found = reconcile(never, mend=False)
    assert kinds(found) == {("raw file", "changed", True), ("vectors", "missing", True)}
    assert kept.versions_read == 0


def test_what_is_under_way_is_no_finding(owner: User, vectors: VectorClient) -> None:
    waiting = receive_orders(owner)
    key = storage.raw_key(waiting.version)
    storage.raw().save(key, ContentFile(b"half"))
    vectors.create(f"v-{waiting.version_id.hex}-00000000-0")
    assert reconcile(always, mend=True)[1] == []
    assert storage.raw().exists(key)


def test_a_store_that_is_away_is_no_store_that_is_clean(job: Job, settings: LazySettings) -> None:
    with patch.object(settings, "CHROMA_URL", "http://127.0.0.1:9"):
        kept, outcomes = reconcile(always, mend=True)
    assert outcomes == []
    assert "does not answer" in kept.unreachable["vectors"]
    assert not kept.is_clean


def test_the_nights_of_a_week_read_every_version_once(job: Job) -> None:
    today = timezone.now()
    for night in range(7):
        with patch("datasets.stores.reconciling.timezone.now", return_value=today + timedelta(days=night)):
            nightly()
    assert sum(Reconciliation.objects.values_list("versions_read", flat=True)) == 1


def test_the_command(job: Job, vectors: VectorClient, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("reconcile", "--verify-bytes")
    flip_a_byte(typed(job))
    with pytest.raises(CommandError) as error:
        call_command("reconcile", "--verify-bytes")
    assert error.value.returncode == 1
    assert "typed copy: changed" in capsys.readouterr().out
    drop_collection(job, vectors)
    call_command("reconcile", "--verify-bytes", "--mend", "--json")
    assert '"done": "mended"' in capsys.readouterr().out
    assert Version.objects.get().index_state == "ready", "the command has built it, without a worker"
    call_command("reconcile", "--verify-bytes")


def test_no_path_outside_is_looked_at(job: Job, tmp_path: Path) -> None:
    (tmp_path / "files" / "raw").mkdir(parents=True, exist_ok=True)
    assert {item.key for item in storage.everything(storage.raw())} == {job.version.raw_key}
