"""Shows owners what others did to their data, and lets them decide: opening a masked column, and ownership
when the catalog names another owner.
"""

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
from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.curation import agreeing
from governance.models import AuditEvent
from governance.rights.access import may_change
from governance.sync import owners
from governance.tag_schema import AWAITS_OWNER
from omdplatform.base.errors import Refused

# Actions of others that an owner is told about.
TOLD = (
    "uploaded", "tag confirmed", "tag rejected", "tag confirmed in the catalog",
    "tag rejected in the catalog", "opening asked for", "column opened", "shared", "unshared",
    "marked public", "public no more", "downloaded", owners.TAKEN_OVER, owners.KEPT,
)  # fmt: skip


@login_required
@require_POST
def open_column(request: HttpRequest, dataset_id: UUID, column_id: int) -> HttpResponse:
    """Show a column from now on. For the owner or another administrator."""
    dataset = get_object_or_404(Dataset.objects.all().visible_to(request.user), pk=dataset_id)
    # No column has a number beyond the database's range.
    columns = dataset.columns.select_related("dataset").filter(pk=min(column_id, 2**63 - 1))
    column = get_object_or_404(columns)
    if not isinstance(request.user, User) or not agreeing.may_open(request.user, column):
        raise Http404
    agreeing.open_column(column, request.user)
    messages.success(request, f"{column.name} is open to everybody who may see this dataset.")
    return redirect(dataset)


@login_required
@require_POST
def settle_owner(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """`holds`: "there" makes the catalog's owner the owner here; "here" sends our owner to the catalog."""
    visible = Dataset.objects.all().visible_to(request.user).select_related("owner", "current_version")
    dataset, user = get_object_or_404(visible, pk=dataset_id), request.user
    is_there = request.POST.get("holds") == "there"
    may = owners.may_hand_over(user, dataset) if is_there else may_change(user, dataset)
    if not isinstance(user, User) or not may:
        raise Http404
    try:
        if is_there:
            said = f"{owners.take_over(dataset, user).get_username()} owns {dataset.name} from now on."
        else:
            owners.keep_ours(dataset, user)
            said = f"The catalog names {dataset.owner.get_username()} as the owner of {dataset.name}."
        messages.success(request, said)
    except (Refused, CatalogUnavailable, CatalogRefused) as error:
        messages.error(request, error.sentence())
    return redirect(dataset if is_visible(user, dataset) else "datasets:list")


def is_visible(user: User, dataset: Dataset) -> bool:
    """A former owner may not see the dataset any more."""
    return Dataset.objects.all().visible_to(user).filter(pk=dataset.pk).exists()


def told_of(shown: PresentedDataset, user: Any) -> dict[str, Any]:
    """For the dataset's page: columns that wait, each with whether the reader may open it; `events`;
    `other_owner`, and whether the reader may take the dataset over.
    """
    dataset = shown.dataset
    waiting = [
        (column, agreeing.may_open(user, Column(pk=column.id, dataset=dataset)))
        for column in shown.columns
        if any(tag.fqn == AWAITS_OWNER for tag in column.tags)
    ]
    return {
        "waiting": waiting,
        "events": _by_others(dataset) if shown.may_change else (),
        "other_owner": owners.other_owner(dataset) if shown.catalog else None,
        "may_hand_over": owners.may_hand_over(user, dataset),
    }


def _by_others(dataset: Dataset) -> QuerySet[AuditEvent]:
    changes = AuditEvent.objects.filter(dataset_id=dataset.pk, action__in=TOLD)
    return changes.exclude(actor_id=dataset.owner_id).select_related("actor")[:10]


def deleted_by_others(user: User) -> QuerySet[AuditEvent]:
    """The user's datasets that somebody else deleted within a month."""
    since = timezone.now() - timedelta(days=30)
    deleted = AuditEvent.objects.filter(action__startswith="deleted", detail__owner=user.pk, at__gte=since)
    return deleted.exclude(actor_id=user.pk).select_related("actor")[:5]
