"""Who works on what is queued, by their own word."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from omdplatform.base.processes import identity

# A worker beats every few seconds; one that has not for so long hangs or is gone.
BEAT_SECONDS = 5.0
SILENT_AFTER = timedelta(seconds=45)


class WorkerQuerySet(models.QuerySet["Worker"]):
    def present(self) -> WorkerQuerySet:
        """Those that were heard of lately."""
        return self.filter(beat_at__gt=timezone.now() - SILENT_AFTER)


class Worker(models.Model):
    """A process that takes jobs. It beats while it gets on with its work, and not where it hangs."""

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
        """This process is there and gets on."""
        cls.objects.update_or_create(name=identity(), defaults={"beat_at": timezone.now()})

    @classmethod
    def leave(cls) -> None:
        """This process ends, in order. Those that were not heard of for a day are forgotten, too."""
        yesterday = timezone.now() - timedelta(days=1)
        cls.objects.filter(Q(name=identity()) | Q(beat_at__lt=yesterday)).delete()
