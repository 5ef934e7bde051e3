"""The whole platform as its users run it: `manage.py serve` in a folder of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
# The first start migrates, makes keys and reads the model from a cold disk (seconds).
START_SECONDS = 180
_RUNS_AT = re.compile(r"runs at (?P<url>\S+)\n")
_SIGN_IN = re.compile(r"Sign in as (?P<name>\S+) with the password (?P<password>\S+)")


class RunningPlatform:
    """Web, worker and vector server. `url` ends in a slash; `admin`: name and password of the first admin,
    which are told at the `first` start in a folder only. `settings`: variables beside the usual ones.
    """

    def __init__(self, folder: Path, *, first: bool = True, **settings: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.environment = {
            **os.environ,
            "OMD_DATA_DIR": str(folder),
            "PORT": str(self.port),
            "HF_HUB_OFFLINE": "1",
            **settings,
        }
        self.output = ""
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "serve"],
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._collect, daemon=True).start()
        self.url = self._wait_for(_RUNS_AT)["url"]
        if first:
            signing_in = self._wait_for(_SIGN_IN)
            self.admin = (signing_in["name"], signing_in["password"])

    def _collect(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    @property
    def log(self) -> str:
        """The lines of all processes, of every start in this folder."""
        path = self.folder / "logs" / "platform.log"
        return path.read_text() if path.exists() else ""

    def _wait_for(self, pattern: re.Pattern[str]) -> re.Match[str]:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            if found := pattern.search(self.output):
                return found
            time.sleep(0.1)
        self.stop()
        raise AssertionError(f"The platform did not start:\n{self.output}\n{self.log}")

    def manage(self, *arguments: str) -> str:
        """What a command says, run beside the platform on the same data."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def children(self) -> dict[str, int]:
        """Process ids of the parts, by the command that each runs: vectorserver, worker, web."""
        found = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and _parent_of(entry) == self.process.pid:
                words = (entry / "cmdline").read_bytes().decode().split("\0")
                if len(words) > 2:  # the dead have no command line
                    found[words[2]] = int(entry.name)
        return found

    def everything_left(self) -> list[str]:
        """Command lines of processes that know this run's data folder."""
        mark = f"OMD_DATA_DIR={self.folder}".encode()
        left = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and mark in (entry / "environ").read_bytes().split(b"\0"):
                    left.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
        return [line for line in left if line]

    def stop(self, number: int = signal.SIGINT) -> int:
        """As Ctrl-C does; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parent_of(entry: Path) -> int | None:
    try:
        return int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    except (FileNotFoundError, ProcessLookupError):
        return None
