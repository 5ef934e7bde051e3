"""The platform's health: one word for everybody, and details for its operators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

import psutil
from django.conf import settings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.files.storage import storages
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from datasets.models import Reconciliation, Worker
from datasets.models.workers import SILENT_AFTER
from governance.models import CatalogMirror
from omdplatform.authentication import BearerAuthentication
from omdplatform.base import disk
from omdplatform.base.web.problems import answer, problem_of
from omdplatform.running.watching import HEALED
from promptiq.index.vector_server import answers
from promptiq.language_model.conversation import language_model
from promptiq.vector_client import VectorServerUnavailable, server_url

# Less free space than this share or this many bytes is reported: a large upload needs several times its size.
DISK_SHARE, DISK_BYTES = 0.05, 2 * 1024**3
# Less memory than this (bytes) is reported: reading a file may take 3 GB, an answer about 100 MB.
MEMORY_BYTES = 512 * 1024**2
# Nights without a reconciliation that are acceptable: the worker may have been off.
RECONCILED_WITHIN = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Part:
    """`says`: what is wrong, "" if nothing. `do`: what to do about it. `vital`: the platform does not work
    without it; otherwise something works less well. `since`: when the problem was first seen (ISO 8601); None
    if there is none.
    """

    name: str
    ok: bool
    vital: bool
    says: str = ""
    do: str = ""
    since: str | None = None

    def as_json(self) -> dict[str, Any]:
        """{"ok", "vital", "says", "do", "since"}"""
        told = asdict(self)
        del told["name"]
        return told


@dataclass(frozen=True, slots=True)
class Check:
    """`look`: returns what is wrong, "" if nothing. An exception counts as a problem, too."""

    name: str
    look: Callable[[], str]
    do: str
    vital: bool = True


def health(request: HttpRequest) -> HttpResponse:
    """200 "ok" if the database answers, else 503. Operators see each part as JSON."""
    if not _wants_parts(request):
        database = _state(PARTS[0])
        return HttpResponse(
            "ok" if database.ok else "database", "text/plain", status=200 if database.ok else 503
        )
    try:
        watcher(request)
    except Exception as error:
        return answer(request, problem_of(error))
    parts = list(look_at(PARTS))
    status = 200 if all(part.ok for part in parts if part.vital) else 503
    return JsonResponse({part.name: part.as_json() for part in parts}, status=status)


def _wants_parts(request: HttpRequest) -> bool:
    """With a bearer token always; with a browser's session only if JSON is requested."""
    if "Authorization" in request.headers:
        return True
    as_json = request.headers.get("Accept", "").startswith("application/json")
    return as_json and request.user.is_authenticated and _may_watch(request.user)


def watcher(request: HttpRequest) -> User:
    """The operator, by session or bearer token.

    Raises NotAuthenticated, AuthenticationFailed, PermissionDenied.
    """
    # A personal token needs the scope for reading, as in other views that only read.
    signed = BearerAuthentication().authenticate(Request(request, parser_context={"view": None}))
    user = signed[0] if signed else request.user
    if not user.is_authenticated:
        raise NotAuthenticated("Sign in, or send a bearer token.")
    if not _may_watch(user):
        raise PermissionDenied("Only staff, and who has the right to operate the platform, may see this.")
    assert isinstance(user, User)  # noqa: S101 - nobody else is authenticated
    return user


def _may_watch(user: Any) -> bool:
    return bool(user.is_staff or user.has_perm("datasets.operate"))


def look_at(checks: Iterable[Check]) -> Iterator[Part]:
    """The checks that apply to this installation, in order."""
    for check in checks:
        if check.name not in {"language_model", "catalog"} or _is_configured(check.name):
            yield _state(check)


def _is_configured(name: str) -> bool:
    return bool(settings.OPENMETADATA_HOST if name == "catalog" else language_model())


def note() -> None:
    """Called by the schedule: record since when a part fails, even if nobody asks."""
    list(look_at(PARTS))


def _state(check: Check) -> Part:
    try:
        says = check.look()
    except Exception as error:
        # Its text may contain an address or a password.
        says = f"It does not answer ({type(error).__name__})."
    since = _since(check.name, not says)
    return Part(check.name, not says, check.vital, says, check.do if says else "", since)


# The cache may be what is unavailable.
_remembered: dict[str, str] = {}


def _since(name: str, ok: bool) -> str | None:
    key, now = f"unwell:{name}", timezone.now().isoformat()
    try:
        if ok:
            cache.delete(key)
            return None
        return str(cache.get_or_set(key, now, None))
    except Exception:
        return None if ok else _remembered.setdefault(name, now)
    finally:
        if ok:
            _remembered.pop(name, None)


# --- The parts --------------------------------------------------------------------------------------------


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return "" if cursor.fetchone() == (1,) else "It answers with nonsense."


def _storage() -> str:
    storages["raw"].exists("health")
    return ""


def _vectors() -> str:
    try:
        return "" if answers(server_url()) else "The vector server does not answer."
    except VectorServerUnavailable as error:
        return str(error)


def _worker() -> str:
    """A worker has sent a heartbeat recently. If not, what the supervisor has tried."""
    if Worker.objects.all().present().exists():
        return ""
    tried = (cache.get(HEALED) or {}).get("tried", "")
    return f"No worker has responded for {SILENT_AFTER.total_seconds():.0f} s. {tried}".strip()


def _catalog() -> str:
    away = CatalogMirror.objects.filter(is_away=True).count()
    return f"It did not answer when {away:,} tables were last asked for." if away else ""


def _language_model() -> str:
    model = language_model()
    return "" if model is None or model.answers() else "It does not answer."


def _stores() -> str:
    last = Reconciliation.objects.first()
    if last is None or last.ended_at < timezone.now() - RECONCILED_WITHIN:
        return "" if last is None else f"They were last compared on {last.ended_at:%Y-%m-%d}."
    return "" if last.is_clean else f"The last reconciliation left {last.left:,} findings as they are."


def _disk() -> str:
    room = disk.room()
    if room.free >= min(DISK_BYTES, DISK_SHARE * room.total):
        return ""
    return f"{disk.megabytes(room.free)} are free where the data folder lies."


def _memory() -> str:
    available = psutil.virtual_memory().available
    return "" if available >= MEMORY_BYTES else f"{disk.megabytes(available)} of memory is available."


PARTS = (
    Check("database", _database, "Start the database, and look at DATABASE_URL and its log."),
    Check("storage", _storage, "Start the object storage, and look at S3_ENDPOINT_URL and its keys."),
    Check("vectors", _vectors, "Start the vector server: make run does, else see CHROMA_URL."),
    Check("worker", _worker, "Start a worker, or look at the log of the one that runs."),
    Check("disk", _disk, "Make room: nothing can be taken in, and the database may stop writing."),
    Check("memory", _memory, "End something else, or give the machine more.", vital=False),
    Check("stores", _stores, "Look at Operations, and call manage.py reconcile --mend.", vital=False),
    Check("catalog", _catalog, "Start OpenMetadata; manage.py openmetadata_check says more.", vital=False),
    # Answers work without it.
    Check("language_model", _language_model, "Start it, or unset LLM_BASE_URL.", vital=False),
)
