"""Wakes the web processes when a job has new events; they then read them from the database.

Redis only shortens the wait until the next poll: nothing fails without it.
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
# Seconds between two attempts to reach Redis, and until a process joins the group again (membership expires
# after a day).
RETRY_SECONDS, REJOIN_SECONDS = 5, 3600


def announce() -> None:
    """Announce new events. Call this after the commit. Without Redis nothing is sent; the processes poll
    anyway.
    """
    if settings.REDIS_URL and (layer := get_channel_layer()):
        try:
            async_to_sync(layer.group_send)(GROUP, {"type": "job.moved"})
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer (%s): listeners poll instead", type(error).__name__)


async def announcements() -> AsyncIterator[None]:
    """Yield once for each announcement of any process. Yields nothing while Redis is absent or
    unavailable.
    """
    while settings.REDIS_URL:
        try:
            async for _ in _heard():
                yield
        except (RedisError, OSError) as error:
            log.warning("Redis does not answer (%s): listeners poll instead", type(error).__name__)
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
