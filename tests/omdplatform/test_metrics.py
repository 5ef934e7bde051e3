"""What Prometheus reads, and the page of the same; for those who look after the platform."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django_q.models import OrmQ
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from datasets.models import Dataset, Job, Reconciliation
from omdplatform.accounts.tokens import make_token
from omdplatform.base import measurements
from promptiq.ask import QuestionRefused, ask
from promptiq.vector_client import VectorClient

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vectors")]

Samples = dict[tuple[str, tuple[tuple[str, str], ...]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


@pytest.fixture
def scraped(api: Callable[[User], APIClient], admin: User) -> Callable[[], Samples]:
    def scrape() -> Samples:
        answer = api(admin).get("/metrics")
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain")
        return samples(answer.content.decode())

    return scrape


def test_what_is_counted(
    scraped: Callable[[], Samples], people_table: Dataset, owner: User, vectors: VectorClient
) -> None:
    version = people_table.versions.get()
    type(version).objects.update(receipt={"seconds": {"read": 1.5, "index": 4.0}}, index_state="ready")
    Job.open(version, Job.Kind.REBUILD, owner, "Waiting.")
    before = scraped()
    with pytest.raises(QuestionRefused):
        ask(" ", owner)
    ask("what is there?", owner, Dataset())
    vectors.names()
    after = scraped()

    def more(name: str, **labels: str) -> float:
        key = (name, tuple(sorted(labels.items())))
        return after[key] - before.get(key, 0.0)

    assert more("omd_question_seconds_count", outcome="failed") == 1
    assert more("omd_question_seconds_count", outcome="not_found") == 1
    assert more("omd_vector_call_seconds_count", result="ok") >= 1
    assert after["omd_jobs", (("kind", "rebuild"), ("state", "queued"))] == 1
    assert 0 < after["omd_queue_age_seconds", ()] < 60
    assert after["omd_step_seconds_sum", (("step", "index"),)] == 4.0
    assert after["omd_step_seconds_count", (("step", "read"),)] == 1
    assert after["omd_versions", (("index", "ready"),)] == 1
    assert after["omd_part_up", (("part", "database"),)] == 1
    assert 0 < after["omd_disk_free_bytes", ()] < after["omd_disk_total_bytes", ()]
    assert 0 < after["omd_memory_available_bytes", ()] < after["omd_memory_total_bytes", ()]


def test_who_may_see_it(api: Callable[[User | None], APIClient], owner: User, admin: User) -> None:
    assert api(None).get("/metrics").status_code == 401
    assert api(owner).get("/metrics").status_code == 403
    owner.user_permissions.add(Permission.objects.get(codename="operate"))
    assert api(User.objects.get(pk=owner.pk)).get("/metrics").status_code == 200
    assert APIClient().get("/metrics", headers={"Authorization": "Bearer no"}).status_code == 401


def test_a_personal_token_reads_it(admin: User) -> None:
    """It lasts for longer than one that signing in gives out: what Prometheus needs."""
    scraper = APIClient()
    for scopes, status in ((["read"], 200), (["upload"], 403)):
        _, secret = make_token(admin, "prometheus", scopes, timedelta(days=90))
        scraper.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert scraper.get("/metrics").status_code == status
        assert scraper.get("/healthz").status_code in {status, 503}


def test_what_the_dead_have_left_goes() -> None:
    left = measurements.folder() / "histogram_999999999.db"
    left.write_bytes(b"")
    measurements.forget_the_dead()
    assert not left.exists()


def test_the_page(owner: User, admin: User) -> None:
    Reconciliation.objects.create(
        started_at=admin.date_joined, ended_at=admin.date_joined, found=1, left=1,
        findings=[{
            "store": "raw file", "kind": "missing", "key": "a/b", "text": "It is gone.", "version": None,
            "done": "left to a person", "left": True,
        }],
    )  # fmt: skip
    client = Client()
    assert client.get("/operations/").status_code == 302
    client.force_login(owner)
    assert client.get("/operations/").status_code == 403
    client.force_login(admin)
    with patch("omdplatform.health.server_url", return_value="http://127.0.0.1:9"):
        page = client.get("/operations/").content.decode()
    for said in (
        "It is gone.",
        "left to a person",
        "The vector server does not answer.",
        "omd_disk_free_bytes",
    ):
        assert said in page
    assert client.post("/operations/reconcile").status_code == 302
    assert OrmQ.objects.count() == 1
