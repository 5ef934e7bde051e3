"""Errors have one shape for programs, and a page for people."""

from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import IntegrityError
from django.test import Client
from rest_framework.test import APIClient
from rest_framework.throttling import SimpleRateThrottle

from datasets.models import Dataset

Api = Callable[[User | None], APIClient]
PROBLEM = "application/problem+json"


def assert_problem(response: object, status: int, code: str) -> dict:
    assert (response.status_code, response["Content-Type"]) == (status, PROBLEM)
    document = response.json()
    assert (document["status"], document["code"], document["type"]) == (status, code, "about:blank")
    assert document["title"]
    assert document["detail"]
    assert document["instance"] == response.wsgi_request.path
    return document


def test_addresses_that_lead_nowhere(api: Api, owner: User) -> None:
    for path in ("/api/v1/nothing", "/api/v2/datasets/", "/api/v1/datasets/not-a-uuid", "/api/v1/jobs/%00"):
        assert_problem(api(owner).get(path), 404, "not-found")
        assert_problem(api(owner).post(path), 404, "not-found")


@pytest.mark.parametrize("path", ["datasets", "jobs", "uploads"])
def test_a_missing_or_needless_slash_leads_on(api: Api, owner: User, path: str) -> None:
    response = api(owner).get(f"/api/v1/{path}?page=1")
    assert (response.status_code, response["Location"]) == (308, f"/api/v1/{path}/?page=1")
    response = api(owner).post("/api/v1/ask/")
    assert (response.status_code, response["Location"]) == (308, "/api/v1/ask")


@pytest.mark.parametrize("debug", [True, False])
def test_pages_that_lead_nowhere_stay_pages(settings: LazySettings, debug: bool) -> None:
    settings.DEBUG = debug
    response = Client().get("/no/such/page")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")
    answer = Client().get("/api/nothing")
    assert_problem(answer, 404, "not-found")


def test_bad_json(api: Api, owner: User) -> None:
    for body in ("{", "[" * 100_000, '"\\ud800', "\xff", "NaN", "9" * 5000):
        response = api(owner).post("/api/v1/ask", body, content_type="application/json")
        assert_problem(response, 400, "parse-error")


@pytest.mark.parametrize(
    "body", ["[]", "3", "null", '"x"', "{}", '{"question": ["a"]}', '{"question": "\\u0000"}']
)
def test_json_of_another_shape(api: Api, owner: User, body: str) -> None:
    response = api(owner).post("/api/v1/ask", body, content_type="application/json")
    document = assert_problem(response, 400, "invalid")
    assert document["errors"][0]["pointer"].startswith("#")
    assert document["errors"][0]["detail"] in document["detail"]


def test_bad_fields_of_an_address_are_named(api: Api, owner: User) -> None:
    document = assert_problem(api(owner).get("/api/v1/jobs/?state=odd&dataset=x"), 400, "invalid")
    assert {error["parameter"] for error in document["errors"]} == {"state", "dataset"}


def test_other_media_types_and_methods(api: Api, owner: User) -> None:
    response = api(owner).post("/api/v1/ask", "<a/>", content_type="application/xml")
    assert_problem(response, 415, "unsupported-media-type")
    response = api(owner).put("/api/v1/ask")
    assert_problem(response, 405, "method-not-allowed")
    assert "POST" in response["Allow"]
    assert_problem(api(owner).get("/api/v1/jobs/", HTTP_ACCEPT="image/png"), 406, "not-acceptable")


def test_nobody_is_asked_to_sign_in(db: None) -> None:
    for path in ("datasets/", "jobs/", "schema"):
        response = APIClient().get(f"/api/v1/{path}")
        assert_problem(response, 401, "not-authenticated")
        assert response["WWW-Authenticate"] == 'Bearer realm="omdplatform"'


def test_too_many_requests_say_when_to_come_again(
    api: Api, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SimpleRateThrottle, "THROTTLE_RATES", {"ask": "1/min", "upload": None, "token": None})
    client = api(owner)
    client.post("/api/v1/ask", {}, format="json")
    response = client.post("/api/v1/ask", {}, format="json", HTTP_X_FORWARDED_FOR="10.0.0.1")
    assert_problem(response, 429, "throttled")
    assert 0 < int(response["Retry-After"]) <= 60


def test_what_nobody_foresaw_says_nothing_of_itself(
    api: Api, owner: User, people_table: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/api/v1/datasets/{people_table.pk}"
    with patch("datasets.web.rest.api.present_dataset", side_effect=ValueError("ann@example.org")):
        response = api(owner).get(path)
    assert_problem(response, 500, "internal-error")
    assert "ann@example.org" not in response.content.decode() + caplog.text
    assert "ValueError" in caplog.text
    with patch("datasets.web.rest.api.present_dataset", side_effect=IntegrityError("ann@example.org")):
        response = api(owner).get(path)
    assert_problem(response, 409, "conflict")
    assert b"ann@example.org" not in response.content


# --- Bodies -----------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_by_its_length(
    api: Api, owner: User, settings: LazySettings
) -> None:
    settings.REQUEST_MAX_BYTES = 100
    for client in (api(owner), APIClient()):
        response = client.post("/api/v1/datasets/upload?filename=a.csv", b"a" * 101, content_type="text/csv")
        assert assert_problem(response, 413, "body-too-large")["limit"] == 100
    assert not Dataset.objects.exists()
    page = Client().post("/datasets/upload", b"a" * 101, content_type="multipart/form-data; boundary=x")
    assert page.status_code == 413
    assert page["Content-Type"].startswith("text/html")
    assert "100 bytes" in page.content.decode()


def test_a_body_needs_a_length_that_is_one(api: Api, owner: User) -> None:
    path = "/api/v1/datasets/upload?filename=a.csv"
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    response = api(owner).post(path, b"a", content_type="text/csv", **chunked)
    assert_problem(response, 411, "length-required")
    for length in ("-1", "many", "1e3"):
        response = api(owner).post(path, b"a", content_type="text/csv", CONTENT_LENGTH=length)
        assert_problem(response, 400, "bad-length")


# --- Pages ------------------------------------------------------------------------------------------------


def test_a_form_without_its_token_is_explained(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    page = client.post("/accounts/logout/")
    assert page.status_code == 403
    assert "load the page again" in page.content.decode()
    answer = client.post("/accounts/logout/", HTTP_ACCEPT="application/json")
    assert_problem(answer, 403, "csrf-failed")


def test_what_browsers_are_told(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    for path in ("/accounts/login/", "/api/v1/docs", "/api/v1/datasets/", "/no/such/page"):
        response = client.get(path)
        policy = response["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "camera=()" in response["Permissions-Policy"]
