"""Single-use tickets for programs: each opens one socket, because sockets cannot send a header."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from importlib import import_module
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.auth.models import AnonymousUser, User
from django.core.cache import cache
from django.http import HttpRequest
from django.utils import timezone

_PREFIX = "socket-ticket:"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asked for a ticket, and how they had signed in. When that sign-in ends, so do the ticket and its
    socket.

    `key`: the session's key, the token's `sub`, or the personal token's id. `until`: the end of a token, in
    seconds since 1970; for the other kinds, the end is looked up.
    """

    user_id: int
    by: Literal["session", "token", "personal token"]
    key: str
    until: float = 0

    def user(self) -> User | None:
        """None if the sign-in has ended, or the user may not sign in any more. Two queries."""
        user = User.objects.filter(pk=self.user_id, is_active=True).first()
        if user is None:
            return None
        # Finds tokens by reverse relations, because this room does not import them.
        match self.by:
            case "session":
                holds = session_user(self.key) == user
            case "token":
                holds = time.time() < self.until and _tokens_of(user, self.key)
            case _:
                now = timezone.now()
                holds = user.personal_tokens.filter(pk=UUID(self.key), expires_at__gt=now).exists()
        return user if holds else None


def session_user(key: str | None) -> User | None:
    """The user who is signed in by this session key. None if the session has ended."""
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(key)
    user: User | AnonymousUser = get_user(request)
    return user if isinstance(user, User) and user.is_active else None


def make_ticket(holder: Holder) -> str:
    """A random ticket for one connection within SOCKET_TICKET_SECONDS."""
    ticket = secrets.token_urlsafe(32)
    cache.set(_PREFIX + ticket, holder, settings.SOCKET_TICKET_SECONDS)
    return ticket


def redeem_ticket(ticket: str) -> Holder | None:
    """The ticket's holder. None if it is unknown, used or too old."""
    key = _PREFIX + ticket
    holder: Holder | None = cache.get(key)
    # Of two simultaneous requests, only one deletes it.
    return holder if holder is not None and cache.delete(key) else None


def _tokens_of(user: User, sub: str) -> bool:
    return User.objects.filter(pk=user.pk, api_identity__uuid=sub).exists()
