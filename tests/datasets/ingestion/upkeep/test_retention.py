"""What policies keep no longer is removed by the sweep; nothing else is."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from datasets import storage
from datasets.ingestion import tasks
from datasets.ingestion.receiving.uploads import Wish
from datasets.ingestion.upkeep.retention import remove_expired
from datasets.models import Dataset, Version
from governance.curation.decisions import decide
from governance.models import AuditEvent, Policy, Tag
from governance.rights.access import access_of
from governance.rights.expiry import expired_versions, kept_until
from promptiq.vector_client import VectorClient, version_prefix
from tests.ingested import ingest, orders_csv, run_queue
from tests.making import ready_dataset

pytestmark = pytest.mark.django_db


def keep(days: int | None, fqn: str = "PII.Sensitive") -> None:
    Policy.objects.filter(tag__fqn=fqn).update(retain_days=days)


def uploaded(version: Version, days_ago: float) -> None:
    Version.objects.filter(pk=version.pk).update(created_at=timezone.now() - timedelta(days=days_ago))


def test_the_shortest_time_of_any_column_counts(people_table: Dataset, steward: User) -> None:
    version = Version.objects.get()
    assert kept_until(version, access_of(version)) is None
    keep(30)
    Policy.objects.create(tag=Tag.objects.get(fqn="DataKind.Location"), retain_days=7)
    assert kept_until(version, access_of(version)) == version.created_at + timedelta(days=30)
    decide(
        people_table.columns.get(key="city"), Tag.objects.get(fqn="DataKind.Location"), "confirmed", steward
    )
    assert kept_until(version, access_of(version)) == version.created_at + timedelta(days=7)


def test_only_what_is_over_is_found(owner: User) -> None:
    over, not_yet, deleted = (ready_dataset(owner, name) for name in ("over", "not yet", "deleted"))
    for dataset, days in ((over, 31), (not_yet, 29), (deleted, 31)):
        uploaded(dataset.versions.get(), days)
    Dataset.objects.filter(pk=deleted.pk).update(retired_at=timezone.now())
    assert list(expired_versions()) == []
    keep(30)
    assert [version.dataset for version in expired_versions()] == [over]


def test_a_tag_that_was_rejected_ends_nothing(people_table: Dataset, steward: User) -> None:
    keep(30)
    uploaded(Version.objects.get(), 31)
    decide(people_table.columns.get(key="email"), Tag.objects.get(fqn="PII.Sensitive"), "rejected", steward)
    assert remove_expired() == 0
    assert Dataset.objects.get().retired_at is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("embedder")
def test_a_dataset_whose_time_is_over_goes_everywhere(owner: User, vectors: VectorClient) -> None:
    job = ingest(owner)
    version = job.version
    keep(30)
    uploaded(version, 30.1)
    tasks.sweep()
    assert not Dataset.objects.all().visible_to(owner).exists()
    run_queue()
    assert not Dataset.objects.exists()
    assert not storage.raw().exists(version.raw_key)
    assert not storage.parquet().exists(version.parquet_key)
    assert not [name for name in vectors.names() if name.startswith(version_prefix(version.pk))]
    event = AuditEvent.objects.get(action__startswith="deleted")
    assert (event.actor, event.dataset_id) == (None, job.dataset_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("embedder", "vectors")
def test_an_older_version_goes_alone(owner: User, steward: User) -> None:
    old = ingest(owner).version
    city = old.dataset.columns.get(key="goods")
    decide(city, Tag.objects.get(fqn="PII.None"), "confirmed", steward)
    new = ingest(owner, orders_csv(60), wish=Wish(on_conflict="new_version")).version
    keep(30)
    uploaded(old, 31)
    assert remove_expired() == 1
    assert list(Version.objects.all()) == [new]
    assert not storage.raw().exists(old.raw_key)
    assert not storage.parquet().exists(old.parquet_key)
    assert storage.raw().exists(new.raw_key)
    assert city.decisions.filter(source="person").count() == 1
    assert remove_expired() == 0
