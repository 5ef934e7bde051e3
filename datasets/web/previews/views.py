"""The preview page of a file that is not kept yet, for its sender alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods
from rest_framework.exceptions import ValidationError

from datasets.ingestion.receiving.partial_uploads import discard_partial, keep, path_of
from datasets.ingestion.receiving.uploads import UploadRefused, Wish
from datasets.models import Dataset, PartialUpload
from datasets.previews.corrections import Corrections
from datasets.previews.preview import Busy, Preview, dataset_of, expires, preview_of
from datasets.tables.parser_process import ParserEnded, ParserFailed
from datasets.tables.unreadable import UnreadableFile
from datasets.web.previews.reading_form import column_fields, corrections_of, reading_fields, wish_of
from datasets.web.rest.upload_requests import own_upload
from omdplatform.base.disk import DiskFull


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def preview_page(request: HttpRequest, upload_id: UUID) -> HttpResponse:
    """Show the preview. A form corrects it; with `keep` the file is kept, with `discard` it is deleted.

    With the header `X-Fragment`, only the changing part of the page is returned.
    """
    upload = _own(request, upload_id)
    if upload.job is not None:
        return redirect(upload.job)
    if not (upload.is_whole and path_of(upload).exists()):
        messages.info(request, f"{upload.filename} has not arrived completely. Choose it again.")
        return redirect("datasets:upload")
    if "discard" in request.POST:
        discard_partial(upload)
        messages.success(request, f"{upload.filename} is deleted.")
        return redirect("datasets:upload")
    said = Corrections.from_json(upload.corrections) if upload.sha256 or upload.corrections else None
    wish, problem = Wish.from_json(upload.wish), ""
    if request.method == "POST":
        try:
            said = corrections_of(request.POST, said or Corrections())
            wish = wish_of(request.POST, wish)
        except ValidationError as error:
            problem = _first(error.detail)
        upload.wish, upload.corrections = wish.as_json(), (said or Corrections()).as_json()
        upload.save(update_fields=["wish", "corrections", "touched_at"])
        if "keep" in request.POST and not problem:
            try:
                return redirect(keep(upload, _decided(upload, wish), said or Corrections()))
            except (UploadRefused, DiskFull) as refusal:
                problem = str(refusal)
    return _render(request, upload, wish, said, problem)


def _own(request: HttpRequest, upload_id: UUID) -> PartialUpload:
    if not request.user.has_perm("governance.upload"):
        raise PermissionDenied("You may not upload files.")
    return own_upload(request, upload_id)


def _first(detail: Any) -> str:
    """The first sentence of an error's document."""
    while isinstance(detail, dict | list) and detail:
        detail = next(iter(detail.values())) if isinstance(detail, dict) else detail[0]
    return str(detail)


def _decided(upload: PartialUpload, wish: Wish) -> Wish:
    """If the name is taken and the sender has not chosen, the file becomes the next version."""
    if wish.on_conflict == "refuse" and dataset_of(upload.owner, upload.filename, wish) is not None:
        return replace(wish, on_conflict="new_version")
    return wish


def _render(
    request: HttpRequest, upload: PartialUpload, wish: Wish, said: Corrections | None, problem: str
) -> HttpResponse:
    seen: Preview | None = None
    decided = _decided(upload, wish)
    try:
        seen = preview_of(upload, decided, said)
    except (UnreadableFile, ParserEnded, ParserFailed, Busy, DiskFull) as error:
        problem = problem or error.sentence()
    known = dataset_of(upload.owner, upload.filename, replace(wish, on_conflict="refuse"))
    context = {
        "upload": upload,
        "seen": seen,
        "problem": problem,
        "fields": reading_fields(seen, seen.corrections if seen else said or Corrections()),
        "columns": column_fields(seen) if seen else [],
        "rows": list(zip(seen.look.values, seen.look.written, strict=True)) if seen else [],
        "becomes": _ways(known, seen, decided),
        "expires": expires(upload),
    }
    template = "preview_body.html" if request.headers.get("X-Fragment") else "preview.html"
    return render(request, f"datasets/{template}", context, status=422 if problem and not seen else 200)


def _ways(known: Dataset | None, seen: Preview | None, wish: Wish) -> list[tuple[str, str, bool]]:
    """The choices for the file: value, label, whether selected. Empty if there is no choice."""
    ways = []
    targets = [*([known] if known else []), *(seen.alike if seen else ())]
    for dataset in dict.fromkeys(targets):
        key = str(dataset.pk)
        is_it = seen is not None and seen.dataset == dataset
        ways += [
            (f"new_version:{key}", f"A new version of {dataset.name}, in place of its rows",
             is_it and wish.on_conflict != "append"),
            (f"append:{key}", f"More rows of {dataset.name}, behind those that are there",
             is_it and wish.on_conflict == "append"),
        ]  # fmt: skip
    if ways:
        ways.append(("new_dataset:", "A dataset of its own", not any(chosen for _, _, chosen in ways)))
    return ways
