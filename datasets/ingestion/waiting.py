"""Waiting for a catalog that is away: growing pauses, told on the job's page, until it is back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from datasets.ingestion.queue import enqueue_later
from datasets.models import Job
from governance.catalog.configured import get_catalog

log = logging.getLogger(__name__)

# The first pause, doubled each time up to the longest (seconds).
FIRST_PAUSE, LONGEST_PAUSE = 15, 300


def wait_for_catalog(job: Job, on_yield: Callable[[Job], None] | None) -> bool:
    """Put the job back until the catalog may be there again. False where it has waited for long enough.

    With `on_yield` the queue brings it again; None: whoever called comes back at `job.retry_at`.
    Raises LeaseLost.
    """
    waited = timezone.now() - job.waiting_since if job.waiting_since else timedelta()
    left = settings.CATALOG_WAIT_SECONDS - int(waited.total_seconds())
    if left <= 0:
        return False
    pause = min(_pause_after(waited), left)
    with transaction.atomic():
        job.wait(pause, f"The catalog does not answer. Nothing is stored meanwhile; next try in {pause} s.")
        if on_yield is not None:
            enqueue_later(job)
    log.warning("job %s waits %s s for the catalog", job.pk, pause)
    return True


def _pause_after(waited: timedelta) -> int:
    """As long again as it has waited so far, so that pauses double."""
    return int(min(max(waited.total_seconds(), FIRST_PAUSE), LONGEST_PAUSE))


def look_whether_catalog_is_back(job: Job) -> None:
    """Before a job that waited reads its file anew. Raises CatalogUnavailable where it would wait again."""
    if job.waiting_since is not None and not job.version.parquet_key:
        get_catalog().fetch(str(job.version_id))
