"""Writes a job's progress and its version's fields, under the job's lease."""

from __future__ import annotations

import time
from typing import Any

from django.db import transaction

from datasets.models import Job, Version

# Progress within a step is written at most this often (seconds).
PROGRESS_SECONDS = 0.5


class Progress:
    """Writes the rows done within a step, at most every PROGRESS_SECONDS. `total`: None if not known yet."""

    def __init__(self, job: Job, step: Job.Step, total: int | None = None) -> None:
        self.job, self.step, self.total = job, step, total
        self.written = time.monotonic()

    def __call__(self, rows_done: int) -> None:
        now = time.monotonic()
        if now - self.written >= PROGRESS_SECONDS:
            self.written = now
            self.job.advance(self.step, done=rows_done, total=self.total)


def keep(job: Job, **fields: Any) -> None:
    """Write fields of the job's version, under the job's fencing token. Raises LeaseLost.

    The object in memory gets them even then: after a cancellation, the clean-up works from it.
    """
    for name, value in fields.items():
        setattr(job.version, name, value)
    with transaction.atomic():
        job.renew()
        Version.objects.filter(pk=job.version_id).update(**fields)
