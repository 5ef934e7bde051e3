"""How long answers take: distinct questions over HTTP to a large index, quiet and while a worker embeds."""

from __future__ import annotations

import argparse
import random
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.client import Client
from bench.setting_up import say
from bench.tables import COLOURS, DEPOTS, GOODS, REMARKS, write_csv
from tests.running import RunningPlatform

QUESTIONS = 200


def questions(seed: int) -> list[str]:
    dice = random.Random(seed)
    asked: set[str] = set()
    while len(asked) < QUESTIONS:
        asked.add(
            f"{dice.choice(COLOURS)} {dice.choice(GOODS)} from the {dice.choice(DEPOTS)}, "
            f"{dice.choice(REMARKS)}, about {dice.randrange(1, 90)} kg"
        )
    return sorted(asked)


def ask_all(client: Client, dataset: str, seed: int) -> list[float]:
    """Seconds of each question, shortest first."""
    seconds = []
    for question in questions(seed):
        begun = time.perf_counter()
        answer = client.post("api/v1/ask", {"question": question, "dataset": dataset})
        seconds.append(time.perf_counter() - begun)
        if not answer["citations"]:
            raise RuntimeError(answer["outcome"])
    return sorted(seconds)


def report(when: str, seconds: list[float]) -> None:
    say(
        f"{len(seconds)} questions, {when}: median {1000 * seconds[len(seconds) // 2]:.0f} ms, "
        f"95 % within {1000 * seconds[int(len(seconds) * 0.95)]:.0f} ms, slowest {1000 * seconds[-1]:.0f} ms."
    )


def measure(rows: int, distinct: int) -> None:
    with TemporaryDirectory(prefix="omdplatform-bench-") as name:
        folder = Path(name)
        platform = RunningPlatform(folder / "data", THROTTLE_ASK="100000/min")
        try:
            client = Client(platform)
            begun = time.perf_counter()
            path = write_csv(folder / "orders.csv", rows, distinct)
            job = client.wait_for(client.upload(path), seconds=7_200)
            dataset = job["dataset"]
            say(f"{rows:,} rows, {distinct:,} distinct, indexed in {time.perf_counter() - begun:.0f} s.")
            ask_all(client, dataset, seed=0)
            report("quiet", ask_all(client, dataset, seed=1))
            other = client.upload(write_csv(folder / "others.csv", 20_000, 20_000, seed=2))
            while client.job(other)["step"] != "index":
                time.sleep(0.2)
            report("while a worker indexes another dataset", ask_all(client, dataset, seed=3))
            if client.job(other)["state"] != "running":
                say("The other dataset was done before the questions: take more rows.")
        finally:
            platform.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--distinct", type=int, help="rows that differ (default: all)")
    options = parser.parse_args()
    measure(options.rows, options.distinct or options.rows)
