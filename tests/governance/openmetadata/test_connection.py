"""Trust, versions and trouble: how OpenMetadata is reached, and what is said when it is not."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.conf import LazySettings

from datasets.tables.values.column_types import ColumnType
from governance import keys
from governance.catalog.contract import CatalogColumn, CatalogRefused, CatalogUnavailable
from governance.catalog.names import catalog_user
from governance.om_client import OMClient
from governance.openmetadata.connection import not_promised
from governance.openmetadata.refusals import naming_the_column
from tests.governance.catalog_tables import catalog_column, catalog_table
from tests.openmetadata_double import Double, running

pytestmark = pytest.mark.django_db

NOBODY = "00000000-0000-0000-0000-000000000000"


def fetch() -> None:
    """The cheapest call that needs a token."""
    assert OMClient.shared().fetch(NOBODY) is None


def paths(double: Double) -> list[str]:
    return ["/".join(request.parts) for request in double.requests]


# --- Trust ------------------------------------------------------------------------------------------------


def test_the_shared_key_pair_is_enough(double: Double) -> None:
    fetch()
    fetch()
    signed = [request for request in double.requests if request.parts[0] == "users"]
    assert [request.parts[1] for request in signed] == ["name", "auth-mechanism"]
    works = [request for request in double.requests if request.parts[0] == "tables"]
    assert {request.authorization for request in works} == {f"Bearer {double.bot_token}"}


def test_the_token_of_our_own_is_short_and_in_the_administrators_name(
    double: Double, made_keys: Path
) -> None:
    fetch()
    (token,) = {
        (request.authorization or "").removeprefix("Bearer ")
        for request in double.requests
        if request.parts[0] == "users"
    }
    public = load_der_public_key((made_keys / "catalog" / "public_key.der").read_bytes())
    claims = jwt.decode(token, public, algorithms=["RS256"])  # type: ignore[arg-type]
    assert claims["sub"] == "admin"
    assert claims["exp"] - claims["iat"] == 300
    assert jwt.get_unverified_header(token)["kid"]


@pytest.mark.django_db(transaction=True)
def test_many_threads_ask_for_the_token_once(double: Double) -> None:
    with ThreadPoolExecutor(8) as threads:
        for answer in [threads.submit(fetch) for _ in range(16)]:
            answer.result()
    assert sum(path.startswith("users/auth-mechanism") for path in paths(double)) == 1
    assert sum(path.startswith("tables") for path in paths(double)) == 16


def test_a_token_in_settings_is_used_instead(double: Double, settings: LazySettings, tmp_path: Path) -> None:
    settings.OPENMETADATA_TOKEN = double.bot_token
    settings.KEYS_DIR = tmp_path / "nothing"
    fetch()
    assert not any(path.startswith("users") for path in paths(double))
    assert {request.authorization for request in double.requests if request.parts[0] == "tables"} == {
        f"Bearer {double.bot_token}"
    }


def test_a_token_in_settings_that_is_no_good_is_said_so(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_TOKEN = "not.a.token"
    with pytest.raises(CatalogRefused, match="does not take our token") as refused:
        fetch()
    assert refused.value.answered == 401
    assert "not.a.token" not in str(refused.value)


@pytest.mark.slow
def test_another_key_pair_names_ours_and_what_to_do(settings: LazySettings, keys: None) -> None:
    with running(profile="2.0") as stranger:
        settings.OPENMETADATA_HOST = stranger.url
        with pytest.raises(CatalogRefused, match="another key") as refused:
            fetch()
    assert str(settings.KEYS_DIR / "catalog") in str(refused.value)
    assert "OPENMETADATA_TOKEN" in str(refused.value)


def test_a_missing_key_pair_names_the_command_that_makes_it(
    double: Double, settings: LazySettings, tmp_path: Path
) -> None:
    settings.KEYS_DIR = tmp_path
    with pytest.raises(CatalogRefused, match="make_keys"):
        fetch()


def test_an_administrator_that_is_not_there_is_named(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_ADMIN = "nobody-here"
    with pytest.raises(CatalogRefused, match="nobody-here"):
        fetch()


def test_a_bot_that_is_not_there_is_named(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_BOT = "no-bot"
    with pytest.raises(CatalogRefused, match="no-bot"):
        fetch()


def test_a_token_that_was_renewed_is_fetched_again(double: Double) -> None:
    fetch()
    double.forget()
    double.fail_next(1, 401, "GET /api/v1/tables")
    fetch()
    assert [path.split("/")[0] for path in paths(double)] == ["tables", "system", "users", "tables"]


def test_a_refused_token_is_not_fetched_for_ever(double: Double) -> None:
    fetch()
    double.forget()
    double.fail_next(50, 401, "GET /api/v1/tables")
    with pytest.raises(CatalogRefused):
        fetch()
    assert sum(path.startswith("tables") for path in paths(double)) == 2


def test_the_api_pair_opens_nothing_there(settings: LazySettings, keys: None, made_keys: Path) -> None:
    """A server that was given the wrong one of our two pairs."""
    with running(profile="2.0", public_key_der=(made_keys / "api" / "public_key.der").read_bytes()) as wrong:
        settings.OPENMETADATA_HOST = wrong.url
        with pytest.raises(CatalogRefused, match="another key"):
            fetch()


# --- Versions ---------------------------------------------------------------------------------------------


def test_versions_that_differ_are_refused_until_a_setting_lets_them(
    double: Double, settings: LazySettings
) -> None:
    settings.OPENMETADATA_VERSION_CHECK = True
    if double.profile == "2.0":
        fetch()
        return
    with pytest.raises(CatalogRefused, match=r"version 1\.1.*our client is 2\.0") as refused:
        fetch()
    assert "OPENMETADATA_VERSION_CHECK=0" in str(refused.value)
    assert paths(double) == ["system/version"]
    assert "not promised" in str(refused.value)
    assert ("not told why a tag is suggested" in str(refused.value)) is (double.profile == "1.1")
    settings.OPENMETADATA_VERSION_CHECK = False
    fetch()


def test_what_another_version_means_is_said_once_by_all_processes(
    double: Double, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(2):
        OMClient(OMClient.shared().connection.server).fetch(NOBODY)
    said = [record.getMessage() for record in caplog.records if "our client is" in record.getMessage()]
    assert len(said) == (double.profile != "2.0")
    assert all("not promised" in each for each in said)


@pytest.mark.parametrize("version", ["1.5.2", "1.13.0", "2.1.0"])
def test_of_a_version_that_nobody_saw_more_is_not_promised(version: str) -> None:
    said = not_promised(version)
    assert "was never seen" in said
    assert "what people edit there comes back" in said
    assert ("not told" in said) is version.startswith("1.5")


# --- Trouble ----------------------------------------------------------------------------------------------


def test_a_server_that_is_down_is_named_and_found_again(double: Double) -> None:
    client = OMClient.shared()
    entry = client.register(catalog_table(catalog_column("email", "PII.Sensitive")))
    double.stop()
    for call in (lambda: client.fetch(entry.id), lambda: client.apply_column_tags(entry.id, {"email": []})):
        with pytest.raises(CatalogUnavailable, match="cannot be reached") as unavailable:
            call()
        assert double.url in str(unavailable.value)
        assert "openmetadata_check" in str(unavailable.value)
    double.start()
    assert client.fetch(entry.id) is not None


def test_a_server_that_is_down_from_the_start_is_found_later(double: Double) -> None:
    double.stop()
    with pytest.raises(CatalogUnavailable, match="cannot be reached"):
        fetch()
    double.start()
    fetch()


def test_pages_do_not_wait_for_a_slow_server(double: Double, settings: LazySettings) -> None:
    fetch()
    settings.OPENMETADATA_FETCH_TIMEOUT = 0.2
    double.delay = 1.0
    double.forget()
    with pytest.raises(CatalogUnavailable, match=r"within 0\.2 seconds"):
        fetch()
    assert len(double.requests) == 1


def test_registering_waits_longer_but_not_for_ever(double: Double, settings: LazySettings) -> None:
    settings.OPENMETADATA_TIMEOUT = 1
    client = OMClient.shared()
    double.delay = 0.05
    client.register(catalog_table(catalog_column("email")))
    double.delay = 2.0
    with pytest.raises(CatalogUnavailable, match="within 1 seconds"):
        client.register(catalog_table(catalog_column("email"), name="second"))


@pytest.mark.parametrize("status", [500, 502, 503, 504, 429])
def test_a_failing_server_is_out_of_reach_and_not_quoted(double: Double, status: int) -> None:
    fetch()
    double.forget()
    double.fail_next(1, status)
    with pytest.raises(CatalogUnavailable, match=f"with {status}") as unavailable:
        fetch()
    assert "HTTP" not in str(unavailable.value)
    assert len(double.requests) == 1
    fetch()


def test_a_refusal_is_in_the_servers_words(double: Double) -> None:
    client = OMClient.shared()
    column = catalog_column("email")
    with pytest.raises(CatalogRefused, match=r"OpenMetadata says: .*repeated") as refused:
        client.register(catalog_table(column, column))
    assert (refused.value.answered, refused.value.column) == (400, "email")


@pytest.fixture
def page() -> Iterator[str]:
    """The address of something that answers everything with a web page."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<html><body>Welcome</body></html>")

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_an_address_without_the_api_is_explained(page: str, settings: LazySettings, keys: None) -> None:
    settings.OPENMETADATA_HOST = page
    with pytest.raises(CatalogUnavailable, match=r"something else than JSON\. OPENMETADATA_HOST"):
        fetch()


@pytest.mark.parametrize("address", ["openmetadata-server:8585/api", "http://", "ftp://127.0.0.1/api"])
def test_what_is_no_address_is_explained(address: str, settings: LazySettings, keys: None) -> None:
    settings.OPENMETADATA_HOST = address
    with pytest.raises(CatalogUnavailable, match="is no address"):
        fetch()


def test_a_body_that_the_sdk_does_not_take_is_refused_without_quoting_it(double: Double) -> None:
    with pytest.raises(CatalogRefused, match=r"no such CreateTableRequest: name: ") as refused:
        OMClient.shared().register(catalog_table(catalog_column("email"), name="x" * 300))
    assert "xxx" not in str(refused.value)


# --- Which column -----------------------------------------------------------------------------------------


def column(name: str, *tags: str) -> CatalogColumn:
    return CatalogColumn(name, name.upper(), ColumnType.STRING, "", tags)


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ("Column name b is repeated", "b"),
        ('Invalid column "b c"', "b c"),
        ("tag instance for PII.Sensitive not found", "b"),
        ("Tag labels PII.None and Tier.Tier1 are mutually exclusive", "b c"),
        (
            '(through reference chain: CreateTable["columns"]->java.util.ArrayList[2]->Column["dataType"])',
            "b c",
        ),
        ('(through reference chain: CreateTable["columns"]->java.util.ArrayList[9])', None),
        ("[name size must be between 1 and 128]", None),
        ("tag instance for PII.SensitiveData not found", None),
        ("databaseSchema instance for a.b.c not found", None),
    ],
)
def test_the_column_that_a_refusal_speaks_of(words: str, named: str | None) -> None:
    table = catalog_table(
        column("a", "PII.None"), column("b", "PII.Sensitive"), column("b c", "PII.None", "Tier.Tier1")
    )
    found = naming_the_column(CatalogRefused(words, 404), table)
    assert (found.column, found.answered) == (named, 404)
    assert str(found).endswith(words)
    assert str(found).startswith("Column ") == (named is not None or words.startswith("Column "))


@pytest.mark.parametrize("username", ["jane", "jane.doe", "j-d_2"])
def test_plain_user_names_stay(username: str) -> None:
    assert catalog_user(username) == username


def test_other_user_names_are_valid_and_stay_apart() -> None:
    names = {catalog_user(name) for name in ("a@b.org", "a+b.org", "a_b.org", "x" * 65, "x" * 66)}
    assert len(names) == 5
    assert all(len(name) <= 64 and "@" not in name and "+" not in name for name in names)


def test_no_token_of_the_catalogs_pair_is_one_of_ours(double: Double) -> None:
    fetch()
    for request in double.requests:
        token = (request.authorization or "").removeprefix("Bearer ")
        with pytest.raises(keys.InvalidToken):
            keys.verify_api_token(token)
