"""What owners see of what others did to their data, and their word that a masked column is opened."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from datasets.models import Column, Dataset
from datasets.web.representations import PresentedDataset
from governance.curation import agreeing
from governance.models import AuditEvent
from governance.tag_schema import AWAITS_OWNER

# What an owner is told of where somebody else did it.
TOLD = (
    "uploaded", "tag confirmed", "tag rejected", "tag confirmed in the catalog",
    "tag rejected in the catalog", "opening asked for", "column opened", "shared", "unshared",
    "marked public", "public no more", "downloaded",
)  # fmt: skip


@login_required
@require_POST
def open_column(request: HttpRequest, dataset_id: UUID, column_id: int) -> HttpResponse:
    """The owner's word, or another administrator's, that a column is shown from now on."""
    dataset = get_object_or_404(Dataset.objects.all().visible_to(request.user), pk=dataset_id)
    # More than the database's numbers hold is no column's.
    columns = dataset.columns.select_related("dataset").filter(pk=min(column_id, 2**63 - 1))
    column = get_object_or_404(columns)
    if not isinstance(request.user, User) or not agreeing.may_open(request.user, column):
        raise Http404
    agreeing.open_column(column, request.user)
    messages.success(request, f"{column.name} is open to everybody who may see this dataset.")
    return redirect(dataset)


def told_of(shown: PresentedDataset, user: Any) -> dict[str, Any]:
    """For the dataset's page: columns that wait, each with whether the reader may open it, and `events`."""
    dataset = shown.dataset
    waiting = [
        (column, agreeing.may_open(user, Column(pk=column.id, dataset=dataset)))
        for column in shown.columns
        if any(tag.fqn == AWAITS_OWNER for tag in column.tags)
    ]
    return {"waiting": waiting, "events": _by_others(dataset) if shown.may_change else ()}


def _by_others(dataset: Dataset) -> QuerySet[AuditEvent]:
    changes = AuditEvent.objects.filter(dataset_id=dataset.pk, action__in=TOLD)
    return changes.exclude(actor_id=dataset.owner_id).select_related("actor")[:10]


def deleted_by_others(user: User) -> QuerySet[AuditEvent]:
    """Of the user's datasets, those that somebody else deleted within a month."""
    since = timezone.now() - timedelta(days=30)
    deleted = AuditEvent.objects.filter(action__startswith="deleted", detail__owner=user.pk, at__gte=since)
    return deleted.exclude(actor_id=user.pk).select_related("actor")[:5]
