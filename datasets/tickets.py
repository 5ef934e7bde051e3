"""Single-use tickets for programs: each opens one socket, because sockets cannot send a header."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache

_PREFIX = "socket-ticket:"


def make_ticket(user: User) -> str:
    """A random ticket for this user, good for one connection within SOCKET_TICKET_SECONDS."""
    ticket = secrets.token_urlsafe(32)
    cache.set(_PREFIX + ticket, user.pk, settings.SOCKET_TICKET_SECONDS)
    return ticket


def redeem_ticket(ticket: str) -> User | None:
    """Whose ticket it was; None where it is unknown, used, or too old."""
    key = _PREFIX + ticket
    user_id = cache.get(key)
    # Of two simultaneous requests only one deletes it.
    if user_id is None or not cache.delete(key):
        return None
    return User.objects.filter(pk=user_id, is_active=True).first()
