"""The embedded vector server: one `chroma run` for each data folder, on loopback; it ends with the process
that started it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import httpx
from django.conf import settings

from omdplatform.base.processes import die_with_parent
from promptiq.vector_client import VectorServerUnavailable, address_file, server_url

# Seconds that the server may take for its first answer.
START_SECONDS = 60
# Chroma writes room for a hundred vectors to disk, without having cleared it. Blocks of so many bytes are
# taken from the system, which clears them, so that no vector of another collection is in it.
CLEAN_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 * 1024)}
# How often the server is asked to list something, how long it may take, and after how long without any
# success it hangs (seconds). A loaded machine needed ten.
PROBE_EVERY, PROBE_SECONDS, HANGS_AFTER = 5.0, 10.0, 30.0


@contextmanager
def running() -> Iterator[str]:
    """The address of a vector server: one that runs already, or one that lasts as long as the block.

    Raises VectorServerUnavailable if CHROMA_URL does not answer or no server can be started.
    """
    keeper = Keeper()
    try:
        yield keeper.begin()
    finally:
        keeper.end()


class Keeper:
    """Makes sure that the data folder has a vector server that answers, its own or another process's.

    One process owns the server. The others wait to take over if it ends.
    """

    def __init__(self) -> None:
        self.lock: IO[str] | None = None
        self.server: subprocess.Popen[bytes] | None = None
        self.answered = time.monotonic()

    def begin(self) -> str:
        """The address. Raises VectorServerUnavailable."""
        self.lock = None if settings.CHROMA_URL else _lock()
        if self.lock is None:
            return _await_other()
        self._start()
        return server_url()

    def look(self) -> str:
        """Call about once a second. Returns what was done, for the log; "" if all is well.

        Raises VectorServerUnavailable if the server cannot be started again.
        """
        if settings.CHROMA_URL:
            return ""
        if self.lock is None:
            self.lock = _lock()
            if self.lock is None:
                return ""
            self._start()
            return "The owner of the vector server has ended; started another one."
        if self.server is not None and self.server.poll() is None and self._gets_on():
            return ""
        self._stop()
        self._start()
        return "The vector server had ended or did not answer; started it again."

    def _gets_on(self) -> bool:
        """False if it has not listed anything for HANGS_AFTER, as after a full disk. Its heartbeat may go
        on.
        """
        if time.monotonic() - self.answered < PROBE_EVERY:
            return True
        if lists(server_url(), PROBE_SECONDS):
            self.answered = time.monotonic()
        return time.monotonic() - self.answered < HANGS_AFTER

    def _start(self) -> None:
        self.server, port = _start()
        _await_heartbeat(f"http://127.0.0.1:{port}", self.server)
        address_file().write_text(json.dumps({"port": port, "pid": self.server.pid}))
        self.answered = time.monotonic()

    def _stop(self) -> None:
        address_file().unlink(missing_ok=True)
        if self.server is not None:
            _stop(self.server)
        self.server = None

    def end(self) -> None:
        """Stop the server, if it is ours."""
        if self.lock is not None:
            self._stop()
            self.lock.close()
            self.lock = None


def scrub() -> None:
    """Remove from the embedded server's disk what dropped collections left there. The server may run.

    Chroma keeps the pages that a delete has freed, and the vector files of dropped collections. With
    CHROMA_URL the disk is not ours, and nothing is done. Raises sqlite3.OperationalError if it stays locked.
    """
    data = Path(settings.DATA_DIR) / "chroma" / "data"
    database = data / "chroma.sqlite3"
    if settings.CHROMA_URL or not database.exists():
        return
    # Listed first: a segment's row exists before its folder, and is removed with its collection.
    folders = [path for path in data.iterdir() if path.is_dir()]
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
        used = {row[0] for row in connection.execute("SELECT id FROM segments")}
        for folder in folders:
            if folder.name not in used:
                shutil.rmtree(folder, ignore_errors=True)
        connection.execute("VACUUM")


def _folder() -> Path:
    folder = Path(settings.DATA_DIR) / "chroma"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _lock() -> IO[str] | None:
    """The right to run the data folder's server, held while the file is open. None if another process has
    it.
    """
    file = (_folder() / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _start() -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    chroma = Path(sys.executable).with_name("chroma")
    command = [
        str(chroma),
        "run",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--path",
        str(_folder() / "data"),
    ]
    with (_folder() / "server.log").open("ab") as log:
        server = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False", **CLEAN_MEMORY},
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
    return server, port


def _await_heartbeat(url: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        if answers(url):
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    _stop(server)
    raise VectorServerUnavailable(f"The vector server did not start. See {_folder() / 'server.log'}.")


def _await_other() -> str:
    """The address of another process's server, once it answers."""
    until = time.monotonic() + (5 if settings.CHROMA_URL else START_SECONDS)
    while True:
        try:
            url = server_url()
            if answers(url):
                return url
        except VectorServerUnavailable:
            url = "its address"
        if time.monotonic() > until:
            raise VectorServerUnavailable(f"The vector server at {url} does not answer. Check that it runs.")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether a vector server answers at this address within two seconds."""
    return lists(url, 2)


def lists(url: str, seconds: float) -> bool:
    """Whether it can list a collection in that time. Its heartbeat goes on even if its database hangs."""
    listing = f"{url}/api/v2/tenants/default_tenant/databases/default_database/collections"
    try:
        return httpx.get(listing, params={"limit": 1}, timeout=seconds).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _stop(server: subprocess.Popen[bytes]) -> None:
    for number, seconds in ((signal.SIGTERM, 10), (signal.SIGKILL, 10)):
        if server.poll() is not None:
            return
        os.killpg(server.pid, number)
        try:
            server.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
