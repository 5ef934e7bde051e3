"""The socket of one job: replays events after a number, then forwards new ones until the job ends."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncJsonWebsocketConsumer
from django.contrib.auth.models import User
from django.urls import path, re_path

from datasets.events import event_message, feed, job_message
from datasets.models import Job
from datasets.tickets import Holder, redeem_ticket, session_user
from omdplatform.base.errors import log_without_text

# Seconds between two checks of session and grant.
RECHECK_SECONDS = 30

NOT_SIGNED_IN = 4401
NOT_FOUND = 4404
BAD_REQUEST = 4400
# RFC 6455: the server met an unexpected condition.
BROKEN = 1011


class NowhereConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """Closes sockets to addresses that do not exist, such as `/ws/nothing/`."""

    channel_layer_alias = "none"

    async def connect(self) -> None:
        await self.close(NOT_FOUND)


class JobConsumer(AsyncJsonWebsocketConsumer):  # type: ignore[misc]
    """`/ws/jobs/{id}/?after=N[&ticket=T]`. Another's job and a missing one give the same answer."""

    # No layer has this name: consumers use the feed, which works without Redis.
    channel_layer_alias = "none"
    _forwarding: asyncio.Task[None] | None = None
    # The holder of the ticket. None without a valid ticket: then the session counts.
    _holder: Holder | None = None

    async def connect(self) -> None:
        await self.accept()
        self.job_id: UUID = self.scope["url_route"]["kwargs"]["job_id"]
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        after = query.get("after", ["0"])[0]
        if not after.isdecimal() or len(after) > 9:
            await self.close(BAD_REQUEST)
            return
        self.ticket = query.get("ticket", [""])[0]
        await self._redeem()
        self.user = await self._signed_in()
        if self.user is None:
            await self.close(NOT_SIGNED_IN)
        elif await self._job() is None:
            await self.close(NOT_FOUND)
        else:
            self._forwarding = asyncio.create_task(self._forward_or_close(int(after)))

    async def disconnect(self, code: int) -> None:
        if self._forwarding is not None:
            self._forwarding.cancel()

    async def receive_json(self, content: Any, **kwargs: Any) -> None:
        """Messages of listeners are ignored."""

    async def decode_json(self, text_data: str) -> Any:
        return None

    async def _forward_or_close(self, sent: int) -> None:
        """If an error occurs, such as an unavailable database, close the socket: pages connect again."""
        try:
            await self._forward(sent)
        except Exception as error:
            log_without_text(error)
            await self.close(BROKEN)

    async def _forward(self, sent: int) -> None:
        """Send every event after `sent`, in order, until the job has ended."""
        loop = asyncio.get_running_loop()
        checked = loop.time()
        async with feed().listening(self.job_id) as moved:
            await self.send_json(job_message(await self._job_or_close()))
            while True:
                moved.clear()
                if loop.time() - checked > RECHECK_SECONDS:
                    await self._recheck()
                    checked = loop.time()
                job, events = await feed().news(self.job_id, sent)
                for event in events:
                    await self.send_json(event_message(event))
                    sent = event.number
                if not job.is_open and sent >= job.last_event:
                    await self.send_json(job_message(job))
                    await self.close(1000)
                    return
                with suppress(TimeoutError):
                    await asyncio.wait_for(moved.wait(), RECHECK_SECONDS)

    async def _recheck(self) -> None:
        self.user = await self._signed_in()
        if self.user is None:
            await self.close(NOT_SIGNED_IN)
            raise asyncio.CancelledError
        await self._job_or_close()

    async def _job_or_close(self) -> Job:
        job: Job | None = await self._job()
        if job is None:
            await self.close(NOT_FOUND)
            raise asyncio.CancelledError
        return job

    @database_sync_to_async
    def _redeem(self) -> None:
        if self.ticket:
            self._holder = redeem_ticket(self.ticket)

    @database_sync_to_async
    def _signed_in(self) -> User | None:
        """Whether the sign-in is still valid. Checked repeatedly, because it may end while the socket is
        open.
        """
        if self.ticket:
            return self._holder.user() if self._holder else None
        return session_user(self.scope["session"].session_key)

    @database_sync_to_async
    def _job(self) -> Job | None:
        return Job.objects.all().visible_to(self.user).filter(pk=self.job_id).first()


# Addresses of sockets.
websocket_urlpatterns = [
    path("ws/jobs/<uuid:job_id>/", JobConsumer.as_asgi()),
    re_path(r"", NowhereConsumer.as_asgi()),
]
