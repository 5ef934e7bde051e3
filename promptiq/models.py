"""What has been told of masked columns: figures with noise, each counted against its dataset's budget."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from datasets.models import Dataset, Version


class ProtectedFigure(models.Model):
    """A figure over a masked column, kept so that the same rows get the same noise, whoever asks."""

    class Kind(models.TextChoices):
        BOUNDS = "bounds", "range of the column"
        SUM = "sum", "sum"
        AVERAGE = "average", "average"

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="protected_figures")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="protected_figures")
    column = models.TextField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    # A keyed hash of the numbers of the selected rows; "" for the range of a column.
    selection = models.CharField(max_length=64, blank=True)
    # SUM, AVERAGE: the figure and its margin. BOUNDS: the upper and the lower bound. None: too few subjects.
    value = models.FloatField(null=True)
    margin = models.FloatField(null=True)
    # What it took from the budget; 0 once the budget was renewed.
    cost = models.PositiveIntegerField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "column", "kind", "selection"], name="one_protected_figure_for_a_selection"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.column} in {self.version}"
