"""The API for tokens and their public keys, and the answer for unknown addresses."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.audit import record
from governance.keys import jwks, sign_api_token
from omdplatform.accounts.throttling import address_of, forget_attempts, seconds_to_wait
from omdplatform.authentication import CHALLENGE
from omdplatform.base.web.problems import answer, problem_of
from omdplatform.models import ApiIdentity


class SignInSerializer(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False, style={"input_type": "password"})


class TokenSerializer(serializers.Serializer[Any]):
    access_token = serializers.CharField(help_text="A JWT (RS256), to send as Authorization: Bearer.")
    token_type = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds.")


class KeySetSerializer(serializers.Serializer[Any]):
    keys = serializers.ListField(child=serializers.DictField(), help_text="JSON Web Keys (RFC 7517).")


class WrongCredentials(APIException):
    """Unknown user, wrong password and inactive user give the same answer."""

    status_code = 401
    default_code = "wrong-credentials"
    default_detail = "User name and password do not fit."
    auth_header = CHALLENGE


class TokenView(APIView):
    """Attempts here and on the pages count together: see omdplatform.accounts.throttling."""

    # Personal tokens are not accepted here.
    needed_scope = "tokens"

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [] if self._signs_in() else super().get_authenticators()

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self._signs_in() else super().get_permissions()  # type: ignore[return-value]

    def _signs_in(self) -> bool:
        return self.request is not None and self.request.method == "POST"

    @extend_schema(operation_id="token", request=SignInSerializer, responses={200: TokenSerializer})
    def post(self, request: Request) -> Response:
        """A token for user name and password."""
        asked = SignInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        user = authenticate(request._request, **asked.validated_data)
        if not isinstance(user, User):
            if seconds := seconds_to_wait(request._request):
                raise Throttled(seconds)
            raise WrongCredentials
        forget_attempts(request._request, user.get_username())
        record(user, "token given out", address=address_of(request._request))
        lifetime = settings.API_TOKEN_LIFETIME
        token = {
            "access_token": sign_api_token(str(ApiIdentity.of(user).uuid), lifetime),
            "token_type": "Bearer",
            "expires_in": int(lifetime.total_seconds()),
        }
        return Response(token, headers={"Cache-Control": "no-store"})

    @extend_schema(operation_id="tokens_end", request=None, responses={204: None})
    def delete(self, request: Request) -> Response:
        """Revoke all your tokens."""
        ApiIdentity.rotate(request.user)  # type: ignore[arg-type]
        record(request.user, "tokens ended")  # type: ignore[arg-type]
        return Response(status=204)


class JwksView(APIView):
    """Public keys that verify tokens."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="jwks", responses=KeySetSerializer, auth=[])
    def get(self, request: Request) -> Response:
        return Response(jwks(), headers={"Cache-Control": "public, max-age=3600"})


def no_such_endpoint(request: HttpRequest, rest: str) -> HttpResponse:
    """Redirects to the address with or without its last slash if that exists, otherwise a 404 document."""
    path = request.path_info
    other = path[:-1] if path.endswith("/") else path + "/"
    try:
        known = resolve(other).func is not no_such_endpoint
    except Resolver404:
        known = False
    if not known:
        return answer(request, problem_of(Http404()))
    return _SameMethodRedirect(
        request.get_full_path().replace(request.path, request.path[: -len(path)] + other, 1)
    )


class _SameMethodRedirect(HttpResponseRedirect):
    status_code = 308
