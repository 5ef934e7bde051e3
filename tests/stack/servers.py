"""The servers that a deployment has: real processes on free ports of loopback, with secrets of their own."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import redis

from tests.running import PROJECT, free_port

# Seconds that a server may take to answer for the first time, on a machine that does much else.
START_SECONDS = 120
DATABASE = "omdplatform"


@dataclass
class Server:
    """`ready`: whether it answers; it may raise until then. `user`: None is whoever runs the tests."""

    name: str
    url: str
    command: list[str]
    folder: Path
    ready: Callable[[], bool]
    user: str | None = None
    environment: dict[str, str] = field(default_factory=dict)
    stdin: str = ""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns once it answers; nothing where it runs. On the same port and data as before."""
        if self.process is not None:
            return
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                user=self.user,
                start_new_session=True,
            )
        assert self.process.stdin is not None
        self.process.stdin.write(self.stdin.encode())
        self.process.stdin.close()
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > until:
                said = (self.folder / f"{self.name}.log").read_text()
                self.stop()
                raise AssertionError(f"{self.name} did not start:\n{said}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with suppress(OSError, psycopg.Error, redis.RedisError, httpx.HTTPError):
            return self.ready()
        return False

    def stop(self, number: int = signal.SIGINT) -> None:
        """At once, cutting whoever is connected: SIGINT is what PostgreSQL calls a fast shutdown."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, number)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
            self.process = None


@contextmanager
def _folder(user: str | None = None) -> Iterator[Path]:
    """A private folder of this user, not below pytest's own, which nobody else may enter."""
    with TemporaryDirectory(prefix="omd-stack-") as name:
        if user:
            owner = pwd.getpwnam(user)
            os.chown(name, owner.pw_uid, owner.pw_gid)
        yield Path(name)


@contextmanager
def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()


# --- PostgreSQL -------------------------------------------------------------------------------------------


@contextmanager
def postgresql() -> Iterator[Server]:
    """A cluster of its own. It refuses to run as root: then it runs as the user that its package makes."""
    user = "postgres" if os.geteuid() == 0 else None
    password, port = secrets.token_urlsafe(16), free_port()
    url = f"postgres://omd:{password}@127.0.0.1:{port}/{DATABASE}"
    with _folder(user) as folder:
        _initdb(folder, user, password)
        server = Server(
            name="postgresql",
            url=url,
            command=[program_of_postgresql("postgres"), "-D", f"{folder}/data", "-p", str(port),
                     "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="],
            folder=folder,
            ready=lambda: _made_database(url),
            user=user,
        )  # fmt: skip
        with _running(server):
            yield server


def _initdb(folder: Path, user: str | None, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password)
    secret.chmod(0o600)
    shutil.chown(secret, user or os.geteuid())
    made = subprocess.run(
        [program_of_postgresql("initdb"), "-D", f"{folder}/data", "-U", "omd", "--auth=scram-sha-256",
         f"--pwfile={secret}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
        cwd=folder, user=user, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    secret.unlink()


def _made_database(url: str) -> bool:
    with psycopg.connect(url.replace(f"/{DATABASE}", "/postgres"), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(f"CREATE DATABASE {DATABASE}")
    return True


def program_of_postgresql(name: str) -> str:
    """A program of PostgreSQL, which Debian keeps out of the path, a folder for each version."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    return str(kept[-1]) if kept else _program(name)


def _program(name: str) -> str:
    found = shutil.which(name)
    assert found, f"{name} is missing: see deploy/install_stack"
    return found


# --- Redis, MinIO, Chroma ---------------------------------------------------------------------------------


@contextmanager
def redis_server() -> Iterator[Server]:
    """Its settings come by stdin, so that the password is in no list of processes."""
    password, port = secrets.token_urlsafe(16), free_port()
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    with _folder() as folder:
        server = Server(
            name="redis",
            url=url,
            command=[_program("redis-server"), "-"],
            folder=folder,
            ready=lambda: bool(redis.Redis.from_url(url).ping()),
            stdin=f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave \"\"\ndir {folder}\n",
        )  # fmt: skip
        with _running(server):
            yield server


@contextmanager
def minio() -> Iterator[Server]:
    """Its keys are in `environment`, as MinIO calls them. Nothing is in it: buckets are ours to make."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    (version,) = re.findall(
        r"^ARG MINIO_VERSION=(\S+)", (PROJECT / "deploy/minio.Dockerfile").read_text(), re.M
    )
    built = PROJECT / ".stack" / "bin" / f"minio-{version}"
    with _folder() as folder:
        server = Server(
            name="minio",
            url=url,
            command=[
                _program(str(built)),
                "server",
                f"{folder}/data",
                "--address",
                f"127.0.0.1:{port}",
                "--quiet",
            ],
            folder=folder,
            ready=lambda: httpx.get(f"{url}/minio/health/ready").is_success,
            environment={
                "MINIO_ROOT_USER": secrets.token_hex(8),
                "MINIO_ROOT_PASSWORD": secrets.token_urlsafe(16),
                "MINIO_BROWSER": "off",
            },
        )
        with _running(server):
            yield server


@contextmanager
def chroma() -> Iterator[Server]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with _folder() as folder:
        server = Server(
            name="chroma",
            url=url,
            command=[str(Path(sys.executable).with_name("chroma")), "run", "--host", "127.0.0.1",
                     "--port", str(port), "--path", f"{folder}/data"],
            folder=folder,
            ready=lambda: httpx.get(f"{url}/api/v2/heartbeat").is_success,
            environment={"ANONYMIZED_TELEMETRY": "False"},
        )  # fmt: skip
        with _running(server):
            yield server
