"""Pages for versions of a dataset: comparing, restoring and deleting them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from datasets.versions.removing import retire
from datasets.versions.returning import go_back
from datasets.web.versions.api import comparison_for
from datasets.web.views import changeable, shown_dataset
from governance.rights.access import may_change
from omdplatform.base.errors import Refused
from omdplatform.base.web.signed_in import user_of


@login_required
@require_GET
def compare_page(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """What changed from `?before=` to `?after=`. Default: from the previous version to the current one."""
    dataset = shown_dataset(request, dataset_id)
    shown = list(dataset.shown_versions().order_by("-number"))
    by_number = {str(version.number): version for version in shown}
    current = next((version for version in shown if version.pk == dataset.current_version_id), None)
    after = by_number.get(request.GET.get("after", ""), current)
    earlier = next((version for version in shown if after and version.number < after.number), None)
    before = by_number.get(request.GET.get("before", ""), earlier)
    compared = None
    if before is not None and after is not None and before != after:
        compared = comparison_for(dataset, before, after, request.user)
    context = {
        "dataset": dataset,
        "versions": shown,
        "before": before,
        "after": after,
        "compared": compared,
        "may_change": may_change(request.user, dataset),
    }
    return render(request, "datasets/compare.html", context)


@login_required
@require_POST
def restore(request: HttpRequest, dataset_id: UUID, number: int) -> HttpResponse:
    dataset = changeable(request, dataset_id)
    version = get_object_or_404(dataset.shown_versions(), number=number)
    try:
        return redirect(go_back(version, user_of(request)))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(dataset)


@login_required
@require_POST
def delete_version(request: HttpRequest, dataset_id: UUID, number: int) -> HttpResponse:
    dataset = changeable(request, dataset_id)
    version = get_object_or_404(dataset.shown_versions(), number=number)
    try:
        retire(version, user_of(request))
        messages.success(request, f"Version {number} is deleted: its file, its typed copy and its index go.")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(dataset)
