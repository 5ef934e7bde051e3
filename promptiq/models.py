"""Which figures on masked columns somebody was given: two that differ by a few rows would give those away."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from datasets.models import Version


class GivenFigure(models.Model):
    """The rows that entered a sum or an average over a column that was masked for its reader."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="given_figures")
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="given_figures")
    column = models.TextField()
    # How many rows entered, and which: a bit for each row of the version, packed and compressed by zlib.
    count = models.PositiveBigIntegerField()
    rows = models.BinaryField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["at", "pk"]
        indexes: ClassVar = [models.Index(fields=["user", "version", "column"])]

    def __str__(self) -> str:
        return f"{self.count:,} rows of {self.version} for {self.user}"
