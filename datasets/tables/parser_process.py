"""Parses files in a child process with limits, so that a hostile file can harm only that process.

A module that works in a child calls `answer_parent` when run as a program, and `ask_child` with its own name.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from datasets.tables.reading import read
from datasets.tables.table import Dialect, Limits, Table
from datasets.tables.unreadable import UnreadableFile
from omdplatform.base.disk import full, is_full
from omdplatform.base.errors import PlatformError, Unavailable
from omdplatform.base.processes import die_with_parent

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class ProcessLimits:
    """A child's limits: memory (bytes of data), processor and wall time (seconds), bytes of one file."""

    memory: int = 3 * 1024**3
    cpu: int = 1_800
    wall: int = 3_600
    file: int = 20 * 1024**3


def read_in_child(
    path: Path,
    parquet: Path,
    dialect: Dialect | None = None,
    progress: Callable[[int], None] | None = None,
    limits: Limits | None = None,
    process_limits: ProcessLimits | None = None,
) -> Table:
    """datasets.tables.reading.read in a child process.

    Raises UnreadableFile, also if a limit ended the child. Raises DiskFull, ParserEnded and ParserFailed,
    which do not blame the file. If `progress` raises, the child is ended and the error passed on.
    """
    order = {
        "path": str(path),
        "parquet": str(parquet),
        "dialect": dialect.as_json() if dialect else None,
        "limits": asdict(limits or Limits()),
    }
    try:
        done = ask_child("datasets.tables.parser_process", order, process_limits, progress)
    except PlatformError:
        _remove_leftovers(parquet)
        raise
    return Table.from_json(done)


def ask_child(
    module: str,
    order: dict[str, Any],
    process_limits: ProcessLimits | None = None,
    progress: Callable[[int], None] | None = None,
) -> dict[str, Any]:
    """Run the module on the order in a child process. Order and answer are JSON. Raises as read_in_child."""
    bounds = process_limits or ProcessLimits()
    with subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a traceback may quote cells
        cwd=PROJECT,
        env=_environment(),
        start_new_session=True,
        text=True,
    ) as child:
        too_late = threading.Event()
        timer = threading.Timer(bounds.wall, _end_late, [child, too_late])
        timer.start()
        try:
            answer = _converse(child, {**order, "process_limits": asdict(bounds)}, progress)
        finally:
            timer.cancel()
            _kill(child)
    if answer is None:
        raise _ended_early(child.returncode, bounds, too_late.is_set())
    return _done(answer)


def _converse(
    child: subprocess.Popen[str], order: dict[str, Any], progress: Callable[[int], None] | None
) -> dict[str, Any] | None:
    """The child's final answer. None if it died without one."""
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    # A child that was ended before it read its whole order gives no answer either.
    with suppress(BrokenPipeError):
        child.stdin.write(json.dumps(order))
    with suppress(BrokenPipeError):
        child.stdin.close()
    for line in child.stdout:
        try:
            message = json.loads(line)
        except json.JSONDecodeError:
            return None  # incomplete
        if "rows" not in message:
            child.wait()
            return message  # type: ignore[no-any-return]
        if progress:
            progress(message["rows"])
    child.wait()
    return None


def _environment() -> dict[str, str]:
    """The child's environment: only what a parser needs, no secrets and no addresses."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "PYTHONPATH", "LANG", "HOME", "TMPDIR", "TABLE_MAX_COLUMNS")
        if name in os.environ
    }
    return {
        **kept,
        "PYTHONUTF8": "1",
        # Each thread's arena counts as memory, and a parser needs few.
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        # Arrow reserves a whole block's bytes for each column before it shrinks them. On the heap each would
        # leave a hole that counts as memory: 24 GB for 5,000 columns of 9 MB. Mapped ones are given back.
        "MALLOC_MMAP_THRESHOLD_": str(256 * 1024),
    }


def _kill(child: subprocess.Popen[str]) -> None:
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _end_late(child: subprocess.Popen[str], too_late: threading.Event) -> None:
    too_late.set()
    _kill(child)


def _remove_leftovers(parquet: Path) -> None:
    for path in parquet.parent.glob(parquet.name + ".part*"):
        path.unlink(missing_ok=True)


class ParserEnded(Unavailable):
    """The child was ended, but not by the file or our limits. The file is kept and tried again."""

    code = "parser-ended"
    patience = 600


class ParserFailed(PlatformError):
    """An error in the child that does not blame the file. The file is kept."""

    code = "parser-failed"


def _ended_early(returncode: int | None, bounds: ProcessLimits, too_late: bool) -> PlatformError:
    if returncode == -signal.SIGKILL and not too_late:
        return ParserEnded("The process that read the file was ended from outside, as where memory is short.")
    if returncode in {-signal.SIGXCPU, -signal.SIGKILL}:
        return UnreadableFile(
            "took-too-long",
            "Reading the file took longer than is allowed.",
            "Split it, or upload it as Parquet with smaller cells.",
        )
    return _too_much_memory(bounds.memory)


def _too_much_memory(memory: int) -> UnreadableFile:
    return UnreadableFile(
        "too-large-to-parse",
        f"Reading the file needs more than {memory // 1024**2:,} MB of memory.",
        "Split it, or upload a table with fewer columns and smaller cells.",
    )


def _done(answer: dict[str, Any]) -> dict[str, Any]:
    if "done" in answer:
        return answer["done"]  # type: ignore[no-any-return]
    if "unreadable" in answer:
        raise UnreadableFile(**answer["unreadable"])
    if answer.get("full"):
        raise full()
    raise ParserFailed(
        f"Reading the file failed inside the platform ({answer['failed']}). The file is kept: try again, and "
        "tell your administrator if it happens again."
    )


# --- In the child -----------------------------------------------------------------------------------------


def answer_parent(work: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """In the child: do the parent's order within its limits, and send the answer."""
    # Die with the parent: nobody could use the result.
    die_with_parent(signal.SIGKILL)
    order = json.loads(sys.stdin.read())
    bounds = ProcessLimits(**order["process_limits"])
    # RLIMIT_DATA, not RLIMIT_AS: libraries reserve far more address space than they use.
    resource.setrlimit(resource.RLIMIT_DATA, (bounds.memory, bounds.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu, bounds.cpu + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (bounds.file, bounds.file))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _say(_answer(work, order, bounds))


def _answer(
    work: Callable[[dict[str, Any]], dict[str, Any]], order: dict[str, Any], bounds: ProcessLimits
) -> dict[str, Any]:
    try:
        return {"done": work(order)}
    except UnreadableFile as error:
        if is_full(error):
            return {"failed": type(error).__name__, "full": True}
        return {"unreadable": _as_json(error)}
    except MemoryError:
        return {"unreadable": _as_json(_too_much_memory(bounds.memory))}
    except Exception as error:
        return {"failed": type(error).__name__, "full": is_full(error)}


def _read(order: dict[str, Any]) -> dict[str, Any]:
    table = read(
        Path(order["path"]),
        Path(order["parquet"]),
        Dialect.from_json(order["dialect"]) if order["dialect"] else None,
        say_rows,
        Limits(**order["limits"]),
    )
    return table.as_json()


def _as_json(error: UnreadableFile) -> dict[str, Any]:
    return {
        "code": error.code,
        "problem": error.problem,
        "remedy": error.remedy,
        "row": error.row,
        "column": error.column,
    }


def say_rows(rows: int) -> None:
    """Report rows to the parent's `progress`."""
    _say({"rows": rows})


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    answer_parent(_read)
