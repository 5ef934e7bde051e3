"""Delivers job events to listeners: one poller in each web process reads and distributes them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from channels.db import database_sync_to_async
from django.db import DatabaseError, InterfaceError

from datasets.announce import announcements
from datasets.models import Job, JobEvent

# Seconds between two polls of the database while somebody listens. An announcement shortens the wait.
POLL_SECONDS = 0.4
# Events of a job kept in memory for listeners. A listener further behind reads the database.
RECENT_EVENTS = 200


class EventMessage(TypedDict):
    """A numbered event as a socket sends it."""

    type: str  # "event"
    number: int
    at: str  # ISO 8601, UTC
    state: str
    step: str
    message: str
    rows_done: int | None
    rows_total: int | None


class JobMessage(TypedDict):
    """The job as a whole: sent first, and again when it has ended."""

    type: str  # "job"
    id: str
    state: str
    step: str
    error: str


def event_message(event: JobEvent) -> EventMessage:
    payload: Any = {"type": "event", **event.as_json()}
    return payload  # type: ignore[no-any-return]


def job_message(job: Job) -> JobMessage:
    return {"type": "job", "id": str(job.pk), "state": job.state, "step": job.step, "error": job.error}


def events_after(job_id: UUID, number: int) -> list[JobEvent]:
    """The job's events after this number, in order."""
    return list(JobEvent.objects.filter(job_id=job_id, number__gt=number).order_by("number"))


@dataclass(frozen=True, slots=True)
class Recent:
    """A job and its newest events, in order and without gaps. The job was read first."""

    job: Job
    events: list[JobEvent]


class Feed:
    """Tells listeners when their job has new events, and which.

    Each poll is one query, plus one read for each job with new events, however many listen.
    """

    def __init__(self) -> None:
        self._listeners: dict[UUID, set[asyncio.Event]] = {}
        self._seen: dict[UUID, int] = {}
        self._recent: dict[UUID, Recent] = {}
        self._reading: dict[UUID, asyncio.Lock] = {}
        self._woken = asyncio.Event()
        self._poller: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def listening(self, job_id: UUID) -> AsyncIterator[asyncio.Event]:
        """An event that is set whenever the job has news. Clear it before reading."""
        moved = asyncio.Event()
        self._listeners.setdefault(job_id, set()).add(moved)
        if self._poller is None or self._poller.done():
            self._poller = asyncio.create_task(self._poll())
        try:
            yield moved
        finally:
            self._listeners[job_id].discard(moved)
            if not self._listeners[job_id]:
                del self._listeners[job_id]
                self._seen.pop(job_id, None)
                self._recent.pop(job_id, None)
                self._reading.pop(job_id, None)

    async def news(self, job_id: UUID, sent: int) -> tuple[Job, list[JobEvent]]:
        """The job, and its events after `sent`. The job was read first, so its end is never shown before its
        last events.
        """
        async with self._reading.setdefault(job_id, asyncio.Lock()):
            recent = self._recent.get(job_id)
            if recent is None or recent.job.last_event < self._seen.get(job_id, 0):
                recent = self._recent[job_id] = await _read(job_id, recent)
        if recent.events and sent >= recent.events[0].number - 1:
            return recent.job, [event for event in recent.events if event.number > sent]
        return recent.job, await database_sync_to_async(events_after)(job_id, sent)

    async def _poll(self) -> None:
        hearing = asyncio.create_task(self._hear())
        try:
            while self._listeners:
                self._woken.clear()
                # If the database is unavailable, the next poll tries again. Listeners notice by themselves.
                with suppress(DatabaseError, InterfaceError):
                    self._tell(await _newest_numbers(list(self._listeners)))
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), POLL_SECONDS)
        finally:
            hearing.cancel()

    def _tell(self, newest: dict[UUID, int]) -> None:
        for job_id, number in newest.items():
            if self._seen.get(job_id) != number:
                self._seen[job_id] = number
                for moved in self._listeners.get(job_id, ()):
                    moved.set()

    async def _hear(self) -> None:
        """Poll at once after an announcement."""
        async for _ in announcements():
            self._woken.set()


@database_sync_to_async
def _read(job_id: UUID, before: Recent | None) -> Recent:
    job = Job.objects.get(pk=job_id)
    known = before.events[-RECENT_EVENTS:] if before else []
    return Recent(job, known + events_after(job_id, known[-1].number if known else 0))


@database_sync_to_async
def _newest_numbers(job_ids: list[UUID]) -> dict[UUID, int]:
    return dict(Job.objects.filter(pk__in=job_ids).values_list("pk", "last_event"))


_feeds: dict[asyncio.AbstractEventLoop, Feed] = {}


def feed() -> Feed:
    """The feed of the running event loop: one in each web process."""
    loop = asyncio.get_running_loop()
    if loop not in _feeds:
        _feeds.clear()  # a feed ends with its event loop
        _feeds[loop] = Feed()
    return _feeds[loop]
