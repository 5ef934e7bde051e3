"""Results of comparing all stores."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Reconciliation(models.Model):
    """One comparison of all stores: see datasets.stores.reconciling."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    # Versions whose bytes were read and compared. The others were compared by keys, sizes and counts only.
    versions_read = models.PositiveIntegerField(default=0)
    # JSON of datasets.stores.reconciling.Outcome: the first findings, and how many there were in total.
    findings = models.JSONField(default=list)
    found = models.PositiveIntegerField(default=0)
    # Findings that are not repaired and that no job repairs.
    left = models.PositiveIntegerField(default=0)
    # Stores that could not be checked, each with the reason.
    unreachable = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]
        permissions: ClassVar = [("operate", "Sees health, metrics and what is wrong with the stores")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.found:,} found, {self.left:,} left"

    @property
    def is_clean(self) -> bool:
        return not self.left and not self.unreachable
