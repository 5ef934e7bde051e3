"""Writes to the audit log. Nothing else does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal
from uuid import UUID

from django.contrib.auth.models import User

from governance.models import AuditEvent


def record(actor: User | None, action: str, dataset_id: UUID | None = None, **detail: Any) -> None:
    """Record who did what. `detail` names columns, tags, versions and counts; never a value of the data."""
    AuditEvent.objects.create(
        actor_id=actor.pk if actor else None, action=action, dataset_id=dataset_id, detail=detail
    )


def record_download(
    actor: User, dataset_id: UUID, what: Literal["answer", "rows", "file"], version: int, **counts: int
) -> None:
    """Record that somebody downloaded data of a version. `counts`: of rows and columns."""
    record(actor, "downloaded", dataset_id, what=what, version=version, **counts)


def record_all(actor: User, events: Iterable[tuple[str, UUID, dict[str, Any]]]) -> None:
    """Record many events at once, each as (action, dataset, detail)."""
    AuditEvent.objects.bulk_create(
        AuditEvent(actor_id=actor.pk, action=action, dataset_id=dataset_id, detail=detail)
        for action, dataset_id, detail in events
    )
