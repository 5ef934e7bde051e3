"""The dry run page for stewards: what a different policy, or a rescan, would change."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from datasets.ingestion.upkeep.rescanning import (
    ColumnChange,
    current_versions,
    what_a_rescan_would_change,
    what_rules_would_change,
    with_rule,
)
from datasets.models import Dataset
from datasets.storage import StorageMismatch
from governance.models import Tag
from governance.policies import IndexTreatment, Rule

# A rescan reads 50 columns a second, and people do not wait longer for a page.
RESCAN_SECONDS = 15
MOST_SHOWN = 1_000


class PolicyForm(forms.Form):
    tag = forms.ModelChoiceField(Tag.objects.order_by("fqn"), to_field_name="fqn")
    index = forms.ChoiceField(
        label="In the index",
        choices=[("mask", "masked"), ("index", "as it is"), ("leave_out", "left out")],
    )
    masked = forms.BooleanField(label="Masked for readers without the right", required=False)
    retain_days = forms.IntegerField(label="Kept for (days)", min_value=0, max_value=36_500, required=False)

    def rule(self) -> Rule:
        told = self.cleaned_data
        return Rule(
            told["tag"].fqn, IndexTreatment(told["index"]), told["masked"], told["retain_days"], "tried out"
        )


@dataclass(slots=True)
class Outcome:
    """`looked_at`: how many of `datasets` were checked. `passed_over`: names of those whose copy cannot be
    read.
    """

    changes: list[ColumnChange] = field(default_factory=list)
    looked_at: int = 0
    datasets: int = 0
    passed_over: list[str] = field(default_factory=list)

    @property
    def shown(self) -> list[ColumnChange]:
        return self.changes[:MOST_SHOWN]


@login_required
@permission_required("governance.curate", raise_exception=True)
@require_safe
def dry_run(request: HttpRequest) -> HttpResponse:
    """Predict the effect of `?try=policy` with a policy, or of `?try=rescan`. Changes nothing."""
    tried = request.GET.get("try")
    form = PolicyForm(request.GET if tried == "policy" else None, initial={"masked": True})
    outcome = None
    if tried == "rescan":
        outcome = _rescan()
    elif tried == "policy" and form.is_valid():
        changes = list(what_rules_would_change(current_versions(), with_rule(form.rule())))
        outcome = Outcome(changes, datasets := _datasets(), datasets)
    context: dict[str, Any] = {"form": form, "tried": tried, "outcome": outcome}
    return render(request, "datasets/dry_run.html", context, status=400 if form.errors else 200)


def _rescan() -> Outcome:
    outcome = Outcome(datasets=_datasets())
    until = time.monotonic() + RESCAN_SECONDS
    for version in current_versions():
        try:
            outcome.changes += what_a_rescan_would_change(version)
        except (FileNotFoundError, StorageMismatch):
            outcome.passed_over.append(version.dataset.name)
        outcome.looked_at += 1
        if time.monotonic() > until:
            break
    return outcome


def _datasets() -> int:
    return Dataset.objects.filter(retired_at=None).exclude(current_version=None).count()
