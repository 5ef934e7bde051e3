"""Counts questions from the page and from the API together, for THROTTLE_ASK."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView


class _Asking(APIView):
    throttle_scope = "ask"


def count_question(request: HttpRequest) -> None:
    """Raises Throttled, with the seconds to wait, if there were too many."""
    throttle = ScopedRateThrottle()
    # Both kinds of request have what the throttle uses: user and address.
    if not throttle.allow_request(cast(Request, request), _Asking()):
        raise Throttled(throttle.wait())
