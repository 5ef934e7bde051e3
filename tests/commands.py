"""manage.py as somebody runs it on a fresh clone: a process, and a data folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
# What chooses another part than the embedded default.
OTHER_PARTS = (
    "DATABASE_URL",
    "REDIS_URL",
    "S3_ENDPOINT_URL",
    "OPENMETADATA_HOST",
    "CHROMA_URL",
    "EMBEDDING_URL",
)


def manage(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, on the embedded default under `folder`."""
    environment = {name: value for name, value in os.environ.items() if name not in OTHER_PARTS}
    return subprocess.run(
        [sys.executable, "manage.py", *map(str, arguments)],
        cwd=ROOT,
        env=environment | {"OMD_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=300,
    )


def json_lines(output: str) -> list[dict[str, Any]]:
    """Each line as JSON proper: NaN and infinity are refused."""
    return [json.loads(line, parse_constant=_refuse) for line in output.splitlines()]


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON.")


def left_running(folder: Path) -> list[str]:
    """Command lines of processes that work in the data folder."""
    mark = str(folder).encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            if process.name != str(os.getpid()) and mark in command + (process / "environ").read_bytes():
                found.append(command.replace(b"\0", b" ").decode())
        except (FileNotFoundError, PermissionError, ProcessLookupError):
            continue
    return found
