"""Wakes the web processes when a job has something new to say; they then read it from the database."""

from __future__ import annotations

import logging

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

# Every web process listens on this group of the channel layer.
GROUP = "job-events"


def announce() -> None:
    """Call once what was written is committed. Without Redis nothing is sent: the processes poll anyway."""
    if settings.REDIS_URL and (layer := get_channel_layer()):
        try:
            async_to_sync(layer.group_send)(GROUP, {"type": "job.moved"})
        except (RedisError, OSError) as error:
            # No reason for a job to fail: listeners hear of it a moment later.
            log.warning("Redis does not answer (%s): sockets poll meanwhile", type(error).__name__)
