"""Limits attempts to sign in: for page, admin and API together, per account and per address."""

from __future__ import annotations

import hashlib
import math
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle, SimpleRateThrottle


class _Attempts(SimpleRateThrottle):
    """Attempts of one account or address within the rate's time, in the cache that throttles share."""

    num_requests: int
    duration: int

    def __init__(self, ident: str) -> None:
        super().__init__()
        # A typed name may be a password, so the cache gets a hash of it.
        self.key = f"throttle_{self.scope}_{hashlib.sha256(ident.encode()).hexdigest()}"

    def seconds_to_wait(self) -> int:
        """0 if another attempt is allowed; it is counted."""
        self.now = self.timer()
        history = self.cache.get(self.key, [])
        self.history = [moment for moment in history if moment > self.now - self.duration]
        if len(self.history) >= self.num_requests:
            return max(1, math.ceil(self.wait() or 1))
        self.cache.set(self.key, [self.now, *self.history], self.duration)
        return 0

    def forget(self) -> None:
        self.cache.delete(self.key)

    def give_back(self) -> None:
        """Uncount the latest attempt."""
        self.cache.set(self.key, self.cache.get(self.key, [])[1:], self.duration)


class _OfAddress(_Attempts):
    scope = "sign_in_address"


class _OfAccount(_Attempts):
    scope = "sign_in_account"


class Throttle:
    """The first authentication backend: refuses before any password is checked.

    It authenticates nobody and leaves that to the next backend. If it refuses, the request's
    `seconds_to_wait` says how long.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> None:
        if request is None or username is None:
            return
        seconds = max(
            _OfAddress(address_of(request)).seconds_to_wait(),
            _OfAccount(username.casefold()).seconds_to_wait(),
        )
        if seconds:
            request.seconds_to_wait = seconds  # type: ignore[attr-defined]
            raise PermissionDenied


def seconds_to_wait(request: HttpRequest) -> int:
    """How long the refused caller has to wait. 0 if the refusal was not for too many attempts."""
    return getattr(request, "seconds_to_wait", 0)


def forget_attempts(request: HttpRequest, username: str) -> None:
    """Call this after the right password. Many people may sign in from one office's address within a minute.

    The address keeps its wrong attempts: signing in to one's own account must not allow more guesses of
    others.
    """
    _OfAccount(username.casefold()).forget()
    _OfAddress(address_of(request)).give_back()


def address_of(request: HttpRequest) -> str:
    """The caller's address, past as many proxies as NUM_PROXIES says; "" if there is none."""
    return str(BaseThrottle().get_ident(cast(Request, request)) or "")
