"""Runs are told to a real server, by the schemas of OpenLineage, and a server that is away harms no job."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils import timezone
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from datasets.ingestion import pipeline
from datasets.ingestion.lineage import run_events, telling
from datasets.ingestion.lineage.run_events import Sink, SinkAway
from datasets.models import Job
from tests.datasets.ingestion.lineage.listening import Listener, listening
from tests.ingested import ingest, orders_csv, receive_orders, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

SPEC = Path(__file__).with_name("spec")
SCHEMAS = {path.stem: json.loads(path.read_text()) for path in SPEC.glob("*.json")}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
NO_ROWS = b"email,goods,amount\n"
STEPS = ["read", "profile", "classify", "policies", "register", "archive", "index", "verify"]


@pytest.fixture
def listener(settings: LazySettings) -> Iterator[Listener]:
    with listening() as found:
        settings.OPENLINEAGE_URL = found.url
        cache.delete(telling._TELLER)
        yield found


def check(schema: dict[str, Any], value: Any) -> None:
    Draft202012Validator(schema, registry=REGISTRY, format_checker=FormatChecker()).validate(value)


def facets_of(event: dict[str, Any]) -> Iterator[dict[str, dict[str, Any]]]:
    yield event["run"]["facets"]
    yield event["job"]["facets"]
    for dataset in (*event["inputs"], *event["outputs"]):
        yield from (dataset.get(kind) or {} for kind in ("facets", "inputFacets", "outputFacets"))


def lives(listener: Listener, suffix: str) -> list[str]:
    """The states of the runs whose job's name ends so, in order, but those of going on."""
    told = [event for event in listener.heard if event["job"]["name"].endswith(suffix)]
    return [event["eventType"] for event in told if event["eventType"] != "RUNNING"]


def test_a_job_and_its_steps_are_runs(owner: User, listener: Listener, settings: LazySettings) -> None:
    settings.OPENLINEAGE_API_KEY = "let-me-in"
    job = ingest(owner, orders_csv(), "pay of Anna Schneider.csv")
    assert telling.tell(Sink()) == len(listener.heard)
    assert lives(listener, ".ingest") == ["START", "COMPLETE"]
    for step in STEPS:
        assert lives(listener, f".ingest.{step}") == ["START", "COMPLETE"], step
    assert listener.keys == {"Bearer let-me-in"}
    children = [event for event in listener.heard if event["job"]["name"].count(".") == 2]
    assert {event["run"]["facets"]["parent"]["run"]["runId"] for event in children} == {str(job.pk)}
    assert len({event["run"]["runId"] for event in children}) == len(STEPS)
    (table,) = listener.heard[-1]["outputs"]
    assert table["name"] == job.version.catalog_fqn
    assert table["outputFacets"]["outputStatistics"]["rowCount"] == 40
    assert [each["name"] for each in table["facets"]["schema"]["fields"]] == ["email", "goods", "amount"]
    told = json.dumps(listener.heard)
    # The table is told by its name in the catalog; nothing of a cell, and not the name of the file.
    assert not [word for word in ("Anna Schneider", ".csv", "post.example", "oak") if word in told]
    assert telling.tell(Sink()) == 0  # once is enough


@pytest.mark.parametrize("content", [orders_csv(), NO_ROWS])
def test_what_is_told_is_as_the_specification_says(owner: User, listener: Listener, content: bytes) -> None:
    ingest(owner, content)
    telling.tell(Sink())
    seen: Counter[str] = Counter()
    for event in listener.heard:
        check({"$ref": f"{SCHEMAS['OpenLineage']['$id']}#/$defs/RunEvent"}, event)
        for facets in facets_of(event):
            for name, facet in facets.items():
                check({"$ref": facet["_schemaURL"]}, facet)
                check({"$ref": facet["_schemaURL"].partition("#")[0]}, {name: facet})
                seen[name] += 1
    last = "errorMessage" if content == NO_ROWS else "outputStatistics"
    assert {"jobType", "parent", last} <= set(seen)
    broken = {**listener.heard[0], "eventTime": 5}
    with pytest.raises(Exception, match="is not of type"):
        check({"$ref": f"{SCHEMAS['OpenLineage']['$id']}#/$defs/RunEvent"}, broken)


def test_a_job_that_fails(owner: User, listener: Listener) -> None:
    ingest(owner, NO_ROWS)
    telling.tell(Sink())
    assert lives(listener, ".ingest") == lives(listener, ".ingest.read") == ["START", "FAIL"]
    said = listener.heard[-1]["run"]["facets"]["errorMessage"]["message"]
    assert said.startswith("no-rows: The file has a header and no rows.")


def test_a_job_that_is_cancelled(owner: User, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    job = receive_orders(owner)
    done = pipeline.classify_columns

    def cancelled(*args: Any) -> None:
        done(*args)
        pipeline.cancel(Job.objects.get(pk=job.pk), owner)

    monkeypatch.setattr(pipeline, "classify_columns", cancelled)
    work_off(job)
    telling.tell(Sink())
    assert lives(listener, ".ingest") == lives(listener, ".ingest.classify") == ["START", "ABORT"]


def test_each_try_of_a_step_is_a_run_of_its_own(owner: User, listener: Listener) -> None:
    """One that waits ends the first; one whose worker vanished is seen where an earlier step begins again."""
    job = receive_orders(owner)
    job.take()
    job.advance(Job.Step.READ, "Reading the file…")
    job.wait(0, "A service is unavailable.")
    job.take()
    job.advance(Job.Step.READ, "Reading the file…")
    job.advance(Job.Step.PROFILE, "Profiling…")
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
    job.refresh_from_db()
    work_off(job)
    telling.tell(Sink())
    assert lives(listener, ".read") == ["START", "ABORT", "START", "COMPLETE", "START", "COMPLETE"]
    assert lives(listener, ".profile") == ["START", "ABORT", "START", "COMPLETE"]
    assert lives(listener, ".ingest") == ["START", "COMPLETE"]
    reads = {event["run"]["runId"] for event in listener.heard if event["job"]["name"].endswith(".read")}
    assert len(reads) == 3


def test_a_step_that_goes_on_is_told_seldom(owner: User, listener: Listener) -> None:
    job = receive_orders(owner)
    job.take()
    for rows in range(6):
        job.advance(Job.Step.READ, done=rows)
    begun = timezone.now() - timedelta(minutes=1)
    for place, event in enumerate(job.events.order_by("number")):
        job.events.filter(pk=event.pk).update(at=begun + timedelta(seconds=4 * place))
    telling.tell(Sink())
    told = [event["eventType"] for event in listener.heard if event["job"]["name"].endswith(".read")]
    assert told == ["START", "RUNNING"]


@pytest.mark.parametrize("status", [500, 503, 429])
def test_what_could_not_be_told_is_told_later(owner: User, listener: Listener, status: int) -> None:
    job = ingest(owner, orders_csv())
    listener.status = status
    with pytest.raises(SinkAway):
        telling.tell(Sink())
    listener.status = 201
    telling.tell(Sink())
    assert lives(listener, ".ingest") == ["START", "COMPLETE"]
    job.refresh_from_db()
    assert (job.state, job.lineage_told) == ("succeeded", job.last_event)


def test_an_event_that_is_refused_is_not_told_again(owner: User, listener: Listener) -> None:
    ingest(owner, orders_csv())
    listener.status = 422
    assert telling.tell(Sink()) == 0
    listener.status = 201
    assert telling.tell(Sink()) == 0


def test_what_nobody_heard_for_a_day_is_dropped(owner: User, listener: Listener) -> None:
    ingest(owner, orders_csv())
    Job.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    assert telling.tell(Sink()) == 0


def test_a_server_that_hangs_holds_up_nothing(
    owner: User, listener: Listener, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(run_events, "TIMEOUT", 0.3)
    monkeypatch.setattr(telling, "LOOK_SECONDS", 0.05)
    listener.released.clear()
    ended = threading.Event()
    telling.start(ended)
    job = ingest(owner, orders_csv())
    assert job.state == "succeeded"
    until = time.monotonic() + 20
    while "does not answer" not in caplog.text and time.monotonic() < until:
        time.sleep(0.05)
    assert "OPENLINEAGE_URL does not answer (ReadTimeout)" in caplog.text
    listener.released.set()
    while lives(listener, ".ingest") != ["START", "COMPLETE"] and time.monotonic() < until:
        time.sleep(0.05)
    ended.set()
    (teller,) = [thread for thread in threading.enumerate() if thread.name == "lineage"]
    teller.join(10)
    assert lives(listener, ".ingest")[-1] == "COMPLETE"


def test_one_of_several_workers_tells(
    owner: User, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(owner, orders_csv())
    monkeypatch.setattr(telling, "identity", lambda: "host:1:1")
    assert telling._may_tell()
    monkeypatch.setattr(telling, "identity", lambda: "host:2:2")
    assert telling.tell(Sink()) == 0
    monkeypatch.setattr(telling, "identity", lambda: "host:1:1")
    assert telling.tell(Sink()) > 0


def test_nobody_is_told_without_a_setting(settings: LazySettings) -> None:
    settings.OPENLINEAGE_URL = ""
    telling.start(threading.Event())
    assert "lineage" not in [thread.name for thread in threading.enumerate()]
