"""Job: state moves only for whoever holds the lease, and every move is one numbered event."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from datasets.models import Dataset, Job, LeaseLost, Version

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(owner: User) -> Version:
    dataset = Dataset.objects.create(owner=owner, name="Shops", table_name="shops", schema_name="owner-1")
    return Version.objects.create(
        dataset=dataset, number=1, created_by=owner, filename="shops.csv", size_bytes=10, sha256="0" * 64
    )


@pytest.fixture
def job(version: Version, owner: User) -> Job:
    return Job.open(version, Job.Kind.INGEST, owner, "Received shops.csv.")


def test_only_one_of_two_takes_a_job(job: Job) -> None:
    other = Job.objects.get(pk=job.pk)
    assert job.take()
    assert not other.take()
    assert (job.state, job.fence, job.crashes) == ("running", 1, 0)


def test_versions_of_one_dataset_take_turns(job: Job, version: Version, owner: User) -> None:
    second = Version.objects.create(
        dataset=version.dataset, number=2, created_by=owner, filename="b.csv", size_bytes=9, sha256="1" * 64
    )
    newer = Job.open(second, Job.Kind.INGEST, owner, "Received b.csv.")
    assert not newer.take()
    assert Job.objects.next_of(version.dataset_id) == job
    assert job.take()
    assert not newer.take()
    assert Job.objects.next_of(version.dataset_id) is None
    job.fail("x", "y")
    assert Job.objects.next_of(version.dataset_id) == newer
    assert newer.take()


def test_a_vanished_worker_is_replaced_and_can_write_no_more(job: Job) -> None:
    job.take()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    second = Job.objects.get(pk=job.pk)
    assert second.take()
    assert second.crashes == 1
    for move in (
        lambda: job.advance(Job.Step.READ),
        lambda: job.note("still here"),
        lambda: job.fail("x", "y"),
        lambda: job.finish("Success!"),
        lambda: job.yield_turn({}),
        job.renew,
    ):
        with pytest.raises(LeaseLost):
            move()
    second.advance(Job.Step.READ, "Reading")
    taken_up = "Its worker stopped unexpectedly (time 1); it is taken up again."
    assert [event.message for event in second.events.all()] == ["Received shops.csv.", taken_up, "Reading"]


def test_a_turn_that_was_given_up_is_no_crash(job: Job) -> None:
    job.take()
    job.yield_turn({"row": 500})
    again = Job.objects.get(pk=job.pk)
    assert (again.state, again.cursor) == ("queued", {"row": 500})
    assert again.take()
    assert again.crashes == 0


def test_events_are_numbered_without_gaps_across_attempts(job: Job) -> None:
    job.take()
    job.advance(Job.Step.READ, "Reading", done=0, total=10)
    job.yield_turn({})
    again = Job.objects.get(pk=job.pk)
    again.take()
    again.advance(Job.Step.INDEX, done=5, total=10)
    again.finish("Success!")
    events = list(again.events.all())
    assert [event.number for event in events] == [1, 2, 3, 4]
    assert events[-1].as_json() | {"at": None} == {
        "number": 4,
        "at": None,
        "state": "succeeded",
        "step": "index",
        "message": "Success!",
        "rows_done": 5,
        "rows_total": 10,
    }
    assert again.last_event == 4


def test_cancelling_takes_the_lease_away(job: Job) -> None:
    job.take()
    assert Job.objects.get(pk=job.pk).cancel("Cancelled by owner.")
    with pytest.raises(LeaseLost):
        job.advance(Job.Step.READ)
    job.refresh_from_db()
    assert job.state == "cancelled"
    assert not job.cancel("again")


def test_a_version_has_one_open_job(job: Job, owner: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Job.open(job.version, Job.Kind.REBUILD, owner, "")


@pytest.mark.parametrize(
    "fields",
    [
        {"raw_key": "a/b/c.csv"},
        {"parquet_key": "a/b.parquet"},
        {"collection": "v-1"},
        {"vectors": 3},
        {"state": "ready", "rows": 3},
    ],
)
def test_the_database_refuses_what_is_stored_but_not_governed(version: Version, fields: dict) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.filter(pk=version.pk).update(**fields)
