"""Errors in one shape: problem documents (RFC 9457) for programs, pages for people."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.db import DatabaseError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import render
from django.views import defaults
from redis.exceptions import RedisError
from rest_framework import exceptions

from omdplatform.base.disk import full, is_full
from omdplatform.base.errors import PlatformError, log_without_text

PROBLEM_TYPE = "application/problem+json"
NOT_FOUND = "There is no such thing here, or it is not shared with you."


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem document. `errors`: {"pointer" or "parameter", "detail", "code"} for each bad field."""

    status: int
    code: str
    detail: str
    errors: tuple[dict[str, str], ...] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        return HTTPStatus(self.status).phrase

    def as_json(self, instance: str) -> dict[str, Any]:
        """`type` is about:blank: title and status are HTTP's, `code` says what went wrong here."""
        document = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "code": self.code,
            **self.extra,
        }
        return document | {"errors": list(self.errors)} if self.errors else document


INTERNAL = Problem(
    500,
    "internal-error",
    "Something went wrong inside the platform. Try again, and tell your administrator if it happens again.",
)


# --- From exceptions, in the API --------------------------------------------------------------------------


def problem_response(exc: Exception, context: dict[str, Any]) -> HttpResponse:
    """The exception handler of every API view. An unknown exception becomes a 500 without its text."""
    request = context["request"]
    problem = problem_of(exc, in_query=request.method in {"GET", "HEAD", "DELETE"})
    return _document(problem, request.path)


def problem_of(exc: Exception, *, in_query: bool = False) -> Problem:
    """`in_query`: bad fields came with the address, not with a body."""
    match exc:
        case PlatformError() if exc.status != 500:
            return _told(exc)
        case OSError() | DatabaseError() if is_full(exc):
            return _told(full())
        case exceptions.ValidationError():
            return _invalid(exc, in_query)
        case Http404() | exceptions.NotFound():
            return Problem(404, "not-found", NOT_FOUND)
        case exceptions.APIException():
            return _from_api(exc)
        case PermissionDenied():
            return Problem(403, "permission-denied", str(exc) or "You do not have permission to do this.")
        case RedisError():
            return Problem(
                503,
                "cache-unavailable",
                "Redis does not answer, where requests are counted. Try again when it is back.",
                headers={"Retry-After": "30"},
            )
        case RequestDataTooBig():
            return Problem(413, "too-large", "The body is larger than this endpoint takes.")
        case SuspiciousOperation() | BadRequest() | MultiPartParserError():
            return Problem(400, "bad-request", "The request cannot be read. Check its headers and body.")
        case IntegrityError():
            return Problem(409, "conflict", "Another request was quicker. Look at the result and ask again.")
        case _:
            log_without_text(exc)
            return INTERNAL


def _from_api(exc: exceptions.APIException) -> Problem:
    headers = {}
    if challenge := getattr(exc, "auth_header", None):
        failed = isinstance(exc, exceptions.AuthenticationFailed)
        headers["WWW-Authenticate"] = f'{challenge}, error="invalid_token"' if failed else challenge
    if (wait := getattr(exc, "wait", None)) is not None:
        headers["Retry-After"] = str(math.ceil(wait))
    code = exc.get_codes()
    return Problem(exc.status_code, str(code).replace("_", "-"), str(exc.detail), headers=headers)


def _invalid(exc: exceptions.ValidationError, in_query: bool) -> Problem:
    errors = tuple(_bad_fields(exc.get_full_details(), (), in_query))
    detail = "; ".join(f"{error.get('parameter') or error['pointer']}: {error['detail']}" for error in errors)
    return Problem(400, "invalid", detail, errors)


def _bad_fields(details: Any, path: tuple[str, ...], in_query: bool) -> Iterator[dict[str, str]]:
    """Leaves of {"field": [{"message", "code"}], …}, at any depth."""
    if isinstance(details, dict) and isinstance(details.get("message"), str):
        named = [part for part in path if part != "non_field_errors"]
        place = {"parameter": ".".join(named)} if in_query and named else {"pointer": "/".join(("#", *named))}
        yield {**place, "detail": details["message"], "code": details["code"]}
    elif isinstance(details, dict):
        for name, inner in details.items():
            yield from _bad_fields(inner, (*path, str(name)), in_query)
    else:
        for position, inner in enumerate(details):
            deeper = not (isinstance(inner, dict) and isinstance(inner.get("message"), str))
            yield from _bad_fields(inner, (*path, str(position)) if deeper else path, in_query)


def _told(exc: PlatformError) -> Problem:
    headers = {"Retry-After": "30"} if exc.status == 503 else {}
    return Problem(exc.status, exc.code, exc.sentence(), extra=exc.extra, headers=headers)


# --- Outside API views ------------------------------------------------------------------------------------


def wants_json(request: HttpRequest) -> bool:
    """Whether the client is a program: an API address, a bearer token, or JSON preferred to HTML."""
    if request.path_info.startswith("/api/") or request.headers.get("Authorization", "").startswith("Bearer"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    """The problem as a document for programs, else as a page from templates/{status}.html or 400.html."""
    if wants_json(request):
        return _document(problem, request.path)
    template = f"{problem.status}.html" if problem.status in {403, 404} else "400.html"
    shown = {"status": problem.status, "title": problem.title, "detail": problem.detail}
    response = render(request, template, shown, status=problem.status)
    for name, value in problem.headers.items():
        response.headers[name] = value
    return response


def document(request: HttpRequest, problem: Problem) -> HttpResponse:
    """A problem document, for addresses that only programs use."""
    return _document(problem, request.path)


def _document(problem: Problem, path: str) -> HttpResponse:
    return JsonResponse(
        problem.as_json(path), status=problem.status, headers=problem.headers, content_type=PROBLEM_TYPE
    )


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, problem_of(exception if _is_known(exception) else BadRequest()))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, problem_of(PermissionDenied(str(exception))))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer(request, problem_of(Http404()))


def server_error(request: HttpRequest) -> HttpResponse:
    """Uses neither database nor session, because they may be the cause."""
    if wants_json(request):
        return answer(request, INTERNAL)
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    detail = (
        "The form could not be checked: it was open too long, came from another site, or cookies are off. "
        "Go back, load the page again and send it once more."
    )
    return answer(request, Problem(403, "csrf-failed", detail))


def _is_known(exception: Exception) -> bool:
    return isinstance(exception, SuspiciousOperation | BadRequest | MultiPartParserError)
