"""The embedded vector server: one for each data folder, ended with its starter, cleared after deletes."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from django.conf import LazySettings

from promptiq import vector_client
from promptiq.index import vector_server
from promptiq.vector_client import VectorServerUnavailable, address_file, server_url

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(autouse=True)
def own_data_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.DATA_DIR, settings.CHROMA_URL = tmp_path / "data", ""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def gone_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while is_alive(pid) and time.monotonic() < until:
        time.sleep(0.05)
    return not is_alive(pid)


def test_one_server_for_each_folder_and_none_after_the_block() -> None:
    with vector_server.running() as url:
        server = json.loads(address_file().read_text())
        assert url == server_url() == f"http://127.0.0.1:{server['port']}"
        with vector_server.running() as second:
            assert second == url
        assert vector_server.answers(url)
    assert not vector_server.answers(url)
    assert not is_alive(server["pid"])
    assert not address_file().exists()


def test_what_was_stored_is_there_for_the_next_server() -> None:
    for count in (1, 2):
        with vector_server.running():
            client = vector_client.connect()
            client.create("kept")
            client.upsert("kept", [count], np.eye(3, dtype=np.float32)[:1])
            assert client.count("kept") == count


def test_a_server_that_is_configured_and_away_is_an_error(settings: LazySettings) -> None:
    settings.CHROMA_URL = "http://127.0.0.1:9"
    begun = time.monotonic()
    with pytest.raises(VectorServerUnavailable, match="does not answer"), vector_server.running():
        pass
    assert time.monotonic() - begun < 15


def test_a_server_that_cannot_start_says_where_to_look(settings: LazySettings) -> None:
    data = Path(settings.DATA_DIR) / "chroma" / "data"
    data.parent.mkdir(parents=True)
    data.write_text("a file where a folder should be")
    with pytest.raises(VectorServerUnavailable, match=r"server\.log"), vector_server.running():
        pass
    data.unlink()
    with vector_server.running() as url:
        assert vector_server.answers(url)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_the_command_leaves_no_server_behind(number: signal.Signals, settings: LazySettings) -> None:
    """Not even where it is killed."""
    with subprocess.Popen(
        [sys.executable, "manage.py", "vectorserver"],
        cwd=ROOT,
        env={**os.environ, "OMD_DATA_DIR": str(settings.DATA_DIR)},
        stdout=subprocess.PIPE,
        text=True,
    ) as command:
        assert command.stdout is not None
        said = command.stdout.readline()
        server = json.loads(address_file().read_text())
        assert said == f"Vector server at http://127.0.0.1:{server['port']}\n"
        with vector_server.running() as shared:
            assert said.strip().endswith(shared)
        command.send_signal(number)
        command.wait(20)
    assert gone_within(server["pid"], 10)
    # The lock went with its holder: the next one starts a server of its own.
    with vector_server.running() as url:
        assert vector_server.answers(url)


def test_dropped_collections_leave_the_disk_while_the_server_runs(settings: LazySettings) -> None:
    data = Path(settings.DATA_DIR) / "chroma" / "data"
    vectors = np.random.default_rng(1).normal(size=(3_000, 64)).astype(np.float32)
    with vector_server.running():
        client = vector_client.connect()
        for name in ("kept", "dropped"):
            client.create(name)
            client.upsert(name, list(range(1, 3_001)), vectors if name == "dropped" else vectors[::-1] * 2)
        folders = {path for path in data.iterdir() if path.is_dir()}
        before = sum(path.stat().st_size for path in data.rglob("*") if path.is_file())
        assert len(folders) == 2
        client.drop("dropped")
        vector_server.scrub()
        assert len({path for path in data.iterdir() if path.is_dir()}) == 1
        assert sum(path.stat().st_size for path in data.rglob("*") if path.is_file()) < 0.6 * before
        stored = b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file())
        assert not [vector for vector in vectors if vector.tobytes() in stored]
        assert client.count("kept") == 3_000
        assert client.query("kept", vectors[0], 1)[0].row == 3_000
        client.create("next")
        client.upsert("next", [1], vectors[:1])
        assert client.query("next", vectors[0], 1)[0].row == 1
    with vector_server.running():
        assert vector_client.connect().count("kept") == 3_000


def test_a_disk_that_is_not_ours_is_left_alone(settings: LazySettings) -> None:
    vector_server.scrub()  # nothing has been stored yet
    segment = Path(settings.DATA_DIR) / "chroma" / "data" / "somebody"
    segment.mkdir(parents=True)
    (segment.parent / "chroma.sqlite3").write_bytes(b"")
    settings.CHROMA_URL = "http://chroma:8000"
    vector_server.scrub()
    assert segment.is_dir()
