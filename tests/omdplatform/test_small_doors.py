"""Numbers beyond the database's, caches, names that deceive, and room that one person takes from all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from datasets.ingestion.receiving.partial_uploads import begin_partial
from datasets.ingestion.receiving.uploads import UploadRefused, Wish, clean_filename
from datasets.models import Dataset, PartialUpload
from tests.omdplatform.base.web.test_problems import assert_problem

Api = Callable[[User | None], APIClient]
HUGE = 99_999_999_999_999_999_999


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_number_that_no_column_has_is_refused(api: Api, steward: User, people_table: Dataset) -> None:
    asked = {"action": "confirm", "items": [{"column": HUGE, "tag": "PII.Sensitive"}]}
    assert_problem(api(steward).post("/api/v1/review/decisions", asked, format="json"), 400, "invalid")
    form = {"action": "confirm", "item": f"{HUGE}:PII.Sensitive"}
    assert client_of(steward).post("/review/", form).status_code == 400
    opened = client_of(steward).post(f"{people_table.get_absolute_url()}columns/{HUGE}/open")
    assert opened.status_code == 404


@pytest.mark.parametrize("path", ["/datasets/", "/ask/", "/account/", "/api/v1/datasets/", "/api/v1/jobs/"])
def test_no_cache_keeps_what_a_person_sees(owner: User, people_table: Dataset, path: str) -> None:
    assert "no-store" in client_of(owner).get(path)["Cache-Control"]


@pytest.mark.parametrize("name", ["a\u202efdp.csv", "a\u2066b.csv", "a\x85b.csv", "a\u200b\x00.csv"])
def test_names_that_deceive_are_refused(api: Api, owner: User, people_table: Dataset, name: str) -> None:
    with pytest.raises(UploadRefused):
        clean_filename(name)
    answer = api(owner).patch(f"/api/v1/datasets/{people_table.pk}", {"name": name}, format="json")
    assert_problem(answer, 400, "invalid")


def test_names_of_every_script_are_taken() -> None:
    for name in ("müller.csv", "اسم.csv", "名前.csv", "क्षेत्र.csv"):
        assert clean_filename(name)


def test_unfinished_uploads_have_quotas(owner: User, stranger: User, settings: LazySettings) -> None:
    settings.UNFINISHED_UPLOADS, settings.UNFINISHED_BYTES = 3, 1_000

    def refused(user: User, length: int) -> str:
        with pytest.raises(UploadRefused) as error:
            begin_partial(user, "a.csv", length, Wish())
        return error.value.code

    for _ in range(2):
        begin_partial(owner, "a.csv", 400, Wish())
    assert refused(owner, 400) == "too-much-unfinished"
    begin_partial(owner, "a.csv", 100, Wish())
    assert refused(owner, 1) == "too-many-unfinished"
    assert PartialUpload.objects.count() == 3
    begin_partial(stranger, "a.csv", 400, Wish())
