"""A real Daphne: what is too long is refused without being held."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

MIB = 1024 * 1024


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """(process id, port) of a web process with a data folder of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    daphne = subprocess.Popen(
        [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "omdplatform.asgi:application"],
        env={**os.environ, "OMD_DATA_DIR": str(tmp_path)},
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and daphne.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        yield daphne.pid, port
    finally:
        daphne.terminate()
        daphne.wait(20)


def peak_bytes(pid: int) -> int:
    (line,) = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in line]
    return int(line.split()[1]) * 1024


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads memory from /proc")
def test_long_bodies_are_refused_and_not_held(server: tuple[int, int]) -> None:
    pid, port = server
    refused(port, "/api/v1/datasets/upload", [b"x"], {"Content-Length": "1"})  # warm
    before = peak_bytes(pid)
    part = b"\0" * MIB
    announced = {"Content-Length": str(100 * MIB)}
    assert refused(port, "/api/v1/datasets/upload", [part] * 100, announced) == 413
    assert refused(port, "/nowhere", [part] * 100, announced) == 413
    assert refused(port, "/api/v1/datasets/upload", [part] * 100, {}) == 411
    assert peak_bytes(pid) - before < 40 * MIB


def refused(port: int, path: str, body: list[bytes], headers: dict[str, str]) -> int:
    """The status; without a length among the headers, the body goes out in chunks."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    chunked = "Content-Length" not in headers
    headers = headers | {"Content-Type": "text/csv"} | ({"Transfer-Encoding": "chunked"} if chunked else {})
    connection.request("POST", path, body=iter(body), headers=headers, encode_chunked=chunked)
    status = connection.getresponse().status
    connection.close()
    return status
