"""Measurements in every process of this data folder, for Prometheus.

Each process writes small files of its own below PROMETHEUS_MULTIPROC_DIR, and the process that is scraped
adds them up. They start at zero with the web process, as Prometheus expects of counters.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import Histogram

# Seconds.
BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)

QUESTIONS = Histogram(
    "omd_question_seconds", "Questions by outcome, and how long they took.", ["outcome"], buckets=BUCKETS
)
VECTOR_CALLS = Histogram(
    "omd_vector_call_seconds", "Calls of the vector server by how they ended.", ["result"], buckets=BUCKETS
)


class Timed:
    """`label`: what the observation is counted under. Set it within the block."""

    def __init__(self, label: str) -> None:
        self.label = label


@contextmanager
def timed(histogram: Histogram, ended: str, failed: str = "failed") -> Iterator[Timed]:
    """Observe the block's duration, under `ended` or the label set in the block, or under `failed` if it
    raises.
    """
    begun, seen = time.perf_counter(), Timed(failed)
    try:
        yield seen
        if seen.label == failed:
            seen.label = ended
    finally:
        histogram.labels(seen.label).observe(time.perf_counter() - begun)


def folder() -> Path:
    return Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])


def forget_the_dead() -> None:
    """Remove the files of processes that have ended, with their numbers."""
    for path in folder().glob("*.db"):
        pid = path.stem.rpartition("_")[2]
        if pid.isdecimal() and not Path(f"/proc/{pid}").exists():
            path.unlink(missing_ok=True)
