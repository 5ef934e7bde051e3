"""Runs work in a thread and streams its progress, one JSON object per line."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from django.db import connections

from promptiq.progress import Listener

CONTENT_TYPE = "application/x-ndjson"
# How many questions this process works on at once. Others wait.
AT_ONCE = 8
# Seconds after which the page says that its question waits.
TURN_SECONDS = 0.5
_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="asking")

Event = dict[str, Any]


class NobodyWaits(Exception):
    """The browser has disconnected: raised at the next message, to end the work."""


async def stream(
    work: Callable[[Listener], Event], failed: Callable[[Exception], Event]
) -> AsyncIterator[bytes]:
    """{"type": "progress", "message"} for each step of `work`, then its result, or what `failed` makes of its
    exception.

    If the reader disconnects, waiting work is dropped, and running work ends at its next step: each step has
    a deadline of its own.
    """
    loop = asyncio.get_running_loop()
    events: asyncio.Queue[Event] = asyncio.Queue()
    gone = threading.Event()

    def send(event: Event) -> None:
        if gone.is_set():
            raise NobodyWaits
        loop.call_soon_threadsafe(events.put_nowait, event)

    def run() -> None:
        try:
            send(_ended(work, failed, lambda text: send(_progress(text))))
        except NobodyWaits:
            pass
        finally:
            # The thread lives on, so its database connection has to be closed.
            connections.close_all()

    task = _threads.submit(run)
    try:
        event = _progress("")
        while event["type"] == "progress":
            event = await _next(events, task)
            yield _line(event)
    finally:
        gone.set()
        task.cancel()


async def _next(events: asyncio.Queue[Event], task: Future[None]) -> Event:
    try:
        return await asyncio.wait_for(events.get(), TURN_SECONDS)
    except TimeoutError:
        return (
            _progress("Waiting for its turn…")
            if not task.running() and not task.done()
            else await events.get()
        )


def _ended(
    work: Callable[[Listener], Event], failed: Callable[[Exception], Event], listener: Listener
) -> Event:
    try:
        return work(listener)
    except NobodyWaits:
        raise
    except Exception as error:
        return failed(error)


def _progress(text: str) -> Event:
    return {"type": "progress", "message": text}


def _line(event: Event) -> bytes:
    return json.dumps(event, ensure_ascii=False).encode() + b"\n"
