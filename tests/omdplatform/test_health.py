"""Bare health for everybody, the parts for staff."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import OperationalError
from django.test import Client

from tests.language_model_double import LanguageModelDouble
from tests.running import free_port

JSON = {"accept": "application/json"}


@contextmanager
def no_database() -> Iterator[None]:
    with patch("omdplatform.health.connection.cursor", side_effect=OperationalError("secret address")):
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


def test_staff_see_which_part_is_missing(admin: User, owner: User) -> None:
    client = Client()
    client.force_login(admin)
    with patch("omdplatform.health.server_url", return_value="http://127.0.0.1:9"):
        response = client.get("/healthz", headers=JSON)
    assert response.status_code == 503
    assert response.json() == {"database": True, "storage": True, "vectors": False, "worker": True}
    client.force_login(owner)
    assert client.get("/healthz", headers=JSON).content == b"ok"


@pytest.mark.django_db
def test_a_language_model_that_is_away_is_told_and_makes_nobody_unwell(
    admin: User, settings: LazySettings
) -> None:
    client = Client()
    client.force_login(admin)
    settings.LLM_MODEL = "double-1"
    with LanguageModelDouble() as double, patch("omdplatform.health._vectors", return_value=True):
        settings.LLM_BASE_URL = double.url
        there = client.get("/healthz", headers=JSON)
        assert (there.status_code, there.json()["language_model"]) == (200, True)
        settings.LLM_BASE_URL = f"http://127.0.0.1:{free_port()}/v1"
        away = client.get("/healthz", headers=JSON)
        assert (away.status_code, away.json()["language_model"]) == (200, False)
