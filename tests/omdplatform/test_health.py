"""Bare health for everybody, the parts for staff."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Permission, User
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Worker
from omdplatform.base import disk
from tests.language_model_double import LanguageModelDouble
from tests.running import free_port

JSON = {"accept": "application/json"}


@contextmanager
def no_database() -> Iterator[None]:
    with patch("omdplatform.health.connection.cursor", side_effect=OperationalError("secret address")):
        yield


@contextmanager
def vectors_answer() -> Iterator[None]:
    with (
        patch("omdplatform.health.server_url", return_value="http://127.0.0.1:9"),
        patch("omdplatform.health.answers", return_value=True),
    ):
        yield


@pytest.mark.django_db
def test_one_word_for_everybody() -> None:
    response = Client().get("/healthz", headers=JSON)
    assert (response.status_code, response.content) == (200, b"ok")


@pytest.mark.django_db
def test_a_lost_database_is_told_without_its_address() -> None:
    with no_database():
        response = Client().get("/healthz")
    assert (response.status_code, response.content) == (503, b"database")


def parts_of(answer: Any) -> dict[str, Any]:
    return {name: part["ok"] for name, part in answer.json().items()}


def test_staff_see_which_part_is_missing_since_when_and_what_to_do(admin: User, owner: User) -> None:
    client = Client()
    client.force_login(admin)
    Worker.beat()
    with patch("omdplatform.health.server_url", return_value="http://127.0.0.1:9"):
        response = client.get("/healthz", headers=JSON)
        since = response.json()["vectors"]["since"]
        assert client.get("/healthz", headers=JSON).json()["vectors"]["since"] == since
    assert response.status_code == 503
    assert parts_of(response) == {
        "database": True, "storage": True, "vectors": False, "worker": True, "disk": True, "memory": True,
        "stores": True,
    }  # fmt: skip
    vectors = response.json()["vectors"]
    assert vectors["says"] == "The vector server does not answer."
    assert "CHROMA_URL" in vectors["do"]
    with vectors_answer():
        well = client.get("/healthz", headers=JSON)
    assert (well.status_code, well.json()["vectors"]) == (
        200, {"ok": True, "vital": True, "says": "", "do": "", "since": None},
    )  # fmt: skip
    client.force_login(owner)
    assert client.get("/healthz", headers=JSON).content == b"ok"


def test_a_bearer_token_with_the_right_sees_the_parts(
    api: Callable[[User | None], APIClient], owner: User
) -> None:
    assert api(owner).get("/healthz").status_code == 403
    owner.user_permissions.add(Permission.objects.get(codename="operate"))
    assert "database" in api(User.objects.get(pk=owner.pk)).get("/healthz").json()
    assert APIClient().get("/healthz", headers={"Authorization": "Bearer no"}).status_code == 401


def test_little_room_is_told(admin: User) -> None:
    client = Client()
    client.force_login(admin)
    nearly_full = disk.Room(total=10**12, used=10**12 - 10**8, free=10**8)
    little = SimpleNamespace(available=10**8, total=10**10)
    with (
        vectors_answer(),
        patch("omdplatform.base.disk.shutil.disk_usage", return_value=nearly_full),
        patch("omdplatform.health.psutil.virtual_memory", return_value=little),
    ):
        told = client.get("/healthz", headers=JSON)
    assert told.status_code == 503
    assert told.json()["disk"]["says"] == "95 MB are free where the data folder lies."
    assert (told.json()["memory"]["ok"], told.json()["memory"]["vital"]) == (False, False)


@pytest.mark.django_db
def test_a_language_model_that_is_away_is_told_and_makes_nobody_unwell(
    admin: User, settings: LazySettings
) -> None:
    client = Client()
    client.force_login(admin)
    Worker.beat()
    settings.LLM_MODEL = "double-1"
    with LanguageModelDouble() as double, vectors_answer():
        settings.LLM_BASE_URL = double.url
        there = client.get("/healthz", headers=JSON)
        assert (there.status_code, there.json()["language_model"]["ok"]) == (200, True)
        settings.LLM_BASE_URL = f"http://127.0.0.1:{free_port()}/v1"
        away = client.get("/healthz", headers=JSON)
        assert (away.status_code, away.json()["language_model"]["ok"]) == (200, False)
