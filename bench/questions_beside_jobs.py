"""Fifty questions at once while jobs run: how long their answers take, and how many are turned away."""

from __future__ import annotations

import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory

import httpx

from bench.client import Client
from bench.setting_up import say
from bench.tables import write_csv
from tests.running import RunningPlatform

QUESTIONS, JOBS, ROWS = 50, 10, 20_000
# Each asked in turn: figures, groups, and one that only the nearest rows answer.
WORDS = (
    "how many pieces by depot",
    "what is the average weight_kg by goods",
    "how many rows have the colour navy",
    "which goods has the most pieces",
    "something small with a scratch",
)


def main() -> None:
    with TemporaryDirectory(prefix="omdplatform-bench-") as name:
        folder = Path(name)
        platform = RunningPlatform(folder / "data", INDEX_MAX_ROWS="5000")
        try:
            measure(platform, folder)
        finally:
            platform.stop()


def measure(platform: RunningPlatform, folder: Path) -> None:
    client = Client(platform)
    dataset = ended(client, client.upload(write_csv(folder / "goods.csv", ROWS, ROWS)))["dataset"]
    client.post("api/v1/ask", {"question": WORDS[0], "dataset": dataset})  # what loads at first is loaded
    for number in range(JOBS):
        client.upload(write_csv(folder / f"more{number}.csv", ROWS, ROWS, number + 2))

    def ask(number: int) -> tuple[int, float]:
        begun = time.monotonic()
        with httpx.Client(base_url=platform.url, headers=client.http.headers, timeout=300) as http:
            body = {"question": WORDS[number % len(WORDS)], "dataset": dataset}
            return http.post("api/v1/ask", json=body).status_code, time.monotonic() - begun

    with ThreadPoolExecutor(QUESTIONS) as pool:
        answers = list(pool.map(ask, range(QUESTIONS)))
    open_jobs = sum(job["state"] in {"queued", "running"} for job in client.get("api/v1/jobs/")["results"])
    cut = quantiles([seconds for _, seconds in answers], n=100)
    say(f"{QUESTIONS} questions at once, {open_jobs} jobs open at their end")
    say(f"statuses: {dict(Counter(status for status, _ in answers))}")
    say(f"median {cut[49]:.2f} s, 95 % {cut[94]:.2f} s, longest {max(s for _, s in answers):.2f} s")


def ended(client: Client, job: str) -> dict[str, str]:
    """The job at its end."""
    while (now := client.job(job))["state"] in {"queued", "running"}:
        time.sleep(0.5)
    return now


if __name__ == "__main__":
    sys.exit(main())
