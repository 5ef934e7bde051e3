"""What is done to a platform, point by point: each returns the job that must end well in spite of it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.openmetadata_double import running
from tests.running import free_port
from tests.torture.failpoints import MOMENTS
from tests.torture.machine import Machine
from tests.torture.proxy import MODES, Mode, Proxy

PARTS = ("worker", "web", "chroma", "vectorserver", "serve", "everything")
# How long a server is away (seconds).
AWAY = 6.0


@dataclass(frozen=True)
class Point:
    name: str
    act: Callable[[Machine], str]


def embedded() -> list[Point]:
    """On one machine, with everything that `make run` starts."""
    points = [_killed(part, moment) for moment in MOMENTS for part in PARTS]
    points += [_stopped(moment, place) for place, moment in enumerate(MOMENTS)]
    points += [
        _killed_idle(part, turn) for part in ("worker", "chroma", "vectorserver") for turn in (1, 2, 3)
    ]
    points += [_parser_killed(turn) for turn in (1, 2, 3, 4)]
    points += [
        _frozen("worker", "before index"),
        _frozen("chroma", "before index"),
        _frozen("chroma", "before verify"),
    ]
    points += [_database_locked(seconds) for seconds in (5, 10, 40)]
    return points


def on_a_small_disk() -> list[Point]:
    """Where the machine has a disk of its own."""
    return [_full_disk(moment) for moment in MOMENTS]


def on_a_stack(proxies: dict[str, Proxy]) -> list[Point]:
    """With every server behind a proxy: each away in each way before each step."""
    return [
        _away(name, proxy, mode, moment)
        for name, proxy in proxies.items()
        for mode in MODES
        for moment in MOMENTS[::2]
    ]


def remote(catalog: Proxy, vectors: Proxy) -> list[Point]:
    """With catalog and vector server behind proxies."""
    points = []
    for mode in MODES:
        points += [
            _away("catalog", catalog, mode, moment) for moment in (*MOMENTS[:10:2], "before register_file")
        ]
        points += [
            _away("vectors", vectors, mode, f"before {step}")
            for step in ("read", "index", "verify", "finish")
        ]
    return points


def _killed(part: str, moment: str) -> Point:
    def act(machine: Machine) -> str:
        with machine.held_at(moment) as job:
            machine.kill(part)
        return job

    return Point(f"{part} killed {moment}", act)


def _stopped(moment: str, place: int) -> Point:
    number = (signal.SIGTERM, signal.SIGINT)[place % 2]

    def act(machine: Machine) -> str:
        with machine.held_at(moment) as job:
            machine.stop(number)
        crashes = machine.rows("SELECT crashes FROM datasets_job WHERE id = ?", job.replace("-", ""))
        assert crashes == [(0,)], f"the job was not handed back: {machine.told(job)}"
        return job

    return Point(f"stopped in order ({number.name}) {moment}", act)


def _killed_idle(part: str, turn: int) -> Point:
    def act(machine: Machine) -> str:
        machine.kill(part)
        return machine.upload()

    return Point(f"{part} killed while idle, {turn}", act)


def _parser_killed(turn: int) -> Point:
    """The child that reads the file, once it is there; twice it must be tried again."""

    def act(machine: Machine) -> str:
        job = machine.upload(rows=40_000)
        until = time.monotonic() + 60
        while time.monotonic() < until and machine.state(job) in {"queued", "running"}:
            for pid in _parsers(machine):
                os.kill(pid, signal.SIGKILL)
                return job
            time.sleep(0.01)
        raise AssertionError("no parser was seen")

    return Point(f"parser killed, {turn}", act)


def _parsers(machine: Machine) -> Iterator[int]:
    """Of this machine: other tests read files beside it."""
    try:
        for child in psutil.Process(machine.pid("worker")).children(recursive=True):
            if "datasets.tables.parser_process" in child.cmdline():
                yield child.pid
    except psutil.Error:
        return


def _frozen(part: str, moment: str) -> Point:
    def act(machine: Machine) -> str:
        with machine.held_at(moment) as job:
            os.kill(machine.pid(part), signal.SIGSTOP)
        return job

    return Point(f"{part} frozen {moment}", act)


def _database_locked(seconds: int) -> Point:
    def act(machine: Machine) -> str:
        with machine.held_at("before profile_columns") as job:
            locking = sqlite3.connect(machine.data / "db.sqlite3", isolation_level=None, timeout=30)
            locking.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        locking.execute("ROLLBACK")
        locking.close()
        return job

    return Point(f"database locked for {seconds} s", act)


def _full_disk(moment: str) -> Point:
    def act(machine: Machine) -> str:
        with machine.held_at(moment) as job, machine.full_disk():
            machine.let_go()
            time.sleep(AWAY)
        return job

    return Point(f"disk full {moment}", act)


def _away(name: str, proxy: Proxy, mode: Mode, moment: str) -> Point:
    def act(machine: Machine) -> str:
        with machine.held_at(moment) as job:
            proxy.be(mode)
        time.sleep(AWAY)
        proxy.be("well")
        return job

    return Point(f"{name} {mode} {moment}", act)


@contextmanager
def servers_behind_proxies(folder: Path) -> Iterator[tuple[Proxy, Proxy, dict[str, str]]]:
    """A catalog and a vector server of their own, each behind a proxy, and the variables that name them."""
    folder.mkdir(parents=True)
    port = free_port()
    chroma = subprocess.Popen(
        [str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1", "--port", str(port),
         "--path", str(folder / "vectors")],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    with running(profile="2.0") as double:
        catalog, vectors = Proxy(int(double.url.rpartition(":")[2].partition("/")[0])), Proxy(port)
        try:
            yield (
                catalog,
                vectors,
                {
                    "OPENMETADATA_HOST": f"http://127.0.0.1:{catalog.port}/api",
                    "OPENMETADATA_TOKEN": double.bot_token,
                    "OPENMETADATA_TIMEOUT": "5",
                    "CHROMA_URL": f"http://127.0.0.1:{vectors.port}",
                },
            )
        finally:
            catalog.end()
            vectors.end()
            chroma.kill()
            chroma.wait()
