"""Two workers on one queue, and two web processes: a job runs once, and every listener hears all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.browser.conftest import PASSWORD
from tests.ingested import orders_csv
from tests.stack.deployment import Deployment, Program, eventually, heard

pytestmark = pytest.mark.parametrize("deployment", ["2.0"], indirect=True)

QUEUE_ALL_AGAIN = """
    INSERT INTO django_q_ormq (key, payload, lock) SELECT key, payload, lock FROM django_q_ormq RETURNING id
"""


@pytest.fixture(scope="module")
def webs(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """Addresses of two web processes. No worker runs: a test starts its own once all is queued."""
    with deployment.web() as one, deployment.web() as other:
        yield one, other


def test_a_job_runs_once_even_where_it_is_queued_twice(deployment: Deployment, webs: tuple[str, str]) -> None:
    programs = [Program(url, "olga", PASSWORD) for url in webs]
    deployment.catalog.forget()
    jobs = [
        programs[number % 2].upload(f"part_{number}.csv", orders_csv(20, first=number * 20))
        for number in range(10)
    ]
    deployment.rows(QUEUE_ALL_AGAIN)
    with deployment.worker("left"), deployment.worker("right"):
        ended = [programs[0].ended(job) for job in jobs]
        assert {job["state"] for job in ended} == {"succeeded"}
        eventually(lambda: deployment.rows("SELECT count(*) FROM django_q_ormq") == [(0,)])
    begun = [event["message"] for job in jobs for event in programs[0].events(job)]
    assert Counter(begun)["Reading the file…"] == Counter(begun)["Success!"] == len(jobs)
    names = [body["name"] for body in deployment.puts("/api/v1/tables")]
    assert sorted(names) == sorted(f"part_{number}" for number in range(10))
    assert {row[0] for row in deployment.rows("SELECT fence FROM datasets_job")} == {1}
    # Both had a share: the one did not just wait for the other.
    held = "SELECT DISTINCT holder FROM datasets_job WHERE id::text = ANY(%s)"
    assert len(deployment.rows(held, [job["id"] for job in jobs])) == 2


def test_every_listener_on_every_web_process_hears_all_once_and_in_order(
    deployment: Deployment, webs: tuple[str, str]
) -> None:
    programs = [Program(url, "olga", PASSWORD) for url in webs]
    jobs = [
        programs[0].upload(f"heard_{number}.csv", orders_csv(200, first=number * 200)) for number in (7, 9)
    ]
    # Tickets come from one process and are good at the other.
    listeners = [(url, job) for url in webs for job in jobs for _ in range(3)]
    with (
        ThreadPoolExecutor(len(listeners) + 2) as pool,
        deployment.worker("left"),
        deployment.worker("right"),
    ):
        early = [pool.submit(heard, url, job, programs[0].ticket()) for url, job in listeners]
        ended = {job["id"]: programs[1].ended(job) for job in jobs}
        late = [pool.submit(heard, webs[1], job, programs[1].ticket(), 3) for job in jobs]
        told = [future.result() for future in early]
        told_late = [future.result() for future in late]
    for (_, job), messages in zip(listeners, told, strict=True):
        assert (messages[0]["type"], messages[-1]["type"]) == ("job", "job")
        assert messages[-1]["state"] == "succeeded"
        events = messages[1:-1]
        assert events == [{"type": "event", **event} for event in programs[0].events(job)]
        assert [item["number"] for item in events] == list(range(1, ended[job["id"]]["last_event"] + 1))
    for job, messages in zip(jobs, told_late, strict=True):
        assert [item["number"] for item in messages[1:-1]] == list(
            range(4, ended[job["id"]]["last_event"] + 1)
        )
