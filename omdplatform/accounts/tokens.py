"""Personal API tokens: made by people for their programs, each for some purposes and some time."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from governance.audit import record
from omdplatform.models import PersonalToken

PREFIX = "omd_"
# What a token may be for. Nothing else can be done with one: not even to make or end tokens.
SCOPES = {
    "read": "Read datasets, rows, jobs and tags",
    "ask": "Ask questions",
    "upload": "Upload files, and start or cancel jobs",
    "manage": "Change, share and delete datasets",
    "curate": "Decide on tags",
}
LONGEST = timedelta(days=365)
# `last_used_at` is written at most so often: it is for people.
NOTED_EVERY = timedelta(minutes=5)


def make_token(user: User, name: str, scopes: list[str], lifetime: timedelta) -> tuple[PersonalToken, str]:
    """The token's row, and the token itself, which nobody is told again: we keep its SHA-256 only.

    It holds 256 random bits, so that a hash without salt and repetition tells nothing of it.
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
    """None where there is no such token, its time is over, or its user may not sign in."""
    now = timezone.now()
    tokens = PersonalToken.objects.filter(digest=_digest(secret), expires_at__gt=now, user__is_active=True)
    token = tokens.select_related("user").first()
    if token and (token.last_used_at is None or token.last_used_at < now - NOTED_EVERY):
        PersonalToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


def revoke(token: PersonalToken) -> None:
    """From now on it opens nothing."""
    record(token.user, "token revoked", name=token.name)
    token.delete()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
