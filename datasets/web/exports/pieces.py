"""Streams a response that is made piece by piece, in bounded memory."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async

# Bytes gathered before they are sent.
PIECE_BYTES = 256 * 1024


async def in_threads(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The parts in order, gathered into pieces of PIECE_BYTES, each made in a thread.

    Django would read a plain iterator to its end before sending the first byte. `parts` must not use the
    database: its threads would not close their connections.
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
