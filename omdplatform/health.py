"""Whether the platform is well: one word for whoever asks, the parts for those who look after it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.core.files.storage import storages
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django_q.models import OrmQ

from datasets.models import Job
from promptiq.index.vector_server import answers
from promptiq.language_model.conversation import language_model
from promptiq.vector_client import server_url


def health(request: HttpRequest) -> HttpResponse:
    """200 "ok" where the database answers, else 503. Staff see each part: {"database": true, …}."""
    parts = {"database": _works(_database)}
    if request.headers.get("Accept", "").startswith("application/json") and _is_staff(request):
        parts |= {
            "storage": _works(_storage),
            "vectors": _works(_vectors),
            "worker": _works(_worker),
        }
        status = 200 if all(parts.values()) else 503
        if model := language_model():
            # Answers go on without it, so that its absence is told and no reason to be unwell.
            parts["language_model"] = model.answers()
        return JsonResponse(parts, status=status)
    return HttpResponse(
        "ok" if parts["database"] else "database", "text/plain", 200 if all(parts.values()) else 503
    )


def _is_staff(request: HttpRequest) -> bool:
    return bool(request.user.is_authenticated and request.user.is_staff)


def _works(part: Callable[[], bool]) -> bool:
    try:
        return part()
    except Exception:
        return False


def _database() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return bool(cursor.fetchone() == (1,))


def _storage() -> bool:
    storages["raw"].exists("health")
    return True


def _vectors() -> bool:
    return answers(server_url())


def _worker() -> bool:
    """Nobody waits although a worker should have come: the oldest waiting job is younger than a minute."""
    minute_ago = timezone.now() - timedelta(minutes=1)
    waiting = OrmQ.objects.filter(lock__lt=minute_ago).exists()
    return not (waiting and Job.objects.filter(state=Job.State.QUEUED, queued_at__lt=minute_ago).exists())
