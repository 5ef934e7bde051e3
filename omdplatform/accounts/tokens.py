"""Personal API tokens: people create them for their programs, each with a scope and a lifetime."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from governance.audit import record
from omdplatform.models import PersonalToken

PREFIX = "omd_"
# What a token may be for. It allows nothing else, not even creating or ending tokens.
SCOPES = {
    "read": "Read datasets, rows, jobs and tags",
    "ask": "Ask questions",
    "upload": "Upload files, and start or cancel jobs",
    "manage": "Change, share and delete datasets",
    "curate": "Decide on tags",
}
LONGEST = timedelta(days=365)
# `last_used_at` is written at most this often: it is for people.
NOTED_EVERY = timedelta(minutes=5)


def make_token(user: User, name: str, scopes: list[str], lifetime: timedelta) -> tuple[PersonalToken, str]:
    """The token's row, and the token itself. It is shown only now: we keep its SHA-256.

    It has 256 random bits, so a hash without salt and repetition reveals nothing.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    token = PersonalToken.objects.create(
        user=user,
        name=name,
        digest=_digest(secret),
        scopes=[scope for scope in SCOPES if scope in scopes],
        expires_at=timezone.now() + min(lifetime, LONGEST),
    )
    record(user, "token made", name=name, scopes=token.scopes, until=token.expires_at.isoformat())
    return token, secret


def find_token(secret: str) -> PersonalToken | None:
    """None if there is no such token, it has expired, or its user may not sign in."""
    now = timezone.now()
    tokens = PersonalToken.objects.filter(digest=_digest(secret), expires_at__gt=now, user__is_active=True)
    token = tokens.select_related("user").first()
    if token and (token.last_used_at is None or token.last_used_at < now - NOTED_EVERY):
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke(token: PersonalToken) -> None:
    """End the token."""
    record(token.user, "token revoked", name=token.name)
    token.delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
