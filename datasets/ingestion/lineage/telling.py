"""Sends events to OPENLINEAGE_URL from a thread of its own, so that jobs never wait for it.

The job's own events are the outbox: they are written whether or not anybody listens. Each job notes which
events were sent. Events that could not be sent are retried in order until KEPT after the job's end.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, connection
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from datasets.ingestion.lineage.run_events import Sink, SinkAway, run_event
from datasets.ingestion.lineage.transitions import transitions
from datasets.models import Job
from omdplatform.base.errors import log_without_text
from omdplatform.base.processes import identity

log = logging.getLogger(__name__)

# Seconds between two looks. Doubled, up to the second figure, while the server does not answer.
LOOK_SECONDS, LONGEST_PAUSE = 5.0, 300.0
# Events that could not be sent for this long after their job's end are dropped.
KEPT = timedelta(days=1)
# Only one worker sends, so that a job's events arrive in order. It holds this cache entry (seconds).
_TELLER, _HOLDS = "lineage-teller", 120


def tell_until(ended: threading.Event) -> None:
    """Send until `ended`. Errors are logged, and the next look tries again."""
    pause, sink = LOOK_SECONDS, Sink()
    while not ended.wait(pause):
        try:
            if _may_tell():
                tell(sink, ended.is_set)
            pause = LOOK_SECONDS
        except Exception as error:  # an error here must not stop a job
            pause = min(pause * 2, LONGEST_PAUSE)
            _say(error, pause)
        finally:
            connection.close()
    sink.close()


def _say(error: Exception, pause: float) -> None:
    if isinstance(error, SinkAway):
        log.warning("OPENLINEAGE_URL does not answer (%s); it is told in %.0f s", error, pause)
    elif not isinstance(error, DatabaseError | InterfaceError):
        log_without_text(error)


def _may_tell() -> bool:
    """Whether this process is the one that sends."""
    mine = cache.add(_TELLER, identity(), _HOLDS) or cache.get(_TELLER) == identity()
    if mine:
        cache.touch(_TELLER, _HOLDS)
    return mine


def owed() -> QuerySet[Job]:
    """Jobs with events that were not sent yet, oldest first."""
    lately = Q(finished_at=None) | Q(finished_at__gt=timezone.now() - KEPT)
    jobs = Job.objects.filter(lately, last_event__gt=F("lineage_told"))
    return jobs.select_related("version").order_by("created_at", "pk")


def tell(sink: Sink, stop: Callable[[], bool] = lambda: False) -> int:
    """Send all events that are due. Returns how many were accepted.

    Raises SinkAway; the next call goes on from there. An event may be sent twice, with the same content.
    """
    told = 0
    for job in owed():
        if stop() or not _may_tell():
            break
        told += _tell_of(job, sink)
    return told


def _tell_of(job: Job, sink: Sink) -> int:
    events = list(job.events.order_by("number"))
    told, done = 0, job.lineage_told
    try:
        for transition in transitions(events):
            if transition.number <= job.lineage_told:
                continue
            if sink.tell(run_event(job, transition)):
                told += 1
            else:
                log.warning("OPENLINEAGE_URL refuses an event of job %s; it is not sent again", job.pk)
            done = transition.number - 1  # several events may have this number
        done = events[-1].number if events else done
    finally:
        if done > job.lineage_told:
            Job.objects.filter(pk=job.pk).update(lineage_told=done)
    return told


def start(ended: threading.Event) -> None:
    """Start a thread that sends until `ended`. Does nothing without OPENLINEAGE_URL."""
    if settings.OPENLINEAGE_URL:
        threading.Thread(target=tell_until, args=(ended,), name="lineage", daemon=True).start()
