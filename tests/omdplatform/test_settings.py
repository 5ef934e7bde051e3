"""Settings that are wrong or do not go together say so, and what to do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from governance.keys import make_key_pairs
from omdplatform.base import environment

SQLITE = {"default": {"ENGINE": "django.db.backends.sqlite3"}}


def found() -> set[str]:
    return {message.id for message in checks.run_checks() if message.id.startswith("omdplatform.")}


def test_defaults_go_together(settings: LazySettings, tmp_path: Path, keys: None) -> None:
    settings.DATA_DIR = tmp_path
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "id"),
    [
        ({"ALLOWED_HOSTS": ["*"]}, "E001"),
        ({"CORS_ALLOWED_ORIGINS": ["https://*.example"]}, "E001"),
        ({"S3_ENDPOINT_URL": "http://minio:9000", "S3_ACCESS_KEY": ""}, "E002"),
        ({"CHROMA_URL": "chroma:8000"}, "E003"),
        ({"OPENMETADATA_HOST": "openmetadata-server"}, "E003"),
        ({"UPLOAD_PART_BYTES": 99_000_000, "REQUEST_MAX_BYTES": 9_000_000}, "E004"),
        ({"LLM_BASE_URL": "models:8080/v1", "LLM_MODEL": "m"}, "E003"),
        ({"LLM_BASE_URL": "http://models:8080/v1", "LLM_MODEL": ""}, "E006"),
        ({"LLM_BASE_URL": "http://models:8080/v1", "LLM_MODEL": "m", "LLM_TIMEOUT": 0}, "E006"),
        ({"LLM_BASE_URL": "http://me:secret@models:8080/v1", "LLM_MODEL": "m"}, "E006"),
        ({"LLM_MODEL": "m"}, "W003"),
        ({"REDIS_URL": "redis://redis:6379", "DATABASES": SQLITE}, "W001"),
    ],
)
def test_what_does_not_go_together(
    settings: LazySettings, keys: None, changes: dict[str, object], id: str
) -> None:
    if id == "W001" and not settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        settings.DATABASES = {
            "default": {**settings.DATABASES["default"], "ENGINE": "django.db.backends.sqlite3"}
        }
    for name, value in changes.items():
        setattr(settings, name, value)
    assert f"omdplatform.{id}" in found()


def test_a_key_in_another_form_is_told_with_the_command_that_mends_it(
    settings: LazySettings, tmp_path: Path
) -> None:
    make_key_pairs(tmp_path)
    (tmp_path / "api" / "private_key.der").write_bytes(b"-----BEGIN PRIVATE KEY-----\nAAAA\n")
    settings.KEYS_DIR = tmp_path
    (problem,) = [message for message in checks.run_checks() if message.id == "omdplatform.E005"]
    assert "openssl" in problem.msg


@pytest.mark.parametrize(
    ("value", "meant"),
    [("1", True), ("Yes", True), ("off", False), ("FALSE", False), ("", True), (" ", True)],
)
def test_flags(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("A_FLAG", value)
    assert environment.flag("A_FLAG", default=True) is meant


def test_what_cannot_be_read_names_the_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("A_FLAG", "maybe")
    monkeypatch.setenv("A_NUMBER", "-3")
    with pytest.raises(ImproperlyConfigured, match="A_FLAG takes 1 or 0"):
        environment.flag("A_FLAG", default=True)
    with pytest.raises(ImproperlyConfigured, match="A_NUMBER takes a whole number"):
        environment.number("A_NUMBER", default=1)


def test_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_ITEMS", "a.example, b.example,,")
    assert environment.items("SOME_ITEMS") == ["a.example", "b.example"]
    monkeypatch.delenv("SOME_ITEMS")
    assert environment.items("SOME_ITEMS", default=["c"]) == ["c"]
