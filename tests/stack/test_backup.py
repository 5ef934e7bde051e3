"""A backup of PostgreSQL and an object storage, restored into another database and other buckets."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.commands import json_lines
from tests.ingested import orders_csv
from tests.omdplatform.backup.test_restoring import ASKING
from tests.running import PROJECT
from tests.stack.servers import minio, postgresql

Installation = Callable[..., str]


@pytest.fixture(params=["files", "buckets"])
def installations(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Installation]]:
    """Each has a database and a storage of its own; all have the embedded vector server."""
    with ExitStack() as opened:
        made: dict[str, dict[str, str]] = {}

        def environment(name: str) -> dict[str, str]:
            variables = {**os.environ, "OMD_DATA_DIR": str(tmp_path / name)}
            variables["DATABASE_URL"] = opened.enter_context(postgresql()).url
            if request.param == "buckets":
                server = opened.enter_context(minio())
                variables["S3_ENDPOINT_URL"] = server.url
                variables["S3_ACCESS_KEY"] = server.environment["MINIO_ROOT_USER"]
                variables["S3_SECRET_KEY"] = server.environment["MINIO_ROOT_PASSWORD"]
            return variables

        def installation(name: str) -> Installation:
            made.setdefault(name, environment(name))

            def manage(*arguments: str | Path, code: int = 0, **variables: str) -> str:
                done = subprocess.run(
                    [sys.executable, "manage.py", *map(str, arguments)],
                    cwd=PROJECT,
                    env={**made[name], **variables},
                    capture_output=True,
                    text=True,
                    check=False,
                )
                assert done.returncode == code, done.stdout + done.stderr
                return done.stdout

            return manage

        yield installation


def asked(manage: Installation) -> list[dict[str, Any]]:
    answers = json_lines(manage("shell", "--no-imports", "-c", ASKING))
    for answer in answers:
        answer.pop("id")  # by which it is kept
        for each in answer["governance"]:
            each.pop("as_of")
    return answers


@pytest.mark.parametrize("programs", ["with pg_dump", "without"])
def test_the_same_questions_have_the_same_answers(
    programs: str, installations: Callable[[str], Installation], tmp_path: Path
) -> None:
    old, new = installations("old"), installations("new")
    (tmp_path / "orders.csv").write_bytes(orders_csv())
    old("ingest", tmp_path / "orders.csv", "--owner", "anna")
    before = asked(old)
    # An empty path has no pg_dump: rows are written then.
    without = {} if programs == "with pg_dump" else {"PATH": str(tmp_path)}
    old("backup", tmp_path / "backup", **without)
    database = "database.sql" if programs == "with pg_dump" else "database.jsonl"
    assert (tmp_path / "backup" / database).exists()
    new("restore", tmp_path / "backup")
    new("reconcile", "--mend", "--verify-bytes")
    assert asked(new) == before
    new("audit_governance")
    new("restore", tmp_path / "backup", code=1)
