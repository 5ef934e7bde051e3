"""Each server goes away while the platform runs: what is said, what goes on, and how it ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from tests.ingested import orders_csv
from tests.stack.deployment import Deployment, Program, eventually, heard
from tests.stack.servers import Server

pytestmark = pytest.mark.parametrize("deployment", ["2.0"], indirect=True)

# A question that nothing can be computed for: the nearest rows are looked for.
COSY = "cosy things for a cold evening"


@contextmanager
def away(server: Server) -> Iterator[None]:
    server.stop()
    try:
        yield
    finally:
        server.start()


def waits(deployment: Deployment, job: dict[str, Any]) -> bool:
    """The job waits for a part that is away, and says when it tries again."""
    query = "SELECT 1 FROM datasets_job WHERE id = %s AND state = 'queued' AND retry_at IS NOT NULL"
    return bool(deployment.rows(query, job["id"]))


def test_no_upload_is_taken_while_minio_is_away(deployment: Deployment, olga: Program) -> None:
    with away(deployment.minio):
        refused = olga.send("nowhere.csv", orders_csv())
        assert (refused.status_code, refused.json()["code"]) == (503, "storage-unavailable")
        assert deployment.minio.url in refused.json()["detail"]
        assert not deployment.rows("SELECT 1 FROM datasets_version WHERE filename = 'nowhere.csv'")
    assert olga.ingest("nowhere.csv", orders_csv())["version"] == 1


def test_minio_goes_away_in_the_middle_of_a_job(deployment: Deployment, olga: Program) -> None:
    deployment.catalog.forget()
    deployment.catalog.delay = 3  # long enough to be there in time
    try:
        job = olga.upload("halfway.csv", orders_csv(21))
        eventually(lambda: bool(deployment.puts("/api/v1/tables")))
        with away(deployment.minio):
            eventually(lambda: waits(deployment, job))
    finally:
        deployment.catalog.delay = 0
    (fqn,) = {body["databaseSchema"] + "." + body["name"] for body in deployment.puts("/api/v1/tables")}
    assert olga.ended(job)["state"] == "succeeded"  # by itself
    assert deployment.catalog.table(fqn) is not None


def test_chroma_away(deployment: Deployment, olga: Program) -> None:
    dataset = olga.ingest("indexed.csv", orders_csv(22))["dataset"]
    with away(deployment.chroma):
        job = olga.upload("unindexed.csv", orders_csv(23))
        eventually(lambda: waits(deployment, job))
        asked = olga.http.post("api/v1/ask", json={"question": COSY, "dataset": dataset})
    assert (asked.status_code, asked.json().get("code")) == (503, "vectors-unavailable")
    assert olga.ended(job)["state"] == "succeeded"  # by itself
    assert olga.ask(COSY, dataset)["outcome"] == "answered"


def test_redis_away(deployment: Deployment, olga: Program) -> None:
    """Jobs end without it, and listeners hear of it; requests that count on it say so."""
    job = olga.upload("unannounced.csv", orders_csv(24))
    with ThreadPoolExecutor(1) as pool:
        listening = pool.submit(heard, str(olga.http.base_url), job, olga.ticket())
        with away(deployment.redis):
            assert olga.ended(job)["state"] == "succeeded"
            told = listening.result()
            refused = olga.send("unthrottled.csv", orders_csv(25))
            assert (refused.status_code, refused.json()["code"]) == (503, "cache-unavailable")
            assert httpx.get(f"{olga.http.base_url}healthz").text == "ok"
    assert [item["number"] for item in told[1:-1]] == [event["number"] for event in olga.events(job)]
    assert olga.ingest("unthrottled.csv", orders_csv(25))["state"] == "succeeded"


def test_postgresql_is_started_again(deployment: Deployment, olga: Program) -> None:
    """A job in its middle is taken up again by itself, and whatever it had begun is done anew."""
    deployment.catalog.forget()
    deployment.catalog.delay = 3  # long enough to be there in time
    job = olga.upload("afterwards.csv", orders_csv(26))
    try:
        eventually(lambda: bool(deployment.puts("/api/v1/tables")))
        with away(deployment.postgresql):
            assert httpx.get(f"{olga.http.base_url}healthz", timeout=30).status_code == 503
            time.sleep(4)
    finally:
        deployment.catalog.delay = 0
    assert httpx.get(f"{olga.http.base_url}healthz", timeout=30).text == "ok"
    assert olga.ended(job)["state"] == "succeeded"
    (version,) = olga.get(f"datasets/{job['dataset']}/versions")["results"]
    assert deployment.catalog.table(version["catalog_fqn"]) is not None
    assert not [key for key in deployment.objects()["quarantine"] if key]


def test_openmetadata_away(deployment: Deployment, olga: Program) -> None:
    """The job waits, stores nothing, says so, and goes on by itself."""
    deployment.catalog.stop()
    try:
        job = olga.upload("patient.csv", orders_csv(27))
        eventually(lambda: "The catalog does not answer" in str(olga.events(job)))
        assert olga.get(f"jobs/{job['id']}")["state"] == "queued"
        kept = [key for keys in deployment.objects().values() for key in keys if job["dataset"] in key]
        assert not kept
    finally:
        deployment.catalog.start()
    assert olga.ended(job)["state"] == "succeeded"
