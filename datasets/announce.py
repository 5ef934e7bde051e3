"""Wakes the web processes when a job has something new to say; they then read it from the database."""

from __future__ import annotations

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings

# Every web process listens on this group of the channel layer.
GROUP = "job-events"


def announce() -> None:
    """Call once what was written is committed. Without Redis nothing is sent: the processes poll anyway."""
    if settings.REDIS_URL and (layer := get_channel_layer()):
        async_to_sync(layer.group_send)(GROUP, {"type": "job.moved"})
