"""The double against what was recorded, against the real SDK, and what tests can do to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.openmetadata_double import Double, running
from tests.openmetadata_double.renaming import renamed
from tests.openmetadata_double.replaying import Replay, recorded
from tests.openmetadata_double.replaying_newer import NewerReplay, recorded_newer

SCHEMA = "svc.lake.owner-1"
TABLE = f"{SCHEMA}.people"


@pytest.fixture(params=["1.1", "1.12", "2.0"])
def double(request: pytest.FixtureRequest) -> Iterator[Double]:
    """A server with nothing but what is built in, in each version."""
    with running(request.param) as double:
        yield double


@pytest.fixture
def strict() -> Iterator[Double]:
    """A 1.1 server, for what does not depend on the version."""
    with running("1.1") as double:
        yield double


def call(
    double: Double, method: str, path: str, body: object = None, token: str | None = None
) -> httpx.Response:
    """One request as the bot, or with the token."""
    return httpx.request(
        method,
        f"{double.url}/v1/{path}",
        json=body,
        headers={"Authorization": f"Bearer {token or double.bot_token}"},
        timeout=10,
    )


def made(double: Double, *path_and_body: tuple[str, dict[str, Any]]) -> None:
    for path, body in path_and_body:
        call(double, "PUT", path, body).raise_for_status()


def with_schema(double: Double) -> None:
    made(
        double,
        (
            "services/databaseServices",
            {"name": "svc", "serviceType": "CustomDatabase", "connection": {"config": {}}},
        ),
        ("databases", {"name": "lake", "service": "svc"}),
        ("databaseSchemas", {"name": "owner-1", "database": "svc.lake"}),
    )


def label(tag: str, *, sure: bool = False) -> dict[str, str]:
    how = ("Manual", "Confirmed") if sure else ("Automated", "Suggested")
    return {"tagFQN": tag, "source": "Classification", "labelType": how[0], "state": how[1]}


def put_people(double: Double, *columns: dict[str, Any], **more: Any) -> httpx.Response:
    return call(
        double,
        "PUT",
        "tables",
        {"name": "people", "databaseSchema": SCHEMA, "columns": list(columns), **more},
    )


def column(name: str, *tags: str, type: str = "STRING", **more: Any) -> dict[str, Any]:
    labels = {"tags": [label(tag) for tag in tags]} if tags else {}
    return {"name": name, "dataType": type, **labels, **more}


def stored_tags(double: Double, name: str) -> list[str]:
    table = double.table(TABLE)
    assert table is not None
    return next([tag["tagFQN"] for tag in each["tags"]] for each in table["columns"] if each["name"] == name)


# --- As recorded ------------------------------------------------------------------------------------------


def test_every_recorded_exchange_is_answered_alike() -> None:
    exchanges = recorded()
    assert len(exchanges) == 87
    assert Replay(exchanges).differences() == []


def test_other_names_columns_ids_and_tags_are_answered_alike() -> None:
    exchanges = renamed(recorded())
    text = str([exchange["request"] for exchange in exchanges])
    assert not any(name in text for name in ("customers", "PII", "raw-data", "stewart", "'email': 'st"))
    assert Replay(exchanges).differences() == []


def test_every_exchange_recorded_of_a_newer_server_is_answered_alike() -> None:
    """Status, ETag, the shape of whole answers, and what a client reads in them: names, versions, who changed
    it, tags with their states."""
    exchanges = recorded_newer()
    assert len(exchanges) == 140
    assert NewerReplay(exchanges).differences() == []


def test_other_names_of_a_newer_server_are_answered_alike() -> None:
    exchanges = renamed(recorded_newer())
    text = str([exchange["request"] for exchange in exchanges])
    assert not any(name in text for name in ("people", "PII", "KindOne", "lake-one"))
    assert NewerReplay(exchanges).differences() == []


@pytest.mark.parametrize(
    ("step", "spoil"),
    [
        ("put 9: get", {"etag": False}),
        ("person 5: get (the version went back)", {"if_match": "x", "response": {"version": 0.3}}),
        ("patch 11: get after remove a column's tag, If-Match right", {"status": 412}),
    ],
)
def test_replay_of_a_newer_server_tells_another_answer(step: str, spoil: dict[str, Any]) -> None:
    exchanges = [{**each, **spoil} if each["step"] == step else each for each in recorded_newer()]
    assert [difference.step for difference in NewerReplay(exchanges).differences()] == [step]


def test_replay_of_a_newer_server_tells_another_shape() -> None:
    exchanges = recorded_newer()
    replay = NewerReplay(exchanges)
    assert len(replay.shapes) == 127
    replay.shapes["put 9: get"] = {**replay.shapes["put 9: get"], "glossary": "str"}
    assert [difference.step for difference in replay.differences()] == ["put 9: get"]


@pytest.mark.parametrize(
    ("step", "spoil"),
    [
        ("missing table", {"status": 400}),
        ("get table raw", {"response": {}}),
        ("curation 12: get (tags of the column that was dropped)", {"response": {"version": 9.9}}),
    ],
)
def test_replay_tells_another_answer(step: str, spoil: dict[str, Any]) -> None:
    exchanges = [{**each, **spoil} if each["step"] == step else each for each in recorded()]
    assert [difference.step for difference in Replay(exchanges).differences()] == [step]


# --- What the two profiles take ---------------------------------------------------------------------------


def test_owner_is_one_in_11_and_a_list_later(double: Double) -> None:
    with_schema(double)
    user = call(double, "PUT", "users", {"name": "steward", "email": "steward@example.org"}).json()
    reference = {"id": user["id"], "type": "user"}
    one = put_people(double, column("a"), owner=reference)
    several = put_people(double, column("a"), owners=[reference])
    refused, taken = (several, one) if double.profile == "1.1" else (one, several)
    assert refused.status_code == 400
    assert "Unrecognized field" in refused.json()["message"]
    assert taken.status_code == 201
    field = "owner" if double.profile == "1.1" else "owners"
    shown = call(double, "GET", f"tables/name/{TABLE}?fields={field}").json()[field]
    owners = [shown] if double.profile == "1.1" else shown
    assert [owner["name"] for owner in owners] == ["steward"]
    # A bot that asks again without the owner leaves it.
    put_people(double, column("a"))
    assert field in call(double, "GET", f"tables/name/{TABLE}?fields={field}").json()


def test_each_profile_tells_its_version(double: Double) -> None:
    version = httpx.get(f"{double.url}/v1/system/version").json()["version"]
    assert version.startswith(double.profile)


@pytest.mark.parametrize(
    ("profile", "longest"),
    [("1.1", 128), ("2.0", 256)],
)
def test_names_have_a_longest_length(profile: str, longest: int) -> None:
    with running(profile) as double:
        with_schema(double)
        assert put_people(double, column("c" * longest)).status_code == 201
        refused = put_people(double, column("c" * (longest + 1)))
        assert refused.json()["message"] == f"[name size must be between 1 and {longest}]"


# --- Curation ---------------------------------------------------------------------------------------------


def test_put_only_adds_tags(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email", "PII.Sensitive"), column("age"))
    put_people(double, column("email", "PersonalData.Personal"), column("age", "PII.NonSensitive"))
    assert stored_tags(double, "email") == ["PII.Sensitive", "PersonalData.Personal"]
    assert stored_tags(double, "age") == ["PII.NonSensitive"]


def test_tags_of_a_column_with_another_type_go(double: Double) -> None:
    with_schema(double)
    put_people(double, column("age", "PII.Sensitive", type="INT", description="Years"))
    put_people(double, column("age", type="FLOAT"))
    assert stored_tags(double, "age") == []
    table = double.table(TABLE)
    assert table is not None
    assert table["columns"][0]["description"] == "Years"


def test_an_unknown_tag_leaves_a_table_without_tags_in_11_only(double: Double) -> None:
    with_schema(double)
    refused = put_people(double, column("email", "PII.Nope"))
    assert (refused.status_code, refused.json()["message"]) == (404, "tag instance for PII.Nope not found")
    assert (double.table(TABLE) is None) == (double.profile != "1.1")


def test_a_person_edits_tags(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email", "PII.Sensitive"), column("age"))
    double.edit_tags(TABLE, {"email": ["PII.None"], "age": ["PII.Sensitive"]})
    table = double.table(TABLE)
    assert table is not None
    assert (table["version"], table["updatedBy"]) == (0.2, "admin")
    assert [(tag["labelType"], tag["state"]) for tag in table["columns"][0]["tags"]] == [
        ("Manual", "Confirmed")
    ]
    assert stored_tags(double, "email") == ["PII.None"]
    # The bot's next request for the tag that the person took away is refused as a whole.
    assert put_people(double, column("email", "PII.Sensitive"), column("age")).status_code == 400


def test_description_of_a_person_is_taken_and_kept_from_the_bot(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email"), description="first")
    table = double.table(TABLE)
    assert table is not None
    patch = [{"op": "replace", "path": "/description", "value": "second"}]
    assert call(double, "PATCH", f"tables/{table['id']}", patch).json()["description"] == "second"
    assert put_people(double, column("email"), description="third").json()["description"] == "second"


def test_a_deleted_table_comes_back_by_put(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email", "PII.Sensitive"))
    table = double.table(TABLE)
    assert table is not None
    call(double, "DELETE", f"tables/{table['id']}")
    assert double.table(TABLE) is None
    assert put_people(double, column("email")).status_code == 200
    assert stored_tags(double, "email") == ["PII.Sensitive"]


def id_of(double: Double) -> str:
    return str(double.table(TABLE)["id"])  # type: ignore[index]


def patch(double: Double, *operations: dict[str, Any], if_match: str = "") -> httpx.Response:
    headers = {"Authorization": f"Bearer {double.bot_token}"} | ({"If-Match": if_match} if if_match else {})
    return httpx.patch(f"{double.url}/v1/tables/{id_of(double)}", json=list(operations), headers=headers)


def test_a_column_patch_with_if_match_is_stored_by_20_only(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email", "PII.Sensitive"))
    answer = patch(double, {"op": "remove", "path": "/columns/0/tags/0"}, if_match='W/"0.1"')
    assert answer.status_code == 200
    assert answer.json()["columns"][0].get("tags", []) == [], "the answer shows what was asked for"
    assert stored_tags(double, "email") == (["PII.Sensitive"] if double.profile == "1.12" else [])
    wrong = patch(double, {"op": "add", "path": "/description", "value": "x"}, if_match='W/"9.9"')
    assert wrong.status_code == (200 if double.profile == "1.1" else 412)


def test_newer_servers_keep_the_state_of_a_tag_that_is_there(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email", "PII.Sensitive"))
    place = "/columns/0/tags/0"
    patch(double, {"op": "replace", "path": place, "value": label("PII.Sensitive", sure=True)})
    state = double.table(TABLE)["columns"][0]["tags"][0]["state"]  # type: ignore[index]
    assert state == ("Confirmed" if double.profile == "1.1" else "Suggested")
    patch(double, {"op": "remove", "path": place})
    patch(double, {"op": "add", "path": place, "value": label("PII.Sensitive", sure=True)})
    assert double.table(TABLE)["columns"][0]["tags"][0]["state"] == "Confirmed"  # type: ignore[index]


def test_edits_of_one_person_are_put_together_and_the_version_goes_back(double: Double) -> None:
    with_schema(double)
    put_people(double, column("email", "PII.Sensitive"), column("age"))

    def edited(*tags: str) -> float:
        double.edit_tags(TABLE, {"age": tags})
        return float(double.table(TABLE)["version"])  # type: ignore[index]

    seen = [edited("PII.None"), edited("PII.NonSensitive"), edited()]
    assert seen == ([0.2, 0.3, 0.4] if double.profile == "1.1" else [0.2, 0.2, 0.1])
    double.fold_seconds = -1
    assert edited("PII.None") < edited("PII.NonSensitive"), "not within ten minutes"


# --- Who may call -----------------------------------------------------------------------------------------


@pytest.fixture
def sign() -> Iterator[tuple[Double, Callable[..., str]]]:
    """A double that was given a key, and what signs with it."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    with running("1.1", public) as double:
        key_id = httpx.get(f"{double.url}/v1/system/config/jwks").json()["keys"][0]["kid"]

        def signed(name: str, kid: str = key_id) -> str:
            claims = {"sub": name, "exp": int(time.time()) + 60}
            return jwt.encode(claims, key, "RS256", headers={"kid": kid})

        yield double, signed


def test_an_admin_fetches_the_token_of_the_bot(sign: tuple[Double, Callable[..., str]]) -> None:
    double, signed = sign
    bot = call(double, "GET", "users/name/ingestion-bot", token=signed("admin")).json()
    told = call(double, "GET", f"users/auth-mechanism/{bot['id']}", token=signed("admin")).json()
    assert told["authType"] == "JWT"
    assert told["config"]["JWTToken"] == double.bot_token
    assert call(double, "GET", f"users/auth-mechanism/{bot['id']}").status_code == 403
    assert call(double, "GET", "tables", token=told["config"]["JWTToken"]).status_code == 200


def test_the_key_set_checks_what_the_double_takes(sign: tuple[Double, Callable[..., str]]) -> None:
    double, signed = sign
    keys = jwt.PyJWKSet.from_dict(httpx.get(f"{double.url}/v1/system/config/jwks").json())
    assert jwt.decode(signed("admin"), keys.keys[0], ["RS256"])["sub"] == "admin"
    assert call(double, "GET", "tables", token=signed("admin", kid="another")).status_code == 401


# --- Trouble ----------------------------------------------------------------------------------------------


def test_requests_are_refused_and_recorded(strict: Double) -> None:
    strict.fail_next(1, status=503)
    strict.fail_next(1, status=429, path="PUT /api/v1/databases")
    assert [call(strict, "GET", "tables").status_code for _ in range(2)] == [503, 200]
    assert call(strict, "PUT", "databases", {"name": "x", "service": "y"}).status_code == 429
    seen = [(request.method, request.path, request.body, request.status) for request in strict.requests]
    assert seen[0] == ("GET", "/api/v1/tables", None, 503)
    assert seen[2] == ("PUT", "/api/v1/databases", {"name": "x", "service": "y"}, 429)
    strict.forget()
    assert strict.requests == []


def test_a_restart_keeps_port_and_data_and_cuts_connections(strict: Double) -> None:
    with_schema(strict)
    put_people(strict, column("email"))
    url = strict.url
    with httpx.Client(headers={"Authorization": f"Bearer {strict.bot_token}"}) as client:
        client.get(f"{url}/v1/tables").raise_for_status()
        strict.stop()
        with pytest.raises(httpx.TransportError):
            client.get(f"{url}/v1/tables")
        strict.start()
        assert strict.url == url
        assert client.get(f"{url}/v1/tables/name/{TABLE}").status_code == 200


def test_answers_can_be_slow(strict: Double) -> None:
    strict.delay = 0.3
    began = time.monotonic()
    call(strict, "GET", "tables")
    assert time.monotonic() - began >= 0.3
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(f"{strict.url}/v1/system/version", timeout=0.05)


def test_many_requests_at_once(strict: Double) -> None:
    with_schema(strict)
    with ThreadPoolExecutor(8) as pool:
        names = [f"t{number}" for number in range(40)]
        bodies = [{"name": name, "databaseSchema": SCHEMA, "columns": [column("a")]} for name in names]
        answers = list(pool.map(lambda body: call(strict, "PUT", "tables", body), bodies))
    assert {answer.status_code for answer in answers} == {201}
    listed = call(strict, "GET", f"tables?databaseSchema={SCHEMA}&limit=25").json()
    assert (len(listed["data"]), listed["paging"]["total"]) == (25, 40)
    rest = call(
        strict, "GET", f"tables?databaseSchema={SCHEMA}&limit=25&after={listed['paging']['after']}"
    ).json()
    assert {each["name"] for each in (*listed["data"], *rest["data"])} == set(names)
