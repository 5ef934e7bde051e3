"""Hands out what is made piece by piece, without having all of it in memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async

# What is gathered before it is sent.
PIECE_BYTES = 256 * 1024


async def in_threads(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The parts in order, gathered to pieces of PIECE_BYTES, each made in a thread.

    Django reads a plain iterator to its end before it sends the first byte. `parts` uses no database: its
    threads have no connection to close.
    """
    gather = sync_to_async(_gathered, thread_sensitive=False)
    while piece := await gather(parts):
        yield piece


def _gathered(parts: Iterator[bytes]) -> bytes:
    piece = bytearray()
    for part in parts:
        piece += part
        if len(piece) >= PIECE_BYTES:
            break
    return bytes(piece)
