"""How often somebody may try to sign in: by page, admin and API together, for one account and one address."""

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
        # A name that somebody typed may be a password: the cache is not to hold it.
        self.key = f"throttle_{self.scope}_{hashlib.sha256(ident.encode()).hexdigest()}"

    def seconds_to_wait(self) -> int:
        """0 where another attempt is allowed; it is counted."""
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
        """Take the latest attempt as not made."""
        self.cache.set(self.key, self.cache.get(self.key, [])[1:], self.duration)


class _OfAddress(_Attempts):
    scope = "sign_in_address"


class _OfAccount(_Attempts):
    scope = "sign_in_account"


class Throttle:
    """The first of the authentication backends: refuses before any password is looked at.

    It knows nobody, and leaves it to the next one to say who somebody is. Where it refuses, the request's
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
    """How long whoever was just refused has to wait; 0 where that was not for too many attempts."""
    return getattr(request, "seconds_to_wait", 0)


def forget_attempts(request: HttpRequest, username: str) -> None:
    """After the right password. Many people may sign in from the address of one office within a minute.

    The address keeps its wrong attempts: an account of one's own is no way to try others for longer.
    """
    _OfAccount(username.casefold()).forget()
    _OfAddress(address_of(request)).give_back()


def address_of(request: HttpRequest) -> str:
    """Of the caller, past as many proxies as NUM_PROXIES says; "" where there is none."""
    return str(BaseThrottle().get_ident(cast(Request, request)) or "")
