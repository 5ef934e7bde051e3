"""The embedded vector server: one `chroma run` for each data folder, on loopback, ended with its starter."""

from __future__ import annotations

import ctypes
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

from promptiq.vector_client import VectorServerUnavailable, address_file, server_url

# Seconds that the server may take to answer for the first time.
START_SECONDS = 60
_PR_SET_PDEATHSIG = 1


@contextmanager
def running() -> Iterator[str]:
    """The address of a vector server: of the one that runs, or of one that lasts as long as the block.

    Raises VectorServerUnavailable where CHROMA_URL does not answer or none can be started.
    """
    lock = None if settings.CHROMA_URL else _lock()
    if lock is None:
        yield _await_other()
        return
    with lock:
        server, port = _start()
        try:
            _await_heartbeat(f"http://127.0.0.1:{port}", server)
            address_file().write_text(json.dumps({"port": port, "pid": server.pid}))
            yield server_url()
        finally:
            address_file().unlink(missing_ok=True)
            _stop(server)


def scrub() -> None:
    """Clear from the embedded server's disk what dropped collections left there; it may go on running.

    Chroma keeps the pages that a delete has freed, and the vector files of dropped collections whole. With
    CHROMA_URL the disk is not ours: nothing is done. Raises sqlite3.OperationalError where it stays locked.
    """
    data = Path(settings.DATA_DIR) / "chroma" / "data"
    database = data / "chroma.sqlite3"
    if settings.CHROMA_URL or not database.exists():
        return
    # Listed first: a segment's row is there before its folder, and gone with its collection.
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
    """The right to run the data folder's server, held while the file is open; None where somebody has it."""
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
            env={**os.environ, "ANONYMIZED_TELEMETRY": "False"},
            start_new_session=True,
            preexec_fn=_die_with_parent,
        )
    return server, port


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


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
    """The address of a server that somebody else runs, once it answers."""
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
    try:
        return httpx.get(f"{url}/api/v2/heartbeat", timeout=2).status_code == httpx.codes.OK
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
