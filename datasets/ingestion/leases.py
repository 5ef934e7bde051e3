"""Keeping a job's lease while a step takes its time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from datasets.models import Job


@contextmanager
def lease_kept(job: Job) -> Iterator[None]:
    """Renew the lease from a thread of its own while the block runs.

    Where somebody else took or ended the job the thread stops; the next move of the block raises LeaseLost.
    """
    ended = threading.Event()
    keeper = threading.Thread(target=_renew, args=(job.pk, job.fence, ended), name="lease", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        ended.set()
        keeper.join()


def _renew(job_id: UUID, fence: int, ended: threading.Event) -> None:
    try:
        while not ended.wait(settings.JOB_LEASE_SECONDS / 4):
            held = Job.objects.filter(pk=job_id, fence=fence, state=Job.State.RUNNING)
            try:
                kept = held.update(lease_until=Job.lease_end(timezone.now()))
            except (OperationalError, InterfaceError):
                connection.close()  # away: the next turn tries again
                continue
            if not kept:
                return
    finally:
        connection.close()
