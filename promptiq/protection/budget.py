"""How much a dataset may still tell of its masked columns. One budget for all askers and all versions."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Sum

from datasets.models import Dataset, Version
from governance.audit import record
from promptiq.models import ProtectedFigure

Kind = ProtectedFigure.Kind
# What each takes from the budget. One unit is an epsilon of 1 for one subject.
COSTS = {Kind.BOUNDS: 3, Kind.SUM: 1, Kind.AVERAGE: 1}

# A figure and its margin, or the bounds of a column; None where there are too few subjects.
Pair = tuple[float, float] | None


class Spent(Exception):
    """The dataset's budget does not allow another figure."""


def left(dataset: Dataset) -> int:
    """How many units the dataset may still tell; at least 0."""
    spent = ProtectedFigure.objects.filter(dataset=dataset).aggregate(all=Sum("cost"))["all"] or 0
    return max(0, settings.PROTECTED_FIGURES - spent)


def told(
    version: Version, column: str, kind: ProtectedFigure.Kind, selection: str, draw: Callable[[], Pair]
) -> Pair:
    """What was told before of the same rows, else what `draw` gives, counted and kept. Raises Spent.

    The dataset's row is locked meanwhile, so that two askers at once never get two draws of the same figure.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        known = ProtectedFigure.objects.filter(version=version, column=column, kind=kind, selection=selection)
        if (figure := known.first()) is None:
            if left(dataset) < COSTS[kind]:
                raise Spent
            value, margin = draw() or (None, None)
            figure = ProtectedFigure.objects.create(
                dataset=dataset,
                version=version,
                column=column,
                kind=kind,
                selection=selection,
                value=value,
                margin=margin,
                cost=COSTS[kind],
            )
    if figure.value is None or figure.margin is None:
        return None
    return figure.value, figure.margin


def renew(dataset: Dataset, by: User) -> None:
    """Start the budget again. Every renewal weakens the protection; it is in the audit log."""
    with transaction.atomic():
        ProtectedFigure.objects.filter(dataset=dataset).update(cost=0)
        record(by, "figures.renewed", dataset.pk)
