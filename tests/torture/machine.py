"""One platform that is tortured, and what must be true of it after every point."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pyarrow.parquet as pq

from tests.running import RunningPlatform

# A job has ended so many seconds after what disturbed it is over, or the point is lost.
ENDED_WITHIN = 120.0
# Megabytes: a platform, its vectors and some hundred small tables.
SMALL_DISK = 400
ROWS = 40
PASSWORD = "correct-horse-battery-staple"
MAKE_OLGA = f"""
from django.contrib.auth.models import Group, User
olga = User.objects.create_user("olga", password={PASSWORD!r})
olga.groups.add(Group.objects.get(name="contributors"))
"""


@dataclass
class Machine:
    """`variables`: of the platform's environment, beside those that make it cheap and give it failpoints.
    `disk`: megabytes of a disk of its own that the data folder is on; 0, as where mounting is not allowed: on
    the disk of `folder`."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)
    disk: int = 0
    sent: int = 0

    def __post_init__(self) -> None:
        self.failpoints = self.folder / "failpoints"
        self.failpoints.mkdir(parents=True)
        self.data = self.folder / "data"
        if self.disk:
            self.data.mkdir()
            size = f"size={self.disk}m"
            mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", self.data], check=False)
            self.disk = 0 if mounted.returncode else self.disk
        self.platform = self._start(first=True)
        self.platform.manage("shell", "-c", MAKE_OLGA)
        # The sample's job would get to the first moment before the one that is meant.
        open_jobs = "SELECT 1 FROM datasets_job WHERE state IN ('queued', 'running')"
        self._until(lambda: not self.rows(open_jobs), "the sample is not ingested")
        given = httpx.post(
            f"{self.platform.url}api/v1/tokens", json={"username": "olga", "password": PASSWORD}, timeout=60
        )
        self.token = given.raise_for_status().json()["access_token"]

    def _start(self, *, first: bool = False) -> RunningPlatform:
        return RunningPlatform(
            self.data,
            first=first,
            DJANGO_SETTINGS_MODULE="tests.torture.settings",
            EMBEDDING_MODEL="tests.torture.embedder.Letters",
            FAILPOINTS=str(self.failpoints),
            THROTTLE_UPLOAD="10000/min",
            # So that little is kept free of a small disk.
            DISK_RESERVE_BYTES=str(4 * 1024**2),
            **self.variables,
        )

    # --- What is done to it -------------------------------------------------------------------------------

    def upload(self, rows: int = ROWS) -> str:
        """The id of a new job on a table that was never sent before; tried until a web process takes it."""
        self.sent += 1
        name, content = f"orders{self.sent}.csv", _orders(rows, self.sent)
        until = time.monotonic() + ENDED_WITHIN
        while True:
            try:
                answer = httpx.post(
                    f"{self.platform.url}api/v1/datasets/upload",
                    files={"file": (name, content)},
                    headers={
                        "Authorization": f"Bearer {self.token}",
                        "Accept": "application/json",
                        "Idempotency-Key": name,
                    },
                    timeout=60,
                )
                return str(answer.raise_for_status().json()["id"])
            except httpx.HTTPError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.5)

    @contextmanager
    def held_at(self, moment: str) -> Iterator[str]:
        """A job that stands still at this moment; it goes on after the block, where anybody still has it."""
        for name in ("armed", "reached", "go"):
            (self.failpoints / name).unlink(missing_ok=True)
        (self.failpoints / "armed").write_text(moment)
        job = self.upload()
        try:
            self._until((self.failpoints / "reached").exists, f"nobody got to: {moment}")
            yield job
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Let whoever stands still go on."""
        (self.failpoints / "go").touch()

    @contextmanager
    def full_disk(self) -> Iterator[None]:
        """Not a byte of the machine's own disk is free within the block."""
        filling = self.data / "filling"
        try:
            with suppress(OSError), filling.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(65_536))
            yield
        finally:
            filling.unlink()

    def pid(self, part: str) -> int:
        """Of "worker", "web", "vectorserver", "serve" or "chroma"; waited for where it just died."""
        found: list[int] = []

        def there() -> bool:
            with suppress(OSError, ValueError, KeyError):
                found[:] = [self._pid(part)]
                os.kill(found[0], 0)
                return True
            return False

        self._until(there, f"no {part}")
        return found[0]

    def _pid(self, part: str) -> int:
        if part == "serve":
            return self.platform.process.pid
        if part == "chroma":
            return int(json.loads((self.data / "chroma" / "server.json").read_text())["pid"])
        return self.platform.children()[part]

    def kill(self, part: str) -> None:
        """With its whole group; `everything`: all at once. What was started by hand is started again."""
        if part == "everything":
            for each in ("serve", "web", "worker", "vectorserver", "chroma"):
                with suppress(KeyError, ProcessLookupError, OSError, ValueError):
                    os.killpg(self._pid(each), signal.SIGKILL)
            self.restart()
        else:
            os.kill(self.pid(part), signal.SIGKILL)
            if part == "serve":
                self.restart()

    def restart(self) -> None:
        self.platform.process.wait(60)
        self._until(lambda: not self.platform.everything_left(), "processes are left")
        self.platform = self._start()

    def stop(self, number: int) -> None:
        """In order, and start again."""
        self.platform.stop(number)
        self.restart()

    # --- What must be true --------------------------------------------------------------------------------

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(f"file:{self.data / 'db.sqlite3'}?mode=ro", uri=True, timeout=30)
        try:
            return connection.execute(query, values).fetchall()
        finally:
            connection.close()

    def ended_well(self, job: str) -> float:
        """Seconds until the job ended; AssertionError where it did not end well or something is missing."""
        begun = time.monotonic()
        self._until(lambda: self.state(job) not in {"queued", "running"}, "the job has not ended", job)
        seconds = time.monotonic() - begun
        assert self.state(job) == "succeeded", self.told(job)
        self._look_at_version(job)
        return seconds

    def state(self, job: str) -> str:
        return str(self.rows("SELECT state FROM datasets_job WHERE id = ?", job.replace("-", ""))[0][0])

    def told(self, job: str) -> str:
        query = "SELECT number, message FROM datasets_jobevent WHERE job_id = ? ORDER BY number"
        return "\n".join(f"{number} {said}" for number, said in self.rows(query, job.replace("-", "")))

    def _look_at_version(self, job: str) -> None:
        ((version, rows, raw, parquet, sha256, parquet_sha256, vectors, catalog),) = self.rows(
            "SELECT v.id, v.rows, raw_key, parquet_key, sha256, parquet_sha256, vectors, v.catalog_id"
            " FROM datasets_version v JOIN datasets_job j ON j.version_id = v.id WHERE j.id = ?",
            job.replace("-", ""),
        )
        assert _sha256(self.stored("raw-data", raw)) == sha256
        typed = self.stored("typed-data", parquet)
        assert _sha256(typed) == parquet_sha256
        assert pq.ParquetFile(BytesIO(typed)).metadata.num_rows == rows
        assert catalog, f"version {version} is not in the catalog"
        assert vectors, f"version {version} has no vectors"
        query = "SELECT number FROM datasets_jobevent WHERE job_id = ? ORDER BY number"
        numbers = [number for (number,) in self.rows(query, job.replace("-", ""))]
        assert numbers == list(range(1, len(numbers) + 1)), "events are missing"

    def nothing_ungoverned(self) -> list[str]:
        """What lies in the data folder, or on the vector server, that no governed version claims. Sweeps come
        once a minute: they are waited for."""
        until = time.monotonic() + ENDED_WITHIN + 30
        while (left := self._unclaimed()) and time.monotonic() < until:
            time.sleep(2)
        return left

    def _unclaimed(self) -> list[str]:
        governed = "SELECT raw_key, parquet_key, collection FROM datasets_version WHERE catalog_id != ''"
        claimed = {key for keys in self.rows(governed) for key in keys if key}
        waiting = "SELECT quarantine_key FROM datasets_version WHERE quarantine_key != ''"
        claimed |= {key for (key,) in self.rows(waiting)}
        left = [key for key in self.keys() if key.partition("/")[2] not in claimed]
        left += [str(path.relative_to(self.data)) for path in (self.data / "tmp").glob("work-*")]
        return left + [name for name in self.collections() if name.startswith("v-") and name not in claimed]

    def stored(self, bucket: str, key: str) -> bytes:
        return (self.data / "files" / bucket / key).read_bytes()

    def keys(self) -> list[str]:
        """`{bucket}/{key}` of every object."""
        files = self.data / "files"
        return [str(path.relative_to(files)) for path in files.rglob("*") if path.is_file()]

    def collections(self) -> dict[str, int]:
        """Vectors by collection, as the server itself tells."""
        base = (
            f"{self.server_of_vectors()}/api/v2/tenants/default_tenant/databases/default_database/collections"
        )
        listed = httpx.get(base, params={"limit": 1_000}, timeout=30).raise_for_status().json()
        return {
            one["name"]: int(httpx.get(f"{base}/{one['id']}/count", timeout=30).raise_for_status().text)
            for one in listed
        }

    def server_of_vectors(self) -> str:
        if url := self.variables.get("CHROMA_URL"):
            return url
        port = json.loads((self.data / "chroma" / "server.json").read_text())["port"]
        return f"http://127.0.0.1:{port}"

    def vectors_lost(self) -> list[str]:
        """Current versions whose collection holds another number of vectors than was built."""
        there = self.collections()
        built = self.rows("SELECT collection, vectors FROM datasets_version WHERE collection != ''")
        return [name for name, vectors in built if there.get(name) != vectors]

    def _until(self, true: Any, otherwise: str, job: str = "") -> None:
        until = time.monotonic() + ENDED_WITHIN
        while not true():
            if time.monotonic() > until:
                raise AssertionError(
                    f"{otherwise}\n{self.told(job) if job else ''}\n{self.platform.output[-3000:]}"
                )
            time.sleep(0.1)

    def end(self) -> None:
        try:
            self.platform.stop()
        finally:
            if self.disk:
                subprocess.run(["umount", "--lazy", self.data], check=True)


def _orders(rows: int, first: int) -> bytes:
    """A table with an address in each row, which is masked; no two tables are the same."""
    lines = [f"person{first}.{row}@post.example,lamp {row % 7},{row}" for row in range(rows)]
    return "\n".join(["email,goods,amount", *lines]).encode() + b"\n"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
