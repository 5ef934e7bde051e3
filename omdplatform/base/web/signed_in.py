"""Who sends a request."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from rest_framework.request import Request


def user_of(request: Request | HttpRequest) -> User:
    """The signed-in user. Permissions, or the view's decorator, guarantee that there is one."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
