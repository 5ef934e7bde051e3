"""The data folder is closed to other users of the machine."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings

from omdplatform import checks
from omdplatform.base import private_files
from tests.running import PROJECT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """As an older release left it: a database that everybody reads, beside a link to what is not ours."""
    folder = tmp_path / "var"
    (folder / "chroma" / "data").mkdir(parents=True)
    for path in (folder / "db.sqlite3", folder / "chroma" / "data" / "chroma.sqlite3"):
        path.write_text("x")
        path.chmod(0o644)
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "elsewhere").chmod(0o644)
    (folder / "link").symlink_to(tmp_path / "elsewhere")
    for path in (folder, folder / "chroma", folder / "chroma" / "data"):
        path.chmod(0o755)
    return folder


def modes_below(folder: Path) -> set[int]:
    paths = [folder, *folder.rglob("*")]
    return {stat.S_IMODE(path.lstat().st_mode) for path in paths if not path.is_symlink()}


def test_everything_is_closed_and_nothing_else(folder: Path) -> None:
    assert private_files.close(folder) == 5
    assert modes_below(folder) == {0o700, 0o600}
    assert stat.S_IMODE((folder.parent / "elsewhere").stat().st_mode) == 0o644
    assert private_files.close(folder) == 0


def test_the_check_names_what_is_open(folder: Path, settings: LazySettings) -> None:
    settings.DATA_DIR, settings.KEYS_DIR = folder, folder / "keys"
    assert {message.id for message in checks.data_is_private(None)} == {"omdplatform.W004"}
    assert str(folder / "db.sqlite3") in " ".join(message.msg for message in checks.data_is_private(None))
    private_files.close(folder)
    assert checks.data_is_private(None) == []


def test_a_key_outside_the_folder_is_looked_at_too(
    folder: Path, settings: LazySettings, tmp_path: Path
) -> None:
    private_files.close(folder)
    settings.DATA_DIR, settings.KEYS_DIR = folder, tmp_path / "keys"
    key = tmp_path / "keys" / "api" / "private_key.der"
    key.parent.mkdir(parents=True)
    key.write_bytes(b"x")
    key.chmod(0o640)
    assert [message.id for message in checks.data_is_private(None)] == ["omdplatform.W004"]


@pytest.mark.slow
def test_setup_leaves_nothing_open_and_mends_what_was(folder: Path) -> None:
    """A process of its own, begun under the mask that most systems give."""
    (folder / "db.sqlite3").unlink()
    environment = {**os.environ, "OMD_DATA_DIR": str(folder), "DATABASE_URL": ""}
    subprocess.run(
        [sys.executable, "manage.py", "setup"],
        cwd=PROJECT, env=environment, check=True, capture_output=True, umask=0o022, timeout=300,
    )  # fmt: skip
    assert (folder / "db.sqlite3").exists()
    assert modes_below(folder) == {0o700, 0o600}
