"""The page for operators: parts, jobs, disk space, and differences between the stores."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from django_q.tasks import async_task
from prometheus_client.parser import text_string_to_metric_families

from datasets.models import Reconciliation
from governance.audit import record
from omdplatform.health import PARTS, look_at, watcher
from omdplatform.metrics import written

# Findings that are listed.
SHOWN = 200


@login_required
@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    watcher(request)
    last = Reconciliation.objects.first()
    context = {
        "parts": list(look_at(PARTS)),
        "last": last,
        "findings": last.findings[:SHOWN] if last else [],
        "metrics": list(_measured()),
    }
    return render(request, "omdplatform/operations.html", context)


def _measured() -> list[dict[str, Any]]:
    """The metrics of /metrics, without buckets: {"name", "help", "samples": [("a, b", value)]}"""
    told = []
    for family in text_string_to_metric_families(written().decode()):
        samples = [
            (_label(sample.name, family.name, sample.labels), sample.value)
            for sample in family.samples
            if not sample.name.endswith(("_bucket", "_created"))
        ]
        told.append({"name": family.name, "help": family.documentation, "samples": samples})
    return told


def _label(name: str, family: str, labels: dict[str, str]) -> str:
    kind = name.removeprefix(family).strip("_")
    return ", ".join([*labels.values(), *([kind] if kind else [])])


@login_required
@require_POST
def reconcile_now(request: HttpRequest) -> HttpResponse:
    """Queue what the schedule does at night."""
    user = watcher(request)
    async_task("datasets.stores.reconciling.nightly", save=False)
    record(user, "reconciliation asked for")
    messages.success(request, "The stores are being compared. Look again in a moment.")
    return redirect("operations")
