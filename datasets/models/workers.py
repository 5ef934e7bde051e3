"""Worker processes, by their heartbeats."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omdplatform.base.processes import identity

# A worker sends a heartbeat every few seconds. One that has not for this long hangs or is gone.
BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=45)


class WorkerQuerySet(models.QuerySet["Worker"]):
    def present(self) -> WorkerQuerySet:
        """Workers with a recent heartbeat."""
        return self.filter(beat_at__gt=timezone.now() - SILENT_AFTER)


class Worker(models.Model):
    """A process that takes jobs. It sends heartbeats only while its work makes progress."""

    # host:pid:start, see omdplatform.base.processes.
    name = models.CharField(max_length=200, primary_key=True)
    started_at = models.DateTimeField(auto_now_add=True)
    beat_at = models.DateTimeField()

    objects = WorkerQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["started_at"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls) -> None:
        """Record a heartbeat of this process."""
        cls.objects.update_or_create(name=identity(), defaults={"beat_at": timezone.now()})

    @classmethod
    def leave(cls) -> None:
        """Remove this process, which ends in order, and workers without a heartbeat for a day."""
        yesterday = timezone.now() - timedelta(days=1)
        cls.objects.filter(Q(name=identity()) | Q(beat_at__lt=yesterday)).delete()
