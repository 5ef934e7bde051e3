"""Lets jobs wait for an unavailable service, with growing pauses, and tells people what a job waits for."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Avg, F
from django.utils import timezone

from datasets.models import Job, Worker
from datasets.models.workers import SILENT_AFTER
from governance.catalog.configured import get_catalog
from governance.catalog.contract import CatalogUnavailable
from omdplatform.base.errors import Unavailable

log = logging.getLogger(__name__)

# The first pause and the longest (seconds). Each pause doubles, so a job goes on within a minute of the
# service's return.
FIRST_PAUSE, LONGEST_PAUSE = 5, 60


def wait_for(job: Job, error: Unavailable) -> bool:
    """Put the job back until the service that the error names may be available again.

    Returns False if it has waited too long: CATALOG_WAIT_SECONDS for the catalog, PARTS_WAIT_SECONDS for
    other services. Raises LeaseLost.
    """
    waited = timezone.now() - job.waiting_since if job.waiting_since else timedelta()
    longest = settings.PARTS_WAIT_SECONDS
    if isinstance(error, CatalogUnavailable):
        longest = settings.CATALOG_WAIT_SECONDS
    if error.patience is not None:
        longest = min(longest, error.patience)
    left = longest - int(waited.total_seconds())
    if left <= 0:
        return False
    pause = min(_pause_after(waited), left)
    job.wait(pause, f"{_said_of(job, error)} Next try in {pause} s.")
    log.warning("job %s waits %s s: %s", job.pk, pause, error.code)
    return True


def _said_of(job: Job, error: Unavailable) -> str:
    if isinstance(error, CatalogUnavailable):
        return "The catalog does not answer. Nothing is stored meanwhile."
    return f"{error} The job waits, and its file is kept."


def _pause_after(waited: timedelta) -> int:
    """As long as it has waited so far, which doubles the pause each time."""
    return int(min(max(waited.total_seconds(), FIRST_PAUSE), LONGEST_PAUSE))


def look_whether_catalog_is_back(job: Job) -> None:
    """Before a waiting job reads its file again. Raises CatalogUnavailable if it would have to wait again."""
    if job.waiting_since is not None and not job.version.parquet_key:
        get_catalog().fetch(str(job.version_id))


@dataclass(frozen=True, slots=True)
class Wait:
    """What a job waits for.

    `reason`: a sentence. `until`: None if unknown. `position`: in the queue, 1 is next; None if it is in no
    queue. `seconds`: estimated time to the end, from recent jobs; None if unknown.
    """

    reason: str
    until: datetime | None = None
    position: int | None = None
    seconds: int | None = None

    def as_json(self) -> dict[str, Any]:
        """{"for", "until" (ISO 8601, UTC), "position", "seconds"}"""
        until = self.until.isoformat() if self.until else None
        return {"for": self.reason, "until": until, "position": self.position, "seconds": self.seconds}


def what_it_waits_for(job: Job) -> Wait | None:
    """None if it does not wait. About five queries."""
    if job.state == Job.State.RUNNING:
        return _of_silent_worker(job)
    if job.state != Job.State.QUEUED:
        return None
    if job.paused_at is not None:
        return Wait("It is paused until somebody resumes it.")
    if job.retry_at is not None and job.retry_at > timezone.now():
        newest = job.events.exclude(message="").order_by("-number").first()
        return Wait(newest.message if newest else "A service is unavailable.", until=job.retry_at)
    older = Job.objects.open().filter(dataset=job.dataset_id, version__number__lt=job.version.number).first()
    if older is not None:
        return Wait(f"It waits for the job of version {older.version.number} of the same dataset.")
    return _turn_of(job)


def _of_silent_worker(job: Job) -> Wait | None:
    """None if its worker is alive. Only `manage.py worker` sends heartbeats; other workers are known by their
    lease.
    """
    now = timezone.now()
    beat = Worker.objects.filter(name=job.holder).values_list("beat_at", flat=True).first()
    silent = beat is not None and now - beat > SILENT_AFTER
    if not silent and (job.lease_until is None or job.lease_until > now):
        return None
    return Wait(
        "Its worker does not respond. The job continues when that worker recovers or another takes it."
    )


def _turn_of(job: Job) -> Wait:
    workers = Worker.objects.all().present().count()
    position = Job.objects.takeable().filter(created_at__lt=job.created_at).count() + 1
    if not workers:
        return Wait("No worker runs. An administrator has to start one: manage.py worker.", position=position)
    lasted = _seconds_of_a_job()
    ahead = position + Job.objects.filter(state=Job.State.RUNNING).count()
    likely = round(lasted * ahead / workers) if lasted is not None else None
    return Wait("It waits for a worker that is free.", position=position, seconds=likely)


def _seconds_of_a_job() -> float | None:
    """The average duration of the last 20 jobs that succeeded."""
    ended = Job.objects.filter(state=Job.State.SUCCEEDED).order_by("-finished_at").values("pk")[:20]
    took = Job.objects.filter(pk__in=list(ended.values_list("pk", flat=True)))
    lasted = took.aggregate(lasted=Avg(F("finished_at") - F("started_at")))["lasted"]
    return lasted.total_seconds() if lasted is not None else None
