"""What comparing all stores has found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Reconciliation(models.Model):
    """One look at all stores: see datasets.stores.reconciling."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    # Versions whose bytes were read and compared; the others by keys, sizes and counts only.
    versions_read = models.PositiveIntegerField(default=0)
    # The JSON of datasets.stores.reconciling.Outcome, the first so many; and how many there were.
    findings = models.JSONField(default=list)
    found = models.PositiveIntegerField(default=0)
    # Those of them that are not mended, and nobody is mending.
    left = models.PositiveIntegerField(default=0)
    # Stores that could not be looked at, each with why.
    unreachable = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["-started_at", "-pk"]
        permissions: ClassVar = [("operate", "Sees health, metrics and what is wrong with the stores")]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d %H:%M}: {self.found:,} found, {self.left:,} left"

    @property
    def is_clean(self) -> bool:
        return not self.left and not self.unreachable
