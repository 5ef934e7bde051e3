"""A backup in an empty folder answers as the platform did that it was made of; half of one is refused."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from omdplatform.backup.manifest import BackupRefused
from omdplatform.backup.restoring import restore
from tests.commands import json_lines, manage
from tests.ingested import orders_csv

pytestmark = pytest.mark.slow

# Asked in one process: each start takes its time.
ASKING = """
import json
from django.contrib.auth.models import User
from promptiq.ask import ask
from promptiq.index import vector_server
with vector_server.running():
    for question in (
        "What is the average amount of orders?",
        "How many rows have the goods oak table?",
        "something made of wool",
    ):
        print(json.dumps(ask(question, User.objects.get(username="anna")).as_json(), default=str))
"""


def ask(folder: Path) -> list[dict[str, Any]]:
    """What the answers say, without when they were given and the id by which they are kept."""
    done = manage(folder, "shell", "--no-imports", "-c", ASKING)
    assert done.returncode == 0, done.stderr
    answers = json_lines(done.stdout)
    for answer in answers:
        answer.pop("id")
        for each in answer["governance"]:
            each.pop("as_of")
    return answers


@pytest.fixture(scope="module")
def lived_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with two versions of a dataset and another one, and no server."""
    folder = tmp_path_factory.mktemp("lived-in")
    files = tmp_path_factory.mktemp("files")
    (files / "orders.csv").write_bytes(orders_csv())
    (files / "forge.csv").write_bytes(b"goods,price\n" + b"anvil,40\nbellows,12\n" * 10)
    done = manage(folder, "ingest", files / "orders.csv", files / "forge.csv", "--owner", "anna")
    assert done.returncode == 0, done.stderr
    (files / "orders.csv").write_bytes(orders_csv(30))
    assert manage(folder, "ingest", files / "orders.csv", "--owner", "anna").returncode == 0
    return folder


@pytest.fixture(scope="module")
def backup(lived_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backups") / "monday"
    done = manage(lived_in, "backup", folder)
    assert done.returncode == 0, done.stderr
    assert folder.stat().st_mode & 0o077 == 0
    return folder


@pytest.mark.slow
def test_the_same_questions_have_the_same_answers(lived_in: Path, backup: Path, tmp_path: Path) -> None:
    before = ask(lived_in)
    assert [answer["outcome"] for answer in before] == ["answered", "answered", "answered"]
    done = manage(tmp_path / "new", "restore", backup)
    assert done.returncode == 0, done.stderr
    assert [answer["outcome"] for answer in ask(tmp_path / "new")] == ["answered", "answered", "not_indexed"]
    mended = manage(tmp_path / "new", "reconcile", "--mend", "--verify-bytes", "--json")
    assert mended.returncode == 0, mended.stdout + mended.stderr
    assert ask(tmp_path / "new") == before
    assert manage(tmp_path / "new", "reconcile", "--verify-bytes").returncode == 0
    assert manage(tmp_path / "new", "audit_governance").returncode == 0
    assert (tmp_path / "new" / "secret_key").read_text() == (lived_in / "secret_key").read_text()
    for key in (lived_in / "keys").rglob("*.der"):
        copy = tmp_path / "new" / key.relative_to(lived_in)
        assert copy.read_bytes() == key.read_bytes()
        assert copy.name == "public_key.der" or copy.stat().st_mode & 0o077 == 0


def test_only_into_an_empty_folder(lived_in: Path, backup: Path) -> None:
    refused = manage(lived_in, "restore", backup)
    assert refused.returncode == 1
    assert "has tables already" in refused.stderr


def test_a_folder_with_files_of_somebody_is_left_alone(backup: Path, tmp_path: Path) -> None:
    kept = tmp_path / "data" / "files" / "raw-data" / "kept.csv"
    kept.parent.mkdir(parents=True)
    kept.write_text("kept")
    refused = manage(tmp_path / "data", "restore", backup)
    assert refused.returncode == 1
    assert "is not empty: it holds files" in refused.stderr
    assert not (tmp_path / "data" / "db.sqlite3").exists()


@pytest.mark.parametrize("harm", ["changed", "removed", "added", "manifest", "newer"])
def test_a_backup_that_is_not_whole_is_refused(harm: str, backup: Path, tmp_path: Path) -> None:
    """Before anything else is looked at, and so before anything is written."""
    copy = tmp_path / "backup"
    shutil.copytree(backup, copy)
    (raw, *_) = sorted((copy / "files" / "raw").rglob("*.csv"))
    held = json.loads((copy / "manifest.json").read_text())
    if harm == "changed":
        raw.write_bytes(raw.read_bytes()[:-1] + b"!")
    elif harm == "removed":
        raw.unlink()
    elif harm == "added":
        (copy / "files" / "raw" / "more.csv").write_text("more")
    elif harm == "manifest":
        (copy / "manifest.json").write_text("{}")
    else:
        held["migrations"].append("datasets.9999_of_tomorrow")
        (copy / "manifest.json").write_text(json.dumps(held))
    said = {
        "changed": "is damaged", "removed": "is missing", "added": "does not name",
        "manifest": "no whole backup", "newer": "later version",
    }  # fmt: skip
    with (
        pytest.raises(BackupRefused, match=said[harm]),
        patch("omdplatform.backup.restoring.refuse_unless_empty", side_effect=AssertionError),
    ):
        restore(copy)


def test_a_backup_is_never_mixed_with_another(lived_in: Path, backup: Path) -> None:
    refused = manage(lived_in, "backup", backup)
    assert refused.returncode == 2
    assert "is not empty" in refused.stderr


def test_a_file_that_is_not_whole_is_told_of(lived_in: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(lived_in, folder)
    first, second, *_ = sorted((folder / "files" / "raw-data").rglob("*.csv"))
    first.unlink()
    second.write_bytes(b"another")
    done = manage(folder, "backup", tmp_path / "backup")
    assert done.returncode == 1
    assert f"{first.name}: missing in the storage" in done.stderr
    assert f"{second.name}: changed in the storage" in done.stderr


# --- A data folder of the version before ------------------------------------------------------------------

# The newest migrations of the version before, and what has changed the tables since.
BEFORE = {"datasets": "0003_embedding", "governance": "0007_redaction", "promptiq": "0001_initial"}


@pytest.fixture(scope="module")
def old(lived_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As lived_in, with the tables that the version before had."""
    folder = tmp_path_factory.mktemp("old") / "data"
    shutil.copytree(lived_in, folder)
    for app, name in BEFORE.items():
        done = manage(folder, "migrate", app, name, "--verbosity=0")
        assert done.returncode == 0, done.stderr
    with closing(sqlite3.connect(folder / "db.sqlite3")) as database:
        columns = {row[1] for row in database.execute("PRAGMA table_info(datasets_version)")}
    assert "vector_sums" not in columns
    return folder


@pytest.mark.slow
def test_an_old_data_folder_is_brought_up_to_date(old: Path, lived_in: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    shutil.copytree(old, folder)
    assert manage(folder, "setup").returncode == 0
    assert ask(folder) == ask(lived_in)
    assert manage(folder, "reconcile", "--verify-bytes").returncode == 0
    assert manage(folder, "audit_governance").returncode == 0


@pytest.mark.slow
def test_a_backup_of_the_version_before_is_restored(old: Path, lived_in: Path, tmp_path: Path) -> None:
    """Made of its data folder as that version left it."""
    made = manage(old, "backup", tmp_path / "backup")
    assert made.returncode == 0, made.stderr
    manifest = json.loads((tmp_path / "backup" / "manifest.json").read_text())
    assert "datasets.0003_embedding" in manifest["migrations"]
    assert "datasets.0004_vector_sums" not in manifest["migrations"]
    restored = manage(tmp_path / "new", "restore", tmp_path / "backup")
    assert restored.returncode == 0, restored.stderr
    assert manage(tmp_path / "new", "reconcile", "--mend").returncode == 0
    assert ask(tmp_path / "new") == ask(lived_in)
