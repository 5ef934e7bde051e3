"""Wakes the web processes when a job has something new to say; they then read it from the database.

Redis only saves the wait until a process looks by itself: where it is away, nothing fails for it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# Every web process listens on this group of the channel layer.
GROUP = "job-events"
# Seconds between two tries to reach Redis, and until a process joins the group again, which forgets in a day.
RETRY_SECONDS, REJOIN_SECONDS = 5, 3600


def announce() -> None:
    """Call once what was written is committed. Without Redis nothing is sent: the processes poll anyway."""
    if settings.REDIS_URL and (layer := get_channel_layer()):
        try:
            async_to_sync(layer.group_send)(GROUP, {"type": "job.moved"})
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer (%s): listeners hear by polling", type(error).__name__)


async def announcements() -> AsyncIterator[None]:
    """Each time something was announced by any process, for as long as it is listened to; nothing without
    Redis, and nothing while it is away."""
    while settings.REDIS_URL:
        try:
            async for _ in _heard():
                yield
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer (%s): listeners hear by polling", type(error).__name__)
            await asyncio.sleep(RETRY_SECONDS)


async def _heard() -> AsyncIterator[None]:
    layer = get_channel_layer()
    channel = await layer.new_channel()
    await layer.group_add(GROUP, channel)
    loop = asyncio.get_running_loop()
    until = loop.time() + REJOIN_SECONDS
    try:
        while loop.time() < until:
            await layer.receive(channel)
            yield
    finally:
        with suppress(RedisError, OSError):
            await layer.group_discard(GROUP, channel)
