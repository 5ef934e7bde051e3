"""A large CSV: our reading and profiling against DuckDB's own way from CSV to Parquet, as ratios of one run.

DuckDB detects dialect and types and writes Parquet as it does by default. Ours finds out more (units, totals,
words for missing), keeps every cell as it was written, and reads in the child process with its limits.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import psutil

from bench.setting_up import say

MEGABYTE = 1024**2
CITIES = ("Leeds", "York", "Hull", "Bath", "Ely", "Wells", "Truro", "St. Albans")
REMARKS = ("", "", "", "by phone", "gift, wrapped", 'said "soon"', "second try", "paid late; see note")


def write_large(path: Path, size: int, seed: int = 7) -> int:
    """A CSV of about `size` bytes; returns its rows. Ids, times, dates, texts, numbers, money, flags."""
    random, rows, begin = np.random.default_rng(seed), 0, np.datetime64("2023-01-01T00:00:00")
    with path.open("w", encoding="utf-8", newline="") as file:
        while file.tell() < size:
            count = 200_000
            frame = pd.DataFrame({"order_id": np.arange(rows + 1, rows + count + 1)})
            frame["ordered_at"] = begin + random.integers(0, 63_000_000, count).astype("timedelta64[s]")
            frame["due"] = frame["ordered_at"].dt.date
            frame["customer"] = "C" + pd.Series(random.integers(10_000, 99_999, count)).astype(str)
            frame["city"] = random.choice(CITIES, count)
            frame["quantity"] = random.integers(1, 40, count)
            frame["price"] = (random.integers(100, 250_000, count) / 100).round(2)
            frame["weight"] = random.normal(12, 3, count).round(6)
            frame["paid"] = random.choice(["true", "false"], count)
            frame["remark"] = random.choice(REMARKS, count)
            frame.to_csv(file, index=False, header=not rows)
            rows += count
    return rows


@contextmanager
def peak_memory() -> Iterator[list[int]]:
    """In the list's place 0: the most that this process's children hold together (resident bytes)."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            held = 0
            for child in psutil.Process().children(recursive=True):
                try:
                    held += child.memory_info().rss
                except psutil.NoSuchProcess:
                    continue
            most[0] = max(most[0], held)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def timed(*command: str) -> tuple[float, int]:
    """Seconds of a process, and the most memory that it held (bytes)."""
    begun = time.perf_counter()
    with peak_memory() as most:
        subprocess.run([sys.executable, "-m", "bench.large_file", *command], check=True)
    return time.perf_counter() - begun, most[0]


def run_duckdb(source: Path, target: Path) -> None:
    import duckdb

    duckdb.sql(f"COPY (FROM read_csv('{source}')) TO '{target}' (FORMAT parquet)")


def run_reading(source: Path, target: Path) -> None:
    from datasets.tables.parser_process import read_in_child

    table = read_in_child(source, target)
    say(f"{table.rows:,} rows; " + ", ".join(f"{column.name} {column.type}" for column in table.columns))
    (target.parent / "table.json").write_text(json.dumps(table.as_json()))


def run_profiling(source: Path, target: Path) -> None:
    from datasets.tables.profiling import profile
    from datasets.tables.table import Table

    profile(Table.from_json(json.loads((target.parent / "table.json").read_text())))


STEPS = {"duckdb": run_duckdb, "reading": run_reading, "profiling": run_profiling}


def measure(size: int, repeats: int) -> None:
    with TemporaryDirectory() as folder:
        source = Path(folder) / "large.csv"
        rows = write_large(source, size)
        say(f"{source.stat().st_size // MEGABYTE:,} MB, {rows:,} rows, {os.cpu_count()} processors")
        for _ in range(repeats):
            seconds = {}
            for step in STEPS:
                seconds[step], most = timed(step, str(source), str(Path(folder) / f"{step}.parquet"))
                speed = source.stat().st_size / MEGABYTE / seconds[step]
                say(f"{step}: {seconds[step]:.1f} s, {speed:.0f} MB/s, at most {most // MEGABYTE:,} MB")
            say(
                f"reading at {seconds['duckdb'] / seconds['reading']:.2f} of DuckDB's speed (at least 0.33 "
                f"is meant), profiling in {seconds['profiling'] / seconds['reading']:.2f} of reading's time"
            )


if __name__ == "__main__":
    if len(sys.argv) == 4 and sys.argv[1] in STEPS:
        STEPS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--megabytes", type=int, default=2_048)
        parser.add_argument("--repeats", type=int, default=1)
        arguments = parser.parse_args()
        measure(arguments.megabytes * MEGABYTE, arguments.repeats)
