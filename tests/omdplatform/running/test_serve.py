"""`manage.py serve`: everything starts together, and nothing outlives it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from tests.running import PROJECT, RunningPlatform

PARTS = {"vectorserver", "qcluster", "web"}


def nothing_left(platform: RunningPlatform, seconds: float = 15) -> list[str]:
    until = time.monotonic() + seconds
    while (left := platform.everything_left()) and time.monotonic() < until:
        time.sleep(0.2)
    return left


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("serve")


def test_one_interrupt_stops_all_of_it(folder: Path) -> None:
    platform = RunningPlatform(folder)
    try:
        assert platform.children().keys() == PARTS
        assert httpx.get(f"{platform.url}healthz").status_code == httpx.codes.OK
    finally:
        code = platform.stop(signal.SIGINT)
    assert code == 0
    assert nothing_left(platform) == []
    assert "Traceback" not in platform.output


def test_the_second_start_makes_nothing_anew(folder: Path) -> None:
    platform = RunningPlatform(folder, first=False)
    try:
        assert "password" not in platform.output
        assert "sample" not in platform.output
        _kill_and_wait_for_another(platform, "vectorserver")
    finally:
        platform.stop(signal.SIGTERM)
    assert nothing_left(platform) == []


def _kill_and_wait_for_another(platform: RunningPlatform, part: str) -> None:
    before = platform.children()[part]
    os.kill(before, signal.SIGKILL)
    until = time.monotonic() + 30
    while platform.children().get(part, before) == before and time.monotonic() < until:
        time.sleep(0.2)
    assert platform.children()[part] != before


def test_nothing_is_left_where_it_is_killed_outright(folder: Path) -> None:
    platform = RunningPlatform(folder, first=False)
    platform.stop(signal.SIGKILL)
    assert nothing_left(platform, 30) == []


def test_a_taken_port_is_one_clear_line(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=PROJECT,
            env={**os.environ, "OMD_DATA_DIR": str(folder), "PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode != 0
    assert f"Port {port} is taken" in done.stderr
    assert "Traceback" not in done.stderr
