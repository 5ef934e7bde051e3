"""`manage.py serve`: everything starts together, and nothing outlives it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
import websockets
from websockets.sync.client import connect

from tests.running import PROJECT, RunningPlatform, free_port

pytestmark = pytest.mark.slow

PARTS = {"vectorserver", "worker", "web"}


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
        assert_plain_http_works(platform)
        assert_nowhere_is_a_page_of_ours(platform.url)
    finally:
        code = platform.stop(signal.SIGINT)
    assert code == 0
    assert nothing_left(platform) == []
    assert "Traceback" not in platform.log
    assert "Exception" not in platform.log
    assert "ERROR" not in platform.log
    assert_only_what_a_newcomer_needs(platform)


def assert_plain_http_works(platform: RunningPlatform) -> None:
    """Static files come, and cookies are kept without HTTPS."""
    with httpx.Client(base_url=platform.url, follow_redirects=True) as browser:
        page = browser.get("/")
        for address in re.findall(r'(?:href|src)="(/static/[^"]+)"', page.text):
            assert browser.get(address).status_code == httpx.codes.OK, address
        assert browser.get("/favicon.ico").headers["Content-Type"] == "image/svg+xml"
        name, password = platform.admin
        token = browser.cookies["csrftoken"]
        form = {"username": name, "password": password, "csrfmiddlewaretoken": token}
        browser.post("/accounts/login/", data=form)
        assert browser.get("/datasets/").url.path == "/datasets/"


def assert_nowhere_is_a_page_of_ours(url: str) -> None:
    for path in ("nonsense/", "datasets/upload/", "static/nothing.css"):
        answer = httpx.get(url + path)
        assert answer.status_code == httpx.codes.NOT_FOUND, path
        assert "There is no such page" in answer.text, path
        assert "DEBUG" not in answer.text, path
    with pytest.raises(websockets.exceptions.InvalidStatus, match="403"), connect(f"ws{url[4:]}ws/nothing/"):
        pass


def assert_only_what_a_newcomer_needs(platform: RunningPlatform) -> None:
    shown = [line for line in platform.output.splitlines() if line]
    starts = (
        "Starting…",
        "The platform runs at",
        "Sign in as",
        "A sample",
        "Next:",
        "What happens",
        "Ctrl-C",
        "Stopped.",
    )
    assert [line for line, start in zip(shown, starts, strict=True) if not line.startswith(start)] == []


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


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a folder that nobody may write")
def test_a_data_folder_that_cannot_be_written_is_one_clear_line(folder: Path) -> None:
    if subprocess.run(["mount", "--bind", folder, folder], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", folder], check=True)
        done = subprocess.run(
            [sys.executable, "manage.py", "serve"],
            cwd=PROJECT,
            env={**os.environ, "OMD_DATA_DIR": str(folder), "PORT": str(free_port())},
            capture_output=True,
            text=True,
            timeout=60,
        )
    finally:
        subprocess.run(["umount", folder], check=True)
    assert done.returncode != 0
    assert f"The data folder {folder} cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
