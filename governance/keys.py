"""RSA key pairs in DER, and the API tokens signed with one of them.

`api/` signs and checks our own tokens. `catalog/` is the pair that OpenMetadata mounts; it accepts any token
signed with it, so our tokens are never signed with that one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey, generate_private_key
from django.conf import settings

Pair = Literal["api", "catalog"]
PRIVATE, PUBLIC = "private_key.der", "public_key.der"
BITS = 2048
REQUIRED_CLAIMS = ["sub", "aud", "iss", "exp", "iat", "jti"]


class KeyFileError(Exception):
    """A key file is missing or unusable. The message names it and the command that fixes it."""


class InvalidToken(Exception):
    """A token is not valid. The message says why and contains nothing of the token."""


def make_key_pairs(folder: Path) -> list[Path]:
    """Create the missing files of both pairs and return them. Existing files are never overwritten.

    Private keys are PKCS#8, readable by their owner only. Public keys are SubjectPublicKeyInfo. Both are DER.
    """
    return [path for pair in ("api", "catalog") for path in _make_pair(folder / pair)]


def _make_pair(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    private, public = folder / PRIVATE, folder / PUBLIC
    made = []
    if not private.exists():
        key = generate_private_key(public_exponent=65537, key_size=BITS)
        _write(private, private_der(key), 0o600)
        made.append(private)
    if not public.exists():
        _write(public, public_der(_load_private(private).public_key()), 0o644)
        made.append(public)
    return made


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write the file completely or not at all, and never over a file that another process just wrote."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)


def private_der(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def public_der(key: RSAPublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def load_private(pair: Pair = "api") -> RSAPrivateKey:
    """Raises KeyFileError."""
    return _load_private(settings.KEYS_DIR / pair / PRIVATE)


def load_public(pair: Pair = "api") -> RSAPublicKey:
    """Raises KeyFileError."""
    path = settings.KEYS_DIR / pair / PUBLIC
    return _loaded_public(path, _stamp(path))


def _load_private(path: Path) -> RSAPrivateKey:
    return _loaded_private(path, _stamp(path))


def _stamp(path: Path) -> int:
    """Changes with the file, so that each key is parsed once."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        raise KeyFileError(f"There is no key at {path}. Make it with: manage.py make_keys") from None


@lru_cache(maxsize=8)
def _loaded_private(path: Path, stamp: int) -> RSAPrivateKey:
    content = _der(path)
    try:
        key = serialization.load_der_private_key(content, password=None)
    except (ValueError, TypeError):
        raise KeyFileError(f"{path} is no private key in DER (PKCS#8) without a password.") from None
    if not isinstance(key, RSAPrivateKey) or key.key_size < BITS:
        raise KeyFileError(f"{path} is no RSA key of {BITS:,} bits or more.")
    return key


@lru_cache(maxsize=8)
def _loaded_public(path: Path, stamp: int) -> RSAPublicKey:
    content = _der(path)
    try:
        key = serialization.load_der_public_key(content)
    except ValueError:
        raise KeyFileError(f"{path} is no public key in DER (SubjectPublicKeyInfo).") from None
    if not isinstance(key, RSAPublicKey) or key.key_size < BITS:
        raise KeyFileError(f"{path} is no RSA key of {BITS:,} bits or more.")
    return key


def _der(path: Path) -> bytes:
    content = path.read_bytes()
    if content.lstrip().startswith(b"-----BEGIN"):
        kind = "pkcs8 -topk8 -nocrypt" if path.name == PRIVATE else "pkey -pubin"
        raise KeyFileError(
            f"{path} is a PEM file under a DER name. Mend it with: "
            f"openssl {kind} -in {path} -outform DER -out {path}.new && mv {path}.new {path}"
        )
    return content


# --- What others check our tokens with --------------------------------------------------------------------


def jwks() -> dict[str, list[dict[str, str]]]:
    """The public half of the API pair as a JSON Web Key Set (RFC 7517)."""
    key = load_public("api")
    return {"keys": [{**_members(key), "kid": key_id(key), "alg": "RS256", "use": "sig"}]}


def key_id(key: RSAPublicKey) -> str:
    """The key's thumbprint (RFC 7638), base64url."""
    members = json.dumps(_members(key), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(members.encode()).digest())


def _members(key: RSAPublicKey) -> dict[str, str]:
    numbers = key.public_numbers()
    return {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


# --- Tokens -----------------------------------------------------------------------------------------------


def sign_api_token(subject: str, ttl: timedelta | None = None) -> str:
    """A token for the user with this UUID; `ttl` None: API_TOKEN_LIFETIME. Raises KeyFileError."""
    now = datetime.now(UTC)
    claims = {
        "sub": subject,
        "iss": settings.API_TOKEN_ISSUER,
        "aud": settings.API_TOKEN_AUDIENCE,
        "iat": now,
        "exp": now + (ttl or settings.API_TOKEN_LIFETIME),
        "jti": str(uuid4()),
    }
    return jwt.encode(
        claims, load_private("api"), algorithm="RS256", headers={"kid": key_id(load_public("api"))}
    )


def verify_api_token(token: str) -> dict[str, Any]:
    """The claims of a good token. Raises InvalidToken, KeyFileError."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            load_public("api"),
            algorithms=["RS256"],
            audience=settings.API_TOKEN_AUDIENCE,
            issuer=settings.API_TOKEN_ISSUER,
            options={"require": REQUIRED_CLAIMS},
        )
    except jwt.ExpiredSignatureError:
        raise InvalidToken("The token has expired. Ask for a new one.") from None
    except jwt.InvalidTokenError:
        raise InvalidToken("The token is not one of ours, or it is damaged.") from None
    return claims
