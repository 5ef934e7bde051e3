"""Authenticates API requests: by a bearer token of ours, or by a session."""

from __future__ import annotations

import copy
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.http import QueryDict
from rest_framework.authentication import BaseAuthentication, SessionAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request

from governance.keys import InvalidToken, verify_api_token
from omdplatform.accounts.tokens import PREFIX, find_token
from omdplatform.models import ApiIdentity, PersonalToken

CHALLENGE = 'Bearer realm="omdplatform"'


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <token>`: from a sign-in, or a personal token.

    An invalid token is a 401, even with a valid session. A personal token without the needed scope is a 403.
    """

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        if scheme.lower() != "bearer":
            return None
        if token.strip().startswith(PREFIX):
            return _personal(token.strip(), request)
        try:
            claims = verify_api_token(token.strip())
        except InvalidToken as error:
            raise AuthenticationFailed(str(error), "token-invalid") from None
        return _bearer(claims), claims

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE


def _bearer(claims: dict[str, Any]) -> User:
    """The token's user. Raises AuthenticationFailed if it was revoked or the user may not sign in."""
    try:
        identity = ApiIdentity.objects.select_related("user").get(uuid=UUID(claims["sub"]))
    except (ApiIdentity.DoesNotExist, ValueError):
        raise AuthenticationFailed("The token was revoked. Ask for a new one.", "token-revoked") from None
    user = identity.user
    if not isinstance(user, User) or not user.is_active:
        raise AuthenticationFailed("This user may not sign in any more.", "user-inactive")
    return user


def _personal(secret: str, request: Request) -> tuple[User, PersonalToken]:
    token = find_token(secret)
    if token is None:
        raise AuthenticationFailed("There is no such token, or its time is over.", "token-invalid")
    needed = scope_of(request)
    if needed not in token.scopes:
        raise PermissionDenied(f"This token may not do that: it is not made for “{needed}”.", "token-scope")
    return token.user, token


def scope_of(request: Request) -> str:
    """The scope that a personal token needs: the view's `needed_scope`, else reading or managing."""
    view = request.parser_context["view"]
    safe = request.method in {"GET", "HEAD", "OPTIONS"}
    return str(getattr(view, "needed_scope", "read" if safe else "manage"))


class HeaderCheckedSession(SessionAuthentication):
    """A session; requests that change something must have X-CSRFToken.

    The token in a form field is not accepted: finding it would parse a whole upload before it is known
    whether its sender may upload.
    """

    def enforce_csrf(self, request: Request) -> None:
        without_body = copy.copy(request._request)
        without_body.POST = QueryDict()
        try:
            super().enforce_csrf(without_body)  # type: ignore[arg-type]
        except PermissionDenied:
            raise PermissionDenied(
                "Signed in by cookie, this needs the CSRF token in the header X-CSRFToken.", "csrf-failed"
            ) from None
