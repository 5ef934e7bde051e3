"""Renews a job's lease while a step runs, and frees leases whose worker is gone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from datasets.ingestion.queue import enqueue
from datasets.models import Job, LeaseLost
from omdplatform.base import liveness
from omdplatform.base.processes import identity, is_gone


@contextmanager
def lease_kept(job: Job) -> Iterator[None]:
    """Renew the lease from a thread of its own while the block runs.

    If the block makes no progress for JOB_QUIET_SECONDS, it hangs: the lease is left to run out. If somebody
    else takes or ends the job, the thread stops, and the block's next write raises LeaseLost.
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
            if liveness.quiet_seconds() > settings.JOB_QUIET_SECONDS:
                continue
            held = Job.objects.filter(pk=job_id, fence=fence, state=Job.State.RUNNING)
            try:
                kept = held.update(lease_until=Job.lease_end(timezone.now()))
            except (OperationalError, InterfaceError):
                connection.close()  # unavailable: the next turn tries again
                continue
            if not kept:
                return
    finally:
        connection.close()


def free_leases_of_the_dead() -> int:
    """End the leases of processes of this machine that no longer run. Returns how many."""
    held = Job.objects.filter(state=Job.State.RUNNING, lease_until__gt=timezone.now()).exclude(holder="")
    left = [pk for pk, holder in held.values_list("pk", "holder") if is_gone(holder)]
    return held.filter(pk__in=left).update(lease_until=timezone.now())


def hand_back_own() -> int:
    """Hand back the jobs that this process lost when its database became unavailable. Call it between two
    tasks. Returns how many. This never counts as a crash.
    """
    own = Job.objects.filter(state=Job.State.RUNNING, holder=identity())
    handed = 0
    for job in own.select_related("version"):
        with suppress(LeaseLost), transaction.atomic():
            job.hand_back("The database was unavailable. The job continues.")
            enqueue(job)
            handed += 1
    return handed
