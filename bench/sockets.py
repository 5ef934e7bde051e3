"""A thousand sockets over jobs that run: who hears what, and how late.

Of SOCKETS listeners one in ten goes away after every third event and comes back with the number of the last
one, and one in ten reads slowly. Everybody has to hear every event once and in order. How late an event came
is measured by those that read at once: from when the worker wrote it until it was there, on one clock.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK

from bench.client import Client
from bench.setting_up import say
from bench.tables import write_csv
from tests.running import RunningPlatform

SOCKETS, JOBS, ROWS = 1_000, 10, 30_000
SLOW_SECONDS = 0.3
# Sockets that are opened at the same time.
OPENED_AT_ONCE = 20
# What one descriptor each, on both sides, and the platform's own need.
DESCRIPTORS = 8_192


@dataclass
class Listener:
    job: str
    kind: str
    numbers: list[int] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    ended: bool = False

    async def listen(self, url: str, ticket: Callable[[], str], gate: asyncio.Semaphore) -> None:
        while not self.ended:
            try:
                await self._once(url, ticket, gate)
            except (OSError, ConnectionClosed, TimeoutError):
                await asyncio.sleep(1)

    async def _once(self, url: str, ticket: Callable[[], str], gate: asyncio.Semaphore) -> None:
        after = self.numbers[-1] if self.numbers else 0
        async with gate:
            address = f"{url}ws/jobs/{self.job}/?after={after}&ticket={await asyncio.to_thread(ticket)}"
            socket = await connect(address, proxy=None, open_timeout=60, max_queue=4)
        opened, heard = datetime.now(UTC), 0
        async with socket:
            try:
                while True:
                    message = json.loads(await socket.recv())
                    if message["type"] != "event":
                        continue
                    self.numbers.append(message["number"])
                    written = datetime.fromisoformat(message["at"])
                    if written > opened:
                        self.late.append((datetime.now(UTC) - written).total_seconds())
                    heard += 1
                    if self.kind == "slow":
                        await asyncio.sleep(SLOW_SECONDS)
                    if self.kind == "comes back" and heard == 3:
                        return
            except ConnectionClosedOK:
                self.ended = True


async def listen(url: str, jobs: list[str], ticket: Callable[[], str]) -> list[Listener]:
    kinds = ["comes back", "slow", *["steady"] * 8]
    listeners = [Listener(jobs[n % len(jobs)], kinds[n // len(jobs) % 10]) for n in range(SOCKETS)]
    gate = asyncio.Semaphore(OPENED_AT_ONCE)
    await asyncio.gather(*(one.listen(url.replace("http", "ws", 1), ticket, gate) for one in listeners))
    return listeners


def main() -> int:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(DESCRIPTORS, most), most))
    with TemporaryDirectory(prefix="omdplatform-bench-") as name:
        platform = RunningPlatform(
            Path(name) / "data",
            EMBEDDING_MODEL="tests.torture.embedder.Letters",
            THROTTLE_TOKEN="1000000/min",  # noqa: S106 - no secret
            INDEX_MAX_ROWS="2000",
        )
        try:
            return measure(platform, Path(name))
        finally:
            platform.stop()


def measure(platform: RunningPlatform, folder: Path) -> int:
    client = Client(platform)
    jobs = [client.upload(write_csv(folder / f"goods{n}.csv", ROWS, ROWS, n)) for n in range(JOBS)]
    begun = time.monotonic()
    tickets = httpx.Client(base_url=platform.url, headers=client.http.headers, timeout=120)

    def ticket() -> str:
        given: str = tickets.post("api/v1/tickets").raise_for_status().json()["ticket"]
        return given

    listeners = asyncio.run(listen(platform.url, jobs, ticket))
    wrong = Counter(
        one.kind for one in listeners if one.numbers != list(range(1, client.job(one.job)["last_event"] + 1))
    )
    late = [seconds for one in listeners if one.kind != "slow" for seconds in one.late]
    cut = quantiles(late, n=100)
    say(f"{SOCKETS:,} sockets over {JOBS} jobs for {time.monotonic() - begun:.0f} s")
    say(f"events that were missed, doubled or out of order: {sum(wrong.values())} listeners {dict(wrong)}")
    say(f"{len(late):,} events told: median {cut[49]:.2f} s late, 95 % {cut[94]:.2f} s, 99 % {cut[98]:.2f} s")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
