"""Sixty-odd things that are made to look like a right, each beside the real one: none is accepted."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain
from typing import Any
from uuid import uuid4

import jwt
import pytest
from channels.testing import WebsocketCommunicator
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Dataset, Job, PartialUpload
from governance.keys import key_id, load_private, load_public
from omdplatform.accounts.tokens import make_token
from omdplatform.asgi import application
from omdplatform.models import ApiIdentity
from tests.conftest import person
from tests.making import token_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("keys")]
LIST = "/api/v1/datasets/"


def accepted(status: int) -> bool:
    return status < 400


# --- Tokens -----------------------------------------------------------------------------------------------


def encoded(part: Any) -> str:
    text = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def with_mac(header: dict[str, Any], claims: dict[str, Any], key: bytes) -> str:
    """A token whose signature is a MAC: PyJWT itself refuses to make one with a public key."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    return f"{signed}.{encoded(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def forged_tokens(owner: User) -> Iterator[tuple[str, str]]:
    """(what it is, the token)."""
    ours, public = load_private("api"), load_public("api")
    header: dict[str, Any] = {"alg": "RS256", "typ": "JWT", "kid": key_id(public)}
    now = int(time.time())
    good = {
        "sub": str(ApiIdentity.of(owner).uuid), "iss": settings.API_TOKEN_ISSUER,
        "aud": settings.API_TOKEN_AUDIENCE, "iat": now, "exp": now + 300, "jti": str(uuid4()),
    }  # fmt: skip

    def signed(key: Any = ours, **changes: Any) -> str:
        claims = {name: value for name, value in {**good, **changes}.items() if value is not None}
        return jwt.encode(claims, key, algorithm="RS256", headers={"kid": header["kid"]})

    for algorithm in ("none", "None", "NONE", "", "nOnE"):
        yield f"unsigned: {algorithm!r}", f"{encoded({**header, 'alg': algorithm})}.{encoded(good)}."
    forms = serialization.PublicFormat.SubjectPublicKeyInfo
    der = public.public_bytes(serialization.Encoding.DER, forms)
    pem = public.public_bytes(serialization.Encoding.PEM, forms)
    for name, key in {"DER": der, "PEM": pem, "no": b"", "kid": header["kid"].encode()}.items():
        yield f"a MAC by {name} key", with_mac({**header, "alg": "HS256"}, good, key)
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    yield "another key", signed(stranger)
    yield "the catalog's key", signed(load_private("catalog"))
    for algorithm in ("RS384", "RS512", "PS256"):
        yield f"our key by {algorithm}", jwt.encode(good, ours, algorithm=algorithm)
    own_key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(stranger.public_key()))
    for name, value in {
        "jwk": own_key, "jku": "https://evil.example/keys", "x5u": "https://evil.example/cert",
        "kid": "../../../dev/null",
    }.items():  # fmt: skip
        yield f"its own {name}", jwt.encode(good, stranger, algorithm="RS256", headers={name: value})
    yield "an unknown crit", jwt.encode(good, ours, algorithm="RS256", headers={"crit": ["x"], "x": 1})
    for claim in ("sub", "iss", "aud", "exp", "jti", "iat"):
        yield f"no {claim}", signed(**{claim: None})
    changes: dict[str, Any] = {
        "iss": "elsewhere", "aud": "another", "exp": now - 5, "iat": now + 9_000, "nbf": now + 9_000,
        "sub": str(uuid4()),
    }  # fmt: skip
    for claim, value in changes.items():
        yield f"a wrong {claim}", signed(**{claim: value})
    yield "the number of a user", signed(sub=str(owner.pk))
    yield "another audience beside", signed(aud=["another"])
    head, claims, signature = signed().split(".")
    other = {**good, "sub": str(uuid4())}
    yield "changed claims", f"{head}.{encoded(other)}.{signature}"
    yield "no signature", f"{head}.{claims}."
    yield "half a signature", f"{head}.{claims}.{signature[:170]}"
    yield "a signature of noughts", f"{head}.{claims}.{encoded(bytes(256))}"
    yield "five parts", f"{head}.{claims}.{signature}.{claims}.{signature}"
    ApiIdentity.rotate(owner)
    yield "a revoked one", signed()


def forged_personal_tokens(owner: User) -> Iterator[tuple[str, str]]:
    token, secret = make_token(owner, "real", ["read"], timedelta(days=1))
    yield "its digest", f"omd_{token.digest}"
    yield "its id", f"omd_{token.pk}"
    yield "its end changed", secret[:-1] + ("A" if secret[-1] != "A" else "B")
    yield "one sign less", secret[:-1]
    yield "another case", secret.swapcase()
    yield "nothing", "omd_"
    token.delete()
    yield "a revoked one", secret


def test_no_forged_token_is_accepted(owner: User) -> None:
    client = APIClient()
    assert accepted(client.get(LIST, HTTP_AUTHORIZATION=f"Bearer {token_of(owner)}").status_code)
    tried = 0
    # Each is tried as soon as it is made: the last of them is made by ending what the others stand on.
    for what, token in chain(forged_tokens(owner), forged_personal_tokens(owner)):
        response = client.get(LIST, HTTP_AUTHORIZATION=f"Bearer {token}")
        assert response.status_code == 401, what
        tried += 1
    assert tried >= 40


# --- Sessions, forms and origins --------------------------------------------------------------------------


def test_no_forged_session_is_accepted(owner: User) -> None:
    client = Client()
    client.force_login(owner)
    real = client.cookies["sessionid"].value
    assert accepted(client.get(LIST).status_code)
    data = Session.objects.get(session_key=real).session_data
    salt = "django.contrib.sessions.SessionStore"
    forged = {
        "another key": "a" * 32,
        "the number of a user": str(owner.pk),
        "the data of one": data,
        "data signed by another key": signing.dumps({"_auth_user_id": str(owner.pk)}, key="x", salt=salt),
        "its key and more": f"{real}x",
        "its key in capitals": real.upper(),
        "nothing": "",
    }
    for what, key in forged.items():
        other = Client()
        other.cookies["sessionid"] = key
        assert other.get(LIST).status_code == 401, what
    Session.objects.all().delete()
    assert client.get(LIST).status_code == 401, "one that was ended"


def test_no_request_of_another_site_is_accepted(owner: User, people_table: Dataset) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    client.get("/account/")
    real = client.cookies["csrftoken"].value
    page, door = f"/datasets/{people_table.pk}/subject", "/api/v1/tickets"
    assert accepted(client.post(page, {"csrfmiddlewaretoken": real}).status_code)
    assert accepted(client.post(door, HTTP_X_CSRFTOKEN=real).status_code)
    for forged in ("", "a" * 32, "a" * 64, real[:-1], real[::-1], f"{real}x"):
        assert client.post(page, {"csrfmiddlewaretoken": forged}).status_code == 403, forged
        assert client.post(door, HTTP_X_CSRFTOKEN=forged).status_code == 403, forged
    for origin in ("https://evil.example", "null", "http://testserver.evil.example", "https://testserver"):
        headers = {"HTTP_ORIGIN": origin, "HTTP_X_CSRFTOKEN": real}
        assert client.post(page, **headers).status_code == 403, origin
        assert client.post(door, **headers).status_code == 403, origin


# --- Sockets ----------------------------------------------------------------------------------------------


def test_no_forged_ticket_opens_a_socket(owner: User, stranger: User, people_table: Dataset) -> None:
    version = people_table.current_version
    assert version is not None
    job = Job.open(version, Job.Kind.REBUILD, owner, "Queued.")

    def ticket(user: User) -> str:
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(user)}")
        return str(client.post("/api/v1/tickets").json()["ticket"])

    async def opened(given: str) -> bool:
        socket = WebsocketCommunicator(
            application, f"/ws/jobs/{job.pk}/?ticket={given}", headers=[(b"host", b"localhost")]
        )
        await socket.connect()
        first = await socket.receive_output(timeout=5)
        await socket.disconnect()
        return bool(first["type"] == "websocket.send")

    real = ticket(owner)
    forged = {
        "its end changed": real[:-1] + ("A" if real[-1] != "A" else "B"),
        "another case": real.swapcase(),
        "the cache's name of it": f"socket-ticket:{real}",
        "the number of a user": str(owner.pk),
        "a token": token_of(owner),
        "a stranger's": ticket(stranger),
        "nothing": "",
    }
    for what, given in forged.items():
        assert not asyncio.run(opened(given)), what
    assert asyncio.run(opened(real))
    assert not asyncio.run(opened(real)), "a used one"
    late = ticket(owner)
    ApiIdentity.rotate(owner)
    assert not asyncio.run(opened(late)), "one of a token that was revoked"


# --- Parts of files, and ids of others --------------------------------------------------------------------


def test_no_forged_part_is_taken(owner: User) -> None:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(owner)}")
    named = f"filename {base64.b64encode(b'a.csv').decode()}"
    announced = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_LENGTH": "9", "HTTP_UPLOAD_METADATA": named}
    assert client.post("/api/v1/uploads/", **announced).status_code == 201
    upload = PartialUpload.objects.get()
    address = f"/api/v1/uploads/{upload.pk}"

    def sent(offset: str, body: bytes = b"abc", who: APIClient = client, where: str = address) -> int:
        kind = "application/offset+octet-stream"
        headers = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_OFFSET": offset}
        return int(who.generic("PATCH", where, body, kind, **headers).status_code)

    assert sent("0") == 204
    for offset in ("0", "2", "4", "-1", "3.0", "0x3", "٣", "3,3", "", "99999999999999999999"):
        assert not accepted(sent(offset)), offset
    assert not accepted(sent("3", b"more than was announced"))
    other = APIClient()
    other.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(person('other', 'contributors'))}")
    assert sent("3", who=other) == 404
    assert sent("3", who=APIClient()) == 401
    assert sent("3", where=f"/api/v1/uploads/{uuid4()}") == 404
    upload.refresh_from_db()
    assert upload.offset == 3


def test_no_field_of_a_body_takes_what_is_somebody_elses(
    owner: User, stranger: User, people_table: Dataset
) -> None:
    """Ids and fields that a body has no business to name."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(stranger)}")
    foreign = str(people_table.pk)
    column = people_table.columns.order_by("pk")[0].pk
    tag = {"action": "reject", "items": [{"column": column, "tag": "PII.Sensitive"}], "reason": "x"}
    assert client.post("/api/v1/review/decisions", tag, format="json").status_code == 403
    asked = {"question": "how many rows are there", "dataset": foreign}
    assert client.post("/api/v1/ask", asked, format="json").status_code == 404
    metadata = (
        f"filename {base64.b64encode(b'a.csv').decode()},dataset "
        + base64.b64encode(foreign.encode()).decode()
    )
    headers = {"HTTP_TUS_RESUMABLE": "1.0.0", "HTTP_UPLOAD_LENGTH": "9", "HTTP_UPLOAD_METADATA": metadata}
    assert client.post("/api/v1/uploads/", **headers).status_code == 404
    sent = client.generic(
        "POST", f"/api/v1/datasets/upload?filename=a.csv&dataset={foreign}", b"a,b\n1,2\n", "text/csv"
    )
    assert sent.status_code == 404
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(owner)}")
    changed = {"owner": stranger.pk, "owner_id": stranger.pk, "current_version": None, "id": str(uuid4())}
    client.patch(f"/api/v1/datasets/{foreign}", changed, format="json")
    people_table.refresh_from_db()
    assert (people_table.owner, str(people_table.pk)) == (owner, foreign)
    assert people_table.current_version is not None


def test_nothing_is_served_by_a_signed_address(owner: User, people_table: Dataset) -> None:
    """Files come by their address and who asks alone: no signature in an address stands for a person."""
    for query in ("signature=x", "token=" + token_of(owner), "X-Amz-Signature=0&X-Amz-Expires=9", "key=raw"):
        for kind in ("file", "rows.csv"):
            assert Client().get(f"{LIST}{people_table.pk}/{kind}?{query}").status_code == 401
