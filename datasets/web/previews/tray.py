"""The upload tray on every page: the reader's recent files, each with its state."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_GET

from datasets.ingestion.waiting import what_it_waits_for
from datasets.models import Job, PartialUpload
from omdplatform.base.web.signed_in import user_of

MOST = 30


@login_required
@require_GET
def tray(request: HttpRequest) -> JsonResponse:
    """{"uploads": […]}: the reader's own, oldest first; see _told. An upload disappears an hour after its
    last change, or when it is dismissed.
    """
    mine = PartialUpload.objects.filter(owner=user_of(request)).select_related("job__dataset", "job__version")
    newest = list(mine.order_by("-created_at")[:MOST])
    return JsonResponse({"uploads": [_told(each) for each in reversed(newest)]})


def _told(upload: PartialUpload) -> dict[str, Any]:
    """{"id", "filename", "size" (bytes), "state", "label", "text": for people; "percent": None if nothing is
    counted; "page", "link": where it is shown; "dismiss": the button's label, None without button; "moving":
    whether it will change by itself}.
    """
    told: dict[str, Any] = {
        "id": str(upload.pk), "filename": upload.filename, "size": upload.length, "percent": None,
        "page": None, "link": "", "dismiss": "Dismiss", "moving": False,
    }  # fmt: skip
    if upload.refusal:
        return told | {"state": "failed", "label": "refused", "text": upload.refusal}
    if upload.job is not None:
        return told | _told_of_job(upload.job)
    if not upload.is_whole:
        percent = round(100 * upload.offset / upload.length)
        text = "The upload is in progress. If it was interrupted, choose the file again on the upload page."
        return told | {
            "state": "running", "label": "sending", "text": text, "percent": percent, "moving": True,
            "dismiss": "Give it up",
        }  # fmt: skip
    page = reverse("datasets:preview", args=[upload.pk])
    return told | {
        "state": "held", "label": "not kept yet", "text": "Nothing of it is stored before you confirm.",
        "page": page, "link": "Look at it", "dismiss": "Throw away",
    }  # fmt: skip


def _told_of_job(job: Job) -> dict[str, Any]:
    told: dict[str, Any] = {"state": job.state, "label": job.get_state_display(), "text": ""}
    told |= {"page": job.get_absolute_url(), "link": "Its job"}
    if job.state == Job.State.SUCCEEDED:
        told |= {"page": job.dataset.get_absolute_url(), "link": "Open it"}
        return told | {"text": f"Version {job.version.number} of {job.dataset.name} can be used."}
    if not job.is_open:
        return told | {"text": job.error or "Nothing of it is kept."}
    told |= {"moving": True, "dismiss": None, "text": job.get_step_display()}
    if job.rows_total:
        told["percent"] = round(100 * (job.rows_done or 0) / job.rows_total)
    if (wait := what_it_waits_for(job)) is not None:
        place = f" Number {wait.position} in the queue." if wait.position else ""
        told["text"] = f"{wait.reason}{place}"
    return told
