"""Pages about datasets and jobs. What somebody may not see looks as if it did not exist."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_POST

from datasets.ingestion import pipeline, queue
from datasets.ingestion.receiving import partial_uploads, uploads
from datasets.ingestion.receiving.uploads import UploadRefused, Wish
from datasets.ingestion.upkeep import erasure
from datasets.ingestion.waiting import what_it_waits_for
from datasets.models import Column, Dataset, Job
from datasets.web.filters import tagged
from datasets.web.forms import ShareForm, UploadForm
from datasets.web.owner_views import deleted_by_others, told_of
from datasets.web.representations import present_dataset
from datasets.web.rest.api import UploadView
from governance.models import Grant
from governance.rights import grants
from governance.rights.access import held_tags, may_change
from governance.sync import agreement
from omdplatform.base.disk import DiskFull
from omdplatform.base.errors import Refused
from omdplatform.base.web.signed_in import user_of
from promptiq.protection import control

PAGE_ROWS = 30
# A page with all columns of a wide table would be many megabytes.
PAGE_COLUMNS = 200


def shown_dataset(request: HttpRequest, dataset_id: UUID) -> Dataset:
    visible = Dataset.objects.all().visible_to(request.user).select_related("owner", "current_version")
    return get_object_or_404(visible, pk=dataset_id)


@login_required
@require_GET
def dataset_list(request: HttpRequest) -> HttpResponse:
    """Datasets that the reader may see, newest first, below jobs that need attention."""
    wanted = request.GET.get("q", "").strip()[:200]
    tag = request.GET.get("tag", "").strip()[:200]
    found = Dataset.objects.all().visible_to(request.user).for_list().exclude(current_version=None)
    if wanted:
        found = found.filter(
            Q(name__icontains=wanted) | Q(description__icontains=wanted) | Q(owner__username__iexact=wanted)
        )
    if tag:
        found = tagged(found, tag)
    page = Paginator(found, PAGE_ROWS).get_page(request.GET.get("page"))
    jobs = (
        Job.objects.all()
        .visible_to(request.user)
        .filter(
            Q(state__in=[Job.State.QUEUED, Job.State.RUNNING])
            | Q(state=Job.State.FAILED, dataset__current_version=None, created_by=user_of(request))
        )
    )
    context = {
        "page": page,
        "tags": _tags_by_dataset(list(page)),
        "jobs": jobs[:10],
        "q": wanted,
        "tag": tag,
        "filtered": bool(wanted or tag),
        "deleted": deleted_by_others(user_of(request)),
    }
    return render(request, "datasets/list.html", context)


def _tags_by_dataset(found: list[Dataset]) -> dict[UUID, list[str]]:
    """Tag names on each dataset's columns, sorted. Three queries for the whole page."""
    columns = list(Column.objects.filter(dataset__in=found))
    held = held_tags(columns)
    tags: dict[UUID, set[str]] = {dataset.pk: set() for dataset in found}
    for column in columns:
        tags[column.dataset_id] |= {tag.fqn for tag in held[column.pk]}
    return {key: sorted(names) for key, names in tags.items()}


@csrf_exempt
def upload(request: HttpRequest) -> HttpResponseBase:
    """The upload page and its form. The API serves programs and checks CSRF itself."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    if request.method == "POST" and (wants_json or "Authorization" in request.headers):
        return UploadView.as_view()(request)
    return _upload_page(request)


@csrf_protect
@login_required
def _upload_page(request: HttpRequest) -> HttpResponse:
    user = user_of(request)
    if request.method != "POST":
        return _render_upload(request, UploadForm())
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _render_upload(request, form, 400)
    file = form.cleaned_data["file"]
    try:
        if "look" in request.POST:
            held = partial_uploads.hold_file(user, file.name, file, Wish(hold=True))
            return redirect("datasets:preview", held.pk)
        received = uploads.receive(user, file.name, file, Wish(on_conflict=form.cleaned_data["on_conflict"]))
    except (UploadRefused, DiskFull) as refusal:
        form.add_error("file", str(refusal))
        return _render_upload(request, form, refusal.status)
    return redirect(received.job)


def _render_upload(request: HttpRequest, form: UploadForm, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "may_upload": user_of(request).has_perm("governance.upload"),
        "part_bytes": settings.UPLOAD_PART_BYTES,
        "max_bytes": settings.UPLOAD_MAX_BYTES,
    }
    return render(request, "datasets/upload.html", context, status=status)


@login_required
@require_GET
def detail(request: HttpRequest, dataset_id: UUID, number: int | None = None) -> HttpResponse:
    """A dataset by its current version, or by the version of that number."""
    dataset = shown_dataset(request, dataset_id)
    return _render_detail(request, dataset, number, ShareForm())


def _render_detail(
    request: HttpRequest, dataset: Dataset, number: int | None, form: ShareForm, status: int = 200
) -> HttpResponse:
    version = None
    if number is not None:
        version = get_object_or_404(dataset.shown_versions(), number=number)
    shown = present_dataset(dataset, user_of(request), version)
    context: dict[str, Any] = {
        "shown": shown,
        "dataset": dataset,
        "version": shown.version,
        "is_current": version is None or version.is_current,
        "column_page": Paginator(shown.columns, PAGE_COLUMNS).get_page(request.GET.get("columns")),
        "share_form": form,
        **told_of(shown, request.user),
        "protection": control.protection_of(dataset),
        "subjects": control.columns_to_choose(dataset, user_of(request)),
        "grants": Grant.objects.filter(dataset=dataset).select_related("user").order_by("user__username")
        if shown.may_change
        else None,
    }
    return render(request, "datasets/detail.html", context, status=status)


@login_required
@require_POST
def share(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    dataset = changeable(request, dataset_id)
    form = ShareForm(request.POST)
    if form.is_valid():
        user, view_pii = form.cleaned_data["user"], form.cleaned_data["view_pii"]
        try:
            grants.share(dataset, user, user_of(request), view_pii=view_pii)
        except grants.GrantRefused as refusal:
            form.add_error("user", str(refusal))
        else:
            messages.success(request, f"Shared with {user.get_username()}.")
            return redirect(dataset)
    return _render_detail(request, dataset, None, form, 400)


@login_required
@require_POST
def unshare(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    dataset = changeable(request, dataset_id)
    grant = get_object_or_404(
        Grant.objects.select_related("dataset", "user"),
        dataset=dataset,
        user__username=request.POST.get("user", ""),
    )
    try:
        grants.unshare(grant, user_of(request))
    except grants.GrantRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(dataset)


@login_required
@require_POST
def delete(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    dataset = changeable(request, dataset_id)
    erasure.delete(dataset, user_of(request))
    messages.success(
        request, f"{dataset.name} is deleted: file, typed copy, index and catalog entry go with it."
    )
    return redirect("datasets:list")


@login_required
@require_POST
def choose_subject(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """Choose the column that tells whom the table is about, so that figures are protected for each of
    them.
    """
    dataset = changeable(request, dataset_id)
    name = request.POST.get("subject", "")
    column = control.column_named(dataset, name)
    if name and column is None:
        messages.error(request, "There is no such column.")
    else:
        control.choose_subject(dataset, column, user_of(request))
        messages.success(request, f"Figures are protected for each {name or 'row'}.")
    return redirect(dataset)


@login_required
@require_POST
def renew_figures(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    dataset = changeable(request, dataset_id)
    try:
        control.renew(dataset, user_of(request))
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect(dataset)


@login_required
@require_POST
def keep(request: HttpRequest, dataset_id: UUID) -> HttpResponse:
    """Register a table again that was deleted in the catalog."""
    dataset = changeable(request, dataset_id)
    agreement.keep(dataset, user_of(request))
    messages.success(request, f"{dataset.name} is registered in the catalog again within a minute.")
    return redirect(dataset)


def changeable(request: HttpRequest, dataset_id: UUID) -> Dataset:
    dataset = shown_dataset(request, dataset_id)
    if not may_change(request.user, dataset):
        raise Http404
    return dataset


@login_required
@require_GET
def job(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """A job with its messages so far. A script adds new ones."""
    shown = get_object_or_404(Job.objects.all().visible_to(request.user), pk=job_id)
    context = {
        "job": shown,
        "dataset": shown.dataset,
        "steps": Job.Step.choices,
        # Messages written since then are fetched by the script, which asks for those after `last_event`.
        "events": shown.events.filter(number__lte=shown.last_event).order_by("number"),
        "waits": what_it_waits_for(shown),
        "may_change": may_change(request.user, shown.dataset),
    }
    return render(request, "datasets/job.html", context)


@login_required
@require_POST
def job_retry(request: HttpRequest, job_id: UUID) -> HttpResponse:
    shown = get_object_or_404(Job.objects.all().visible_to(request.user), pk=job_id)
    try:
        return redirect(uploads.retry(shown, user_of(request)))
    except UploadRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(shown)


# What a person may do to an open job.
JOB_CHANGES = {"cancel": pipeline.cancel, "pause": queue.pause, "resume": queue.resume}


@login_required
@require_POST
def job_change(request: HttpRequest, job_id: UUID, change: str) -> HttpResponse:
    """`change`: a key of JOB_CHANGES. Raises Http404 for those who may not change the dataset."""
    shown = get_object_or_404(Job.objects.all().visible_to(request.user), pk=job_id)
    if not may_change(request.user, shown.dataset):
        raise Http404
    JOB_CHANGES[change](shown, user_of(request))
    return redirect(shown)
