"""manage.py openmetadata_check says what works, what does not, and what to do; its exit code says it too."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from tests.openmetadata_double import Double, running

pytestmark = pytest.mark.django_db


def check() -> tuple[list[str], bool]:
    """(lines, whether all is well)."""
    out = StringIO()
    try:
        call_command("openmetadata_check", stdout=out)
    except CommandError:
        return out.getvalue().splitlines(), False
    return out.getvalue().splitlines(), True


def marks(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines]


def test_all_is_well(double: Double) -> None:
    lines, good = check()
    assert good
    assert marks(lines) == ["ok"] * 7
    assert double.url in lines[0]
    assert "5 of 32 are there" in lines[5]
    made = {"/".join(request.parts) for request in double.requests if request.method == "PUT"}
    assert made == {"services/databaseServices", "databases", "databaseSchemas", "tables"}


def test_it_tries_a_column_on_a_table_of_its_own_and_says_what_is_stored(double: Double) -> None:
    lines, _ = check()
    assert "confirmed and read back" in lines[6]
    assert ("If-Match" in lines[6]) is (double.profile == "1.12")
    assert double.table("omdplatform.lake.openmetadata-check.openmetadata-check") is None


def test_the_token_of_the_bot_is_fetched_once(double: Double) -> None:
    check()
    assert len([request for request in double.requests if "auth-mechanism" in request.path]) == 1


def test_an_address_without_its_api_is_known(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_HOST = double.url.removesuffix("/api")
    assert check()[1]


def test_it_does_not_advise_to_run_itself(double: Double) -> None:
    double.stop()
    assert "openmetadata_check" not in "".join(check()[0])


def test_a_refusal_advises_nothing_but_what_helps(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_TOKEN = "bad"
    (line,) = [line for line in check()[0] if line.startswith("FAILED")]
    assert line.endswith("or the bot may not do this.")
    assert "openmetadata_check" not in line


def test_nothing_that_was_found_before_is_believed(double: Double, settings: LazySettings) -> None:
    assert check()[1]
    settings.OPENMETADATA_BOT = "nobody-here"
    assert not check()[1]
    settings.OPENMETADATA_BOT = "ingestion-bot"
    double.fail_next(1, 500, "jwks")
    assert not check()[1], "our key's name there is asked for anew"


def test_it_may_be_repeated(double: Double) -> None:
    assert check() == check()


def test_no_server_in_settings(settings: LazySettings) -> None:
    settings.OPENMETADATA_HOST = ""
    with pytest.raises(CommandError, match="OPENMETADATA_HOST is not set"):
        call_command("openmetadata_check")


def test_a_server_that_is_down(double: Double) -> None:
    double.stop()
    lines, good = check()
    assert not good
    assert marks(lines) == ["FAILED", *"------"]
    assert "cannot be reached" in lines[0]


def test_another_key_pair(settings: LazySettings, keys: None) -> None:
    with running(profile="2.0") as stranger:
        settings.OPENMETADATA_HOST = stranger.url
        lines, good = check()
    assert not good
    assert marks(lines) == ["ok", "ok", "FAILED", *"----"]
    assert "RSA_PUBLIC_KEY_FILE_PATH" in lines[2]


def test_no_key_pair(double: Double, settings: LazySettings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    lines, good = check()
    assert not good
    assert "make_keys" in lines[2]


@pytest.mark.parametrize(("token", "good"), [("", True), ("bad", False)])
def test_a_token_in_settings(double: Double, settings: LazySettings, token: str, good: bool) -> None:
    settings.OPENMETADATA_TOKEN = token or double.bot_token
    lines, found = check()
    assert found is good
    assert "OPENMETADATA_TOKEN" in lines[2]
    assert marks(lines)[3] == ("ok" if good else "FAILED")


def test_versions_that_differ(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_VERSION_CHECK = True
    lines, good = check()
    assert good is (double.profile == "2.0")
    assert ("OPENMETADATA_VERSION_CHECK=0" in lines[1]) is (double.profile != "2.0")


def test_a_bot_that_may_not_write(double: Double) -> None:
    double.fail_next(1, 403, "PUT ")
    lines, good = check()
    assert not good
    assert marks(lines) == ["ok", "ok", "ok", "ok", "FAILED", "-", "-"]
    assert "403" in lines[4]


def test_no_token_is_shown(double: Double) -> None:
    lines, _ = check()
    assert double.bot_token not in "\n".join(lines)
