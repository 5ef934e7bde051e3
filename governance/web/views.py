"""The page of the review queue."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from datasets.models import Dataset
from governance.curation.review import (
    ACTIONS,
    STATES,
    Item,
    ReviewRefused,
    Wanted,
    all_items,
    columns_to_review,
    decide_items,
    reviewed,
)
from governance.models import Tag
from governance.web.forms import DecideForm, WantedForm, items_from
from omdplatform.base.web.signed_in import user_of

PAGE_COLUMNS = 50


@login_required
@permission_required("governance.curate", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest) -> HttpResponse:
    """Columns with suggested tags, least certain first. A POST decides on the ticked ones."""
    wanted = WantedForm(request.GET).wanted()
    if request.method != "POST":
        return _page(request, wanted)
    form = DecideForm(request.POST)
    chosen = items_from(request.POST.getlist("item"))
    try:
        if not form.is_valid():
            raise ReviewRefused("invalid", "Choose what is to be done with what is ticked.")
        told = form.cleaned_data
        items = _everything(user_of(request), wanted, told["count"]) if told["everything"] else chosen
        written = decide_items(user_of(request), told["action"], items, told["reason"], told["replacement"])
    except ReviewRefused as refusal:
        return _page(request, wanted, str(refusal), chosen)
    messages.success(request, f"{written:,} {'decision' if written == 1 else 'decisions'} written.")
    return redirect(request.get_full_path())


def _everything(user: User, wanted: Wanted, count: int | None) -> list[Item]:
    """Every item that matches the filter, if there are still as many as the page had counted."""
    if columns_to_review(user, wanted).count() != count:
        raise ReviewRefused("changed", "The list has changed meanwhile. Look at it again.")
    return all_items(user, wanted)


def _page(
    request: HttpRequest, wanted: Wanted, error: str = "", chosen: list[Item] | None = None
) -> HttpResponse:
    user = user_of(request)
    paginator = Paginator(columns_to_review(user, wanted), PAGE_COLUMNS)
    page = paginator.get_page(request.GET.get("page"))
    visible = Dataset.objects.visible_to(user)
    asked = {"state": wanted.state, "tag": wanted.tag, "owner": wanted.owner, "q": wanted.text}
    if wanted.dataset:
        asked["dataset"] = str(wanted.dataset)
    context: dict[str, Any] = {
        "wanted": wanted,
        "page": page,
        "columns": reviewed(list(page), wanted),
        "states": STATES,
        "actions": [(key, label) for key, label in ACTIONS if key == "add" or wanted.state != "untagged"],
        "tags": Tag.objects.values_list("fqn", flat=True),
        "owners": visible.order_by("owner__username").values_list("owner__username", flat=True).distinct(),
        "dataset": visible.filter(pk=wanted.dataset).first() if wanted.dataset else None,
        "filter": urlencode({name: value for name, value in asked.items() if value}),
        "chosen": {f"{item.column}:{item.tag}" for item in chosen or ()},
        "decided": request.POST,
        "error": error,
    }
    return render(request, "governance/review.html", context, status=400 if error else 200)
