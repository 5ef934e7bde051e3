"""Personal tokens: kept as hashes, for some purposes and some time, and over at once."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from datasets.models import Dataset
from governance.models import AuditEvent
from omdplatform.accounts.tokens import SCOPES, make_token
from omdplatform.models import PersonalToken
from tests.doors.addresses import doors
from tests.omdplatform.base.web.test_problems import assert_problem


def program(user: User, *scopes: str, days: int = 9) -> APIClient:
    client = APIClient(raise_request_exception=False)
    _, secret = make_token(user, "test", list(scopes), timedelta(days=days))
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}")
    return client


def test_a_token_is_kept_as_a_hash_and_told_once(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    page = client.post("/account/tokens", {"name": "nightly", "scopes": ["read", "ask"], "days": 9})
    secret = "omd_" + page.content.decode().partition("omd_")[2].partition("<")[0]
    assert len(secret) == 47
    token = PersonalToken.objects.get()
    assert secret not in json.dumps([token.digest, token.name, token.scopes])
    assert secret not in client.get("/account/").content.decode()
    assert secret not in json.dumps(list(AuditEvent.objects.values("action", "detail")))
    assert timedelta(days=8) < token.expires_at - timezone.now() < timedelta(days=10)


def test_a_token_without_an_end_or_a_purpose_is_not_made(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    for wrong in (
        {"days": ""},
        {"days": 366},
        {"days": 0},
        {"scopes": []},
        {"scopes": ["root"]},
        {"name": ""},
    ):
        told = {"name": "x", "scopes": ["read"], "days": 9, **wrong}
        assert client.post("/account/tokens", told).status_code == 400
    assert not PersonalToken.objects.exists()


def test_a_token_ends_with_its_time_and_at_once_when_revoked(owner: User, stranger: User) -> None:
    reader = program(owner, "read")
    assert reader.get("/api/v1/datasets/").status_code == 200
    PersonalToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert_problem(reader.get("/api/v1/datasets/"), 401, "token-invalid")
    PersonalToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    assert reader.get("/api/v1/datasets/").status_code == 200
    token = PersonalToken.objects.get()
    foreign, mine = Client(), Client()
    foreign.force_login(stranger)
    mine.force_login(owner)
    assert foreign.post(f"/account/tokens/{token.pk}/revoke").status_code == 404
    assert mine.post(f"/account/tokens/{token.pk}/revoke").status_code == 302
    assert_problem(reader.get("/api/v1/datasets/"), 401, "token-invalid")


@pytest.mark.parametrize("secret", ["omd_", "omd_x", "omd_" + "A" * 43, "omd_%00", "omd_' or 1=1"])
def test_no_other_text_is_a_token(owner: User, secret: str) -> None:
    make_token(owner, "test", list(SCOPES), timedelta(days=9))
    answer = APIClient().get("/api/v1/datasets/", HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert_problem(answer, 401, "token-invalid")


def test_each_address_of_the_api_needs_a_scope_that_fits_it(owner: User, people_table: Dataset) -> None:
    """Tokens for one purpose at every address: of another purpose each is a 403, and no unsafe request is
    reading."""
    get_resolver()
    needed: dict[tuple[str, str], set[str]] = {}
    values = {
        "dataset_id": people_table.pk, "job_id": people_table.pk, "upload_id": people_table.pk,
        "username": "x", "number": 1, "question_id": people_table.pk, "verified_id": 1,
    }  # fmt: skip
    clients = {scope: program(owner, scope) for scope in SCOPES}
    for door in doors():
        if not door.route.startswith("api/v1/") or door.name in {"docs", "jwks"}:
            continue
        for method in set(door.methods()) - {"OPTIONS", "HEAD"}:
            if (door.name, method) == ("tokens", "POST"):
                continue  # signing in asks for no token
            for scope, client in clients.items():
                if scope == "manage" and method == "DELETE" and door.name == "dataset":
                    continue  # it would do so
                answer = client.generic(method, door.filled(values), b"{}", "application/json")
                refused = answer.status_code == 403 and answer.json()["code"] == "token-scope"
                if not refused:
                    needed.setdefault((method, door.name), set()).add(scope)
    assert all(len(scopes) == 1 for scopes in needed.values()), needed
    unsafe = {door: scopes for door, scopes in needed.items() if door[0] != "GET" and "read" in scopes}
    assert set(unsafe) == {("POST", "tickets")}
    assert needed["POST", "upload"] == {"upload"}
    assert needed["PATCH", "dataset"] == {"manage"}
    assert needed["POST", "ask"] == {"ask"}
    assert needed["POST", "review-decisions"] == {"curate"}
    # Nothing that a token opens makes or ends tokens.
    assert ("DELETE", "tokens") not in needed


def test_a_token_opens_no_page(owner: User) -> None:
    reader = program(owner, *SCOPES)
    for page in ("/datasets/", "/account/", "/admin/"):
        assert reader.get(page).status_code == 302


def test_a_token_may_what_its_person_may(stranger: User, people_table: Dataset) -> None:
    client: Callable[..., object] = program(stranger, *SCOPES).get
    assert_problem(client(f"/api/v1/datasets/{people_table.pk}"), 404, "not-found")
    assert_problem(client("/api/v1/review/"), 403, "no-curation-right")
