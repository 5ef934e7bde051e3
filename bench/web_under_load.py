"""What a large upload does to the web process and to whoever looks at pages meanwhile.

A CSV of 200 MB is uploaded in parts and ingested. Meanwhile the memory of the web process is read five times
a second, and other pages are fetched twice a second. The index is bounded to INDEX_ROWS rows, for the
measurement to end in minutes: more rows take more of the worker's time and nothing of the web process's.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from bench.client import Client
from bench.setting_up import say
from bench.tables import write_csv
from tests.running import RunningPlatform

BYTES = 200_000_000
INDEX_ROWS = 5_000
PAGES = ["datasets/", "datasets/upload", "api/v1/jobs/", "healthz"]


def large_csv(path: Path) -> Path:
    """About 200 MB: one block of rows, repeated."""
    block = write_csv(path.with_suffix(".block"), 100_000, 100_000)
    header, _, body = block.read_bytes().partition(b"\n")
    with path.open("wb") as file:
        file.write(header + b"\n")
        while file.tell() < BYTES:
            file.write(body)
    block.unlink()
    return path


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def settled(pid: int) -> int:
    """Bytes once they have not grown for five seconds: what loads in the background is no upload's."""
    last, since = resident(pid), time.monotonic()
    while time.monotonic() - since < 5:
        time.sleep(0.5)
        if (now := resident(pid)) > last * 1.005:
            last, since = now, time.monotonic()
    return resident(pid)


class Watch:
    """Reads memory and fetches pages until it is told to stop."""

    def __init__(self, web: int, http: httpx.Client) -> None:
        self.web, self.http = web, http
        self.peak = resident(web)
        self.seconds: list[float] = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=work) for work in (self._memory, self._pages)]

    def __enter__(self) -> Watch:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _memory(self) -> None:
        while not self.stopped.wait(0.2):
            self.peak = max(self.peak, resident(self.web))

    def _pages(self) -> None:
        turn = 0
        while not self.stopped.wait(0.5):
            begun = time.perf_counter()
            self.http.get(PAGES[turn % len(PAGES)]).raise_for_status()
            self.seconds.append(time.perf_counter() - begun)
            turn += 1


def measure() -> None:
    with TemporaryDirectory(prefix="omdplatform-bench-") as name:
        folder = Path(name)
        path = large_csv(folder / "large.csv")
        platform = RunningPlatform(folder / "data", INDEX_MAX_ROWS=str(INDEX_ROWS))
        try:
            client = Client(platform)
            # The sample is done and the model is loaded: what comes now is the upload's.
            while not client.get("api/v1/datasets/")["results"]:
                time.sleep(1)
            # A lookup by meaning, not a computed answer: it waits for the model.
            client.post("api/v1/ask", {"question": "something to put books on"})
            pages = _signed_in(platform)
            web = platform.children()["web"]
            for page in PAGES:
                pages.get(page).raise_for_status()
            before = settled(web)
            begun = time.perf_counter()
            with Watch(web, pages) as watch:
                job = client.upload(path)
                uploaded = time.perf_counter() - begun
                client.wait_for(job)
            taken = time.perf_counter() - begun
        finally:
            platform.stop()
    slow = sorted(watch.seconds)
    say(f"{BYTES / 1e6:,.0f} MB uploaded in {uploaded:.1f} s, all done after {taken:.0f} s.")
    say(f"Web process: {before / 1e6:.0f} MB before, grew by {(watch.peak - before) / 1e6:.0f} MB at most.")
    say(
        f"{len(slow)} other pages: median {1000 * slow[len(slow) // 2]:.0f} ms, "
        f"95 % within {1000 * slow[int(len(slow) * 0.95)]:.0f} ms, slowest {1000 * slow[-1]:.0f} ms."
    )


def _signed_in(platform: RunningPlatform) -> httpx.Client:
    """A browser's session."""
    http = httpx.Client(base_url=platform.url, timeout=60)
    http.get("accounts/login/")
    name, password = platform.admin
    form = {"username": name, "password": password, "csrfmiddlewaretoken": http.cookies["csrftoken"]}
    http.post("accounts/login/", data=form)
    return http


if __name__ == "__main__":
    measure()
