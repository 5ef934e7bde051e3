"""Moments at which a job stands still until it is let go on: before and after every step of the pipeline.

A file `armed` names the moment. Whoever gets there renames it to `reached` and waits for a file `go`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

STEPS = (
    "read", "profile_columns", "classify_columns", "apply_policies", "register", "archive", "register_file",
    "index", "verify", "finish",
)  # fmt: skip
MOMENTS = tuple(f"{when} {step}" for step in STEPS for when in ("before", "after"))
# Nobody waits for longer (seconds).
LONGEST = 300.0


def install(folder: Path) -> None:
    from datasets.ingestion import pipeline

    for step in STEPS:
        setattr(pipeline, step, _with_moments(step, getattr(pipeline, step), folder))


def _with_moments(step: str, done: Callable[..., Any], folder: Path) -> Callable[..., Any]:
    @wraps(done)
    def called(*args: Any, **options: Any) -> Any:
        reach(folder, f"before {step}")
        result = done(*args, **options)
        reach(folder, f"after {step}")
        return result

    return called


def reach(folder: Path, moment: str) -> None:
    armed = folder / "armed"
    try:
        if armed.read_text() != moment:
            return
        armed.rename(folder / "reached")
    except FileNotFoundError:
        return
    until = time.monotonic() + LONGEST
    while time.monotonic() < until and not (folder / "go").exists():
        time.sleep(0.05)
