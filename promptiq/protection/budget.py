"""The budget of figures on a dataset's masked columns: one for all readers and all versions."""

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
# What each figure uses of the budget. One unit is an epsilon of 1 for one subject.
COSTS = {Kind.BOUNDS: 3, Kind.SUM: 1, Kind.AVERAGE: 1}

# A figure and its margin, or the bounds of a column. None if there are too few subjects.
Pair = tuple[float, float] | None


class Spent(Exception):
    """The dataset's budget does not allow another figure."""


def left(dataset: Dataset) -> int:
    """The units that are left; at least 0."""
    spent = ProtectedFigure.objects.filter(dataset=dataset).aggregate(all=Sum("cost"))["all"] or 0
    return max(0, settings.PROTECTED_FIGURES - spent)


def told(
    version: Version, column: str, kind: ProtectedFigure.Kind, selection: str, draw: Callable[[], Pair]
) -> Pair:
    """The earlier figure for the same rows. If there is none, the result of `draw`, which is counted and
    kept. Raises Spent.

    The dataset's row is locked meanwhile, so that two simultaneous readers never get two draws of one figure.
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
    """Renew the budget. Every renewal weakens the protection, and is in the audit log."""
    with transaction.atomic():
        ProtectedFigure.objects.filter(dataset=dataset).update(cost=0)
        record(by, "figures.renewed", dataset.pk)
