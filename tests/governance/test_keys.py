"""Key pairs in DER, what is said of bad ones, and tokens that only our own key makes."""

from __future__ import annotations

import base64
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.conf import LazySettings

from governance import keys

USER = str(uuid4())


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    """Two pairs of this test's own."""
    settings.KEYS_DIR = tmp_path / "keys"
    keys.make_key_pairs(settings.KEYS_DIR)
    return settings.KEYS_DIR


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a good token, with changes; None takes a claim out."""
    now = datetime.now(UTC)
    good = {
        "sub": USER, "iss": "omdplatform", "aud": "omdplatform-api", "iat": now,
        "exp": now + timedelta(minutes=5), "jti": str(uuid4()),
    }  # fmt: skip
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def signed(content: dict[str, Any], pair: keys.Pair = "api") -> str:
    return jwt.encode(content, keys.load_private(pair), algorithm="RS256")


# --- Files ------------------------------------------------------------------------------------------------


def test_both_pairs_are_made_once(folder: Path) -> None:
    content = {path: path.read_bytes() for path in folder.rglob("*.der")}
    assert {str(path.relative_to(folder)) for path in content} == {
        "api/private_key.der", "api/public_key.der", "catalog/private_key.der", "catalog/public_key.der",
    }  # fmt: skip
    assert keys.make_key_pairs(folder) == []
    assert {path: path.read_bytes() for path in content} == content


def test_private_keys_are_for_their_owner_only(folder: Path) -> None:
    for path in folder.rglob("private_key.der"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_two_pairs_differ(folder: Path) -> None:
    assert keys.load_public("api").public_numbers() != keys.load_public("catalog").public_numbers()


def test_a_lost_public_half_is_made_from_the_private_one(folder: Path) -> None:
    public = folder / "catalog" / "public_key.der"
    before = public.read_bytes()
    public.unlink()
    assert keys.make_key_pairs(folder) == [public]
    assert public.read_bytes() == before


def test_a_missing_key_names_the_command_that_makes_it(settings: LazySettings, tmp_path: Path) -> None:
    settings.KEYS_DIR = tmp_path
    with pytest.raises(keys.KeyFileError, match="make_keys"):
        keys.load_private("api")


def test_a_pem_file_under_a_der_name_is_refused_with_the_command_that_mends_it(folder: Path) -> None:
    for name, command in (
        ("private_key.der", "openssl pkcs8 -topk8"),
        ("public_key.der", "openssl pkey -pubin"),
    ):
        path = folder / "api" / name
        path.write_bytes(b"-----BEGIN SOMETHING-----\nAAAA\n-----END SOMETHING-----\n")
        load = keys.load_private if name.startswith("private") else keys.load_public
        with pytest.raises(keys.KeyFileError, match=command) as refused:
            load("api")
        assert str(path) in str(refused.value)


def test_what_is_no_key_is_refused_without_being_quoted(folder: Path) -> None:
    (folder / "api" / "private_key.der").write_bytes(b"no key at all")
    with pytest.raises(keys.KeyFileError, match="no private key in DER") as refused:
        keys.load_private("api")
    assert "at all" not in str(refused.value)
    (folder / "api" / "public_key.der").write_bytes(b"")
    with pytest.raises(keys.KeyFileError, match="no public key in DER"):
        keys.load_public("api")


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(public_exponent=65537, key_size=1024),  # noqa: S505
        ec.generate_private_key(ec.SECP256R1()),
    ],
    ids=["short", "elliptic"],
)
def test_weak_and_other_keys_are_refused(folder: Path, key: Any) -> None:
    path = folder / "api" / "private_key.der"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    with pytest.raises(keys.KeyFileError, match="2,048 bits"):
        keys.load_private("api")


def test_a_renewed_key_is_seen_without_a_restart(folder: Path) -> None:
    token = keys.sign_api_token(USER)
    for path in (folder / "api").iterdir():
        path.unlink()
    keys.make_key_pairs(folder)
    with pytest.raises(keys.InvalidToken):
        keys.verify_api_token(token)
    assert keys.verify_api_token(keys.sign_api_token(USER))["sub"] == USER


# --- What others check with -------------------------------------------------------------------------------


def test_the_key_set_checks_our_tokens_and_holds_no_private_part(folder: Path) -> None:
    (key,) = keys.jwks()["keys"]
    assert set(key) == {"kty", "n", "e", "kid", "alg", "use"}
    token = keys.sign_api_token(USER)
    assert jwt.get_unverified_header(token)["kid"] == key["kid"]
    content = jwt.decode(token, jwt.PyJWK(key).key, algorithms=["RS256"], audience="omdplatform-api")
    assert content["sub"] == USER


def test_a_key_id_is_its_thumbprint() -> None:
    """The example of RFC 7638, section 3.1."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )
    modulus = int.from_bytes(base64.urlsafe_b64decode(n + "=="), "big")
    key = rsa.RSAPublicNumbers(65537, modulus).public_key()
    assert keys.key_id(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


# --- Tokens -----------------------------------------------------------------------------------------------


def test_a_token_says_who_for_whom_and_until_when(folder: Path) -> None:
    content = keys.verify_api_token(keys.sign_api_token(USER, timedelta(minutes=3)))
    assert content["sub"] == USER
    assert content["exp"] - content["iat"] == 180


def test_a_token_signed_with_the_catalogs_pair_is_refused(folder: Path) -> None:
    with pytest.raises(keys.InvalidToken):
        keys.verify_api_token(signed(claims(), "catalog"))


@pytest.mark.parametrize("claim", keys.REQUIRED_CLAIMS)
def test_every_claim_is_required(folder: Path, claim: str) -> None:
    assert keys.verify_api_token(signed(claims()))
    with pytest.raises(keys.InvalidToken):
        keys.verify_api_token(signed(claims(**{claim: None})))


@pytest.mark.parametrize(("claim", "value"), [("aud", "another"), ("iss", "another"), ("sub", 7)])
def test_a_token_for_or_from_somebody_else_is_refused(folder: Path, claim: str, value: Any) -> None:
    with pytest.raises(keys.InvalidToken):
        keys.verify_api_token(signed(claims(**{claim: value})))


def test_an_old_token_says_so(folder: Path) -> None:
    with pytest.raises(keys.InvalidToken, match="expired"):
        keys.verify_api_token(keys.sign_api_token(USER, timedelta(seconds=-1)))


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_other_algorithms_are_refused(folder: Path, algorithm: str) -> None:
    """HS256 with the public key as its secret is the classic confusion."""
    token = jwt.encode(claims(), "x" * 64 if algorithm == "HS256" else None, algorithm=algorithm)
    with pytest.raises(keys.InvalidToken):
        keys.verify_api_token(token)


@pytest.mark.parametrize("token", ["", "a.b.c", "not a token", "é" * 20])
def test_what_is_no_token_is_refused_without_being_quoted(folder: Path, token: str) -> None:
    with pytest.raises(keys.InvalidToken) as refused:
        keys.verify_api_token(token)
    assert not token or token not in str(refused.value)
