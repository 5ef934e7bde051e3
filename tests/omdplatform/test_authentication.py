"""Who may call the API: bearers of our tokens, and people who are signed in and send their CSRF token."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import jwt
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client
from rest_framework.test import APIClient

from governance.keys import load_private, sign_api_token
from governance.models import AuditEvent
from omdplatform.models import ApiIdentity
from tests.making import token_of
from tests.omdplatform.base.web.test_problems import assert_problem

Api = Callable[[User | None], APIClient]
PASSWORD = "seven green apples"


def ask_with(token: str) -> object:
    return APIClient().get("/api/v1/datasets/", HTTP_AUTHORIZATION=f"Bearer {token}")


@pytest.fixture
def token(api: Api, owner: User, settings: LazySettings) -> str:
    """What signing in with name and password gives."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    owner.set_password(PASSWORD)
    owner.save()
    credentials = {"username": "owner", "password": PASSWORD}
    response = api().post("/api/v1/tokens", credentials, format="json")
    assert response.status_code == 200
    assert response["Cache-Control"] == "no-store"
    body = response.json()
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 12 * 3600)
    return body["access_token"]


def test_name_and_password_give_a_token_that_opens_the_api(token: str, owner: User) -> None:
    assert ask_with(token).status_code == 200
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["sub"] == str(ApiIdentity.of(owner).uuid)
    assert AuditEvent.objects.filter(actor=owner, action="token given out").count() == 1


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"username": "owner", "password": "wrong"}, 401, "wrong-credentials"),
        ({"username": "nobody", "password": PASSWORD}, 401, "wrong-credentials"),
        ({"username": "owner"}, 400, "invalid"),
        ({"username": "own\0er", "password": "x"}, 400, "invalid"),
        ({"username": {"a": 1}, "password": []}, 400, "invalid"),
        ([], 400, "invalid"),
    ],
)
def test_no_token_for_others(api: Api, token: str, body: object, status: int, code: str) -> None:
    response = api().post("/api/v1/tokens", body, format="json")
    assert_problem(response, status, code)
    assert PASSWORD not in response.content.decode()
    assert response.has_header("WWW-Authenticate") == (status == 401)


def test_inactive_people_stay_outside(api: Api, token: str, owner: User) -> None:
    owner.is_active = False
    owner.save()
    assert_problem(ask_with(token), 401, "token-revoked")
    response = api().post("/api/v1/tokens", {"username": "owner", "password": PASSWORD}, format="json")
    assert_problem(response, 401, "wrong-credentials")


def test_ended_tokens_stay_ended(api: Api, token: str, owner: User, stranger: User) -> None:
    others = token_of(stranger)
    assert_problem(api().delete("/api/v1/tokens"), 401, "not-authenticated")
    assert api(owner).delete("/api/v1/tokens").status_code == 204
    assert_problem(ask_with(token), 401, "token-revoked")
    assert ask_with(others).status_code == 200
    assert ask_with(token_of(owner)).status_code == 200


def test_tokens_that_are_not_good(keys: None, owner: User) -> None:
    good = token_of(owner)
    header, claims, signature = good.split(".")
    old = sign_api_token(str(ApiIdentity.of(owner).uuid), timedelta(seconds=-60))
    response = ask_with(old)
    assert "expired" in assert_problem(response, 401, "token-invalid")["detail"]
    assert 'error="invalid_token"' in response["WWW-Authenticate"]
    catalog_key = load_private("catalog")
    forged = jwt.encode(jwt.decode(good, options={"verify_signature": False}), catalog_key, algorithm="RS256")
    unsigned = jwt.encode({"sub": str(ApiIdentity.of(owner).uuid)}, "", algorithm="none")
    bad = [
        "",
        "x",
        "a.b.c",
        "é",
        f"{header}.{claims}.",
        f"{claims}.{header}.{signature}",
        good + "x",
        forged,
        unsigned,
    ]
    for token in bad:
        assert_problem(ask_with(token), 401, "token-invalid")


def test_a_bad_token_is_not_mended_by_a_session(owner: User, keys: None) -> None:
    client = Client()
    client.force_login(owner)
    assert client.get("/api/v1/datasets/").status_code == 200
    assert_problem(client.get("/api/v1/datasets/", HTTP_AUTHORIZATION="Bearer x"), 401, "token-invalid")


def test_sessions_send_their_csrf_token_in_the_header(
    admin: User, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without it nothing of the body is parsed, not even to look for the token there."""
    parsed = []
    monkeypatch.setattr(TemporaryFileUploadHandler, "new_file", lambda *args, **kwargs: parsed.append(args))
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    (tmp_path / "a.csv").write_text("a,b\n1,2\n")
    with (tmp_path / "a.csv").open("rb") as file:
        response = client.post("/api/v1/datasets/upload", {"file": file})
    assert_problem(response, 403, "csrf-failed")
    assert not parsed
    client.get("/account/")
    token = client.cookies["csrftoken"].value
    assert_problem(client.post("/api/v1/tickets", HTTP_X_CSRFTOKEN="wrong"), 403, "csrf-failed")
    assert client.post("/api/v1/tickets", HTTP_X_CSRFTOKEN=token).status_code == 201


def test_public_keys_are_public(api: Api, token: str) -> None:
    response = api().get("/api/v1/system/config/jwks", HTTP_AUTHORIZATION="Bearer nonsense")
    assert response.status_code == 200
    assert "max-age" in response["Cache-Control"]
    (key,) = response.json()["keys"]
    assert (key["kty"], key["alg"]) == ("RSA", "RS256")
    assert "d" not in key
    verified = jwt.decode(
        token, jwt.PyJWK(key).key, algorithms=["RS256"], audience="omdplatform-api", issuer="omdplatform"
    )
    assert verified["jti"]


def test_a_ticket_for_a_socket(api: Api, owner: User) -> None:
    response = api(owner).post("/api/v1/tickets")
    assert response.status_code == 201
    assert len(response.json()["ticket"]) > 30
    assert_problem(api().post("/api/v1/tickets"), 401, "not-authenticated")
