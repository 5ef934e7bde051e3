"""The platform as a deployment runs it: web and worker as processes of their own, on servers of their own."""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import boto3
import chromadb
import httpx
import psycopg
from websockets.exceptions import ConnectionClosedOK
from websockets.sync.client import connect

from governance.keys import make_key_pairs
from tests.browser.conftest import MAKE_PEOPLE
from tests.openmetadata_double import Double
from tests.openmetadata_double import running as openmetadata
from tests.running import PROJECT, START_SECONDS, free_port
from tests.stack import servers
from tests.stack.servers import Server


class Deployment:
    """Four servers, the OpenMetadata double, and as many web and worker processes as a test starts.

    Nothing of it is on the project's disk, and processes share what containers would share: the servers,
    the keys, and the web processes their data folder, where parts of uploads lie.
    """

    def __init__(self, folder: Path, profile: str, opened: ExitStack) -> None:
        """`profile`: the double's, 1.1 or 2.0. `opened` ends the servers."""
        self.folder = folder
        make_key_pairs(folder / "keys")
        public_key = (folder / "keys/catalog/public_key.der").read_bytes()
        self.catalog: Double = opened.enter_context(openmetadata(profile, public_key))
        self.postgresql: Server = opened.enter_context(servers.postgresql())
        self.redis: Server = opened.enter_context(servers.redis_server())
        self.minio: Server = opened.enter_context(servers.minio())
        self.chroma: Server = opened.enter_context(servers.chroma())
        self.environment = {
            **os.environ,
            "DEBUG": "0",
            "SECRET_KEY": secrets.token_urlsafe(50),
            # With a name besides, as every deployment has one.
            "ALLOWED_HOSTS": "127.0.0.1,platform.example",
            # What a proxy in front would do.
            "SECURE_SSL_REDIRECT": "0",
            "STATIC_ROOT": str(folder / "static"),
            "OMD_KEYS_DIR": str(folder / "keys"),
            "DATABASE_URL": self.postgresql.url,
            "REDIS_URL": self.redis.url,
            "S3_ENDPOINT_URL": self.minio.url,
            "S3_ACCESS_KEY": secrets.token_hex(8),
            "S3_SECRET_KEY": secrets.token_urlsafe(16),
            "CHROMA_URL": self.chroma.url,
            "OPENMETADATA_HOST": self.catalog.url,
            # The client is 2.0; a 1.1 server is one that an administrator chose to go on with.
            "OPENMETADATA_VERSION_CHECK": "1" if profile == "2.0" else "0",
            # A job whose worker lost its database is taken up again after so long.
            "JOB_LEASE_SECONDS": "30",
            "HF_HUB_OFFLINE": "1",
            # As in containers, whose users have no home.
            "HOME": "/nonexistent",
        }
        self.manage("collectstatic", "--noinput", "--verbosity=0")
        self.manage("setup", **self.minio.environment)
        self.manage("shell", "-c", MAKE_PEOPLE)

    # --- Processes ----------------------------------------------------------------------------------------

    def manage(self, *arguments: str, **more: str) -> str:
        """What a command says."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=PROJECT,
            env={**self._environment("commands"), **more},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @contextmanager
    def web(self) -> Iterator[str]:
        """The address of one more web process, with a slash at its end."""
        port = free_port()
        url = f"http://127.0.0.1:{port}/"
        with self._process("web", "web", PORT=str(port)) as process:
            until = time.monotonic() + START_SECONDS
            while not _is_well(url):
                assert process.poll() is None, self.said("web")
                assert time.monotonic() < until, self.said("web")
                time.sleep(0.2)
            yield url

    @contextmanager
    def worker(self, name: str = "worker") -> Iterator[None]:
        """One more worker. It takes jobs once it has started, some seconds later."""
        with self._process("worker", name):
            yield

    @contextmanager
    def _process(self, command: str, name: str, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        with (self.folder / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=PROJECT,
                env={**self._environment(name), **more},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            _end(process)

    def _environment(self, name: str) -> dict[str, str]:
        return {**self.environment, "OMD_DATA_DIR": str(self.folder / name)}

    def said(self, name: str) -> str:
        """What the processes of this name wrote: "web", "worker"."""
        return (self.folder / f"{name}.log").read_text()

    # --- What is inside -----------------------------------------------------------------------------------

    def objects(self) -> dict[str, set[str]]:
        """Keys by bucket."""
        lake = self.lake()
        buckets = [bucket["Name"] for bucket in lake.list_buckets()["Buckets"]]
        return {
            bucket: {item["Key"] for item in lake.list_objects_v2(Bucket=bucket).get("Contents", ())}
            for bucket in buckets
        }

    def lake(self, key: str = "", secret: str = "") -> Any:
        """MinIO's first user: a client that knows nothing of the platform's code."""
        return boto3.client(
            "s3",
            endpoint_url=self.minio.url,
            aws_access_key_id=key or self.minio.environment["MINIO_ROOT_USER"],
            aws_secret_access_key=secret or self.minio.environment["MINIO_ROOT_PASSWORD"],
            region_name="us-east-1",
        )

    def collections(self) -> dict[str, int]:
        """Vectors by collection."""
        port = int(self.chroma.url.rpartition(":")[2])
        client = chromadb.HttpClient(host="127.0.0.1", port=port)
        return {item.name: item.count() for item in client.list_collections()}

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.postgresql.url) as connection:
            return connection.execute(query.encode(), values).fetchall()

    def puts(self, path: str) -> list[Any]:
        """Bodies of the PUTs on this path, such as /api/v1/tables, since the record was emptied."""
        return [item.body for item in self.catalog.requests if (item.method, item.path) == ("PUT", path)]


def _is_well(url: str) -> bool:
    try:
        return httpx.get(f"{url}healthz", timeout=5).is_success
    except httpx.HTTPError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """With its children, as the supervisor ends a part."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=15)
    except (ProcessLookupError, subprocess.TimeoutExpired):
        pass
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


class Program:
    """Somebody's program with a token. Refusals are answers; the end of a job is waited for."""

    def __init__(self, url: str, name: str, password: str) -> None:
        self.http = httpx.Client(base_url=url, timeout=120)
        token = self.http.post("api/v1/tokens", json={"username": name, "password": password})
        self.http.headers["Authorization"] = f"Bearer {token.raise_for_status().json()['access_token']}"

    def get(self, path: str) -> Any:
        return self.http.get(f"api/v1/{path}").raise_for_status().json()

    def send(self, name: str, content: bytes, **wishes: str) -> httpx.Response:
        """The answer to an upload, whichever it is."""
        return self.http.post("api/v1/datasets/upload", files={"file": (name, content)}, data=wishes)

    def upload(self, name: str, content: bytes, **wishes: str) -> dict[str, Any]:
        """The open job."""
        job: dict[str, Any] = self.send(name, content, **wishes).raise_for_status().json()
        return job

    def ended(self, job: dict[str, Any], *, seconds: float = 300) -> dict[str, Any]:
        """The job at its end, whichever that is."""
        until = time.monotonic() + seconds
        while (now := self.get(f"jobs/{job['id']}"))["state"] in {"queued", "running"}:
            assert time.monotonic() < until, json.dumps(now)
            time.sleep(0.3)
        return now  # type: ignore[no-any-return]

    def ingest(self, name: str, content: bytes, **wishes: str) -> dict[str, Any]:
        """The job at its good end."""
        job = self.ended(self.upload(name, content, **wishes))
        assert job["state"] == "succeeded", job
        return job

    def ask(self, question: str, dataset: str) -> dict[str, Any]:
        asked = self.http.post("api/v1/ask", json={"question": question, "dataset": dataset})
        answer: dict[str, Any] = asked.raise_for_status().json()
        return answer

    def events(self, job: dict[str, Any]) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = self.get(f"jobs/{job['id']}/events")["events"]
        return events

    def ticket(self) -> str:
        """Opens one socket, at any web process."""
        ticket: str = self.http.post("api/v1/tickets").raise_for_status().json()["ticket"]
        return ticket


def heard(url: str, job: dict[str, Any], ticket: str, after: int = 0) -> list[dict[str, Any]]:
    """Everything that a job's socket sends until the server closes it because the job has ended."""
    socket = url.replace("http", "ws", 1).rstrip("/") + job["links"]["socket"]
    messages = []
    with connect(f"{socket}?after={after}&ticket={ticket}", proxy=None) as listening:
        try:
            while True:
                messages.append(json.loads(listening.recv(timeout=300)))
        except ConnectionClosedOK:
            return messages


def eventually(holds: Callable[[], bool], *, seconds: float = 90) -> None:
    """Wait until it holds; an AssertionError where it does not come to hold."""
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.3)
