"""What a killed process leaves where data lies is removed by the next sweep, and what is in use stays."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import LazySettings

from datasets import storage
from datasets.ingestion.receiving.partial_uploads import begin_partial, path_of
from datasets.ingestion.receiving.uploads import Wish
from datasets.leftovers import remove_leftovers
from tests.running import PROJECT

pytestmark = pytest.mark.django_db

HOLD = """
import django, sys
from pathlib import Path
django.setup()
from django.conf import settings
settings.FILE_UPLOAD_TEMP_DIR = Path(sys.argv[1])
from datasets.storage import work_folder
with work_folder() as folder:
    (folder / "table.parquet").write_text("maria.lopez@post.example")
    print(folder, flush=True)
    input()
"""


def make_old(path: Path) -> None:
    os.utime(path, (time.time() - 7_200,) * 2)


@pytest.mark.slow
def test_a_work_folder_goes_with_its_process_and_not_before(settings: LazySettings) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.FILE_UPLOAD_TEMP_DIR)],
        cwd=PROJECT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "omdplatform.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as reader:
        assert reader.stdout is not None
        folder = Path(reader.stdout.readline().strip())
        assert (folder / "table.parquet").exists()
        make_old(folder)
        assert remove_leftovers() == 0
        reader.kill()
        reader.wait()
    assert (folder / "table.parquet").exists()
    assert remove_leftovers() == 1
    assert not folder.exists()


def test_a_folder_that_is_made_this_moment_is_left_alone(settings: LazySettings) -> None:
    folder = settings.FILE_UPLOAD_TEMP_DIR / f"{storage.WORK}new"
    folder.mkdir()
    assert remove_leftovers() == 0


def test_bodies_parts_and_copies_that_nobody_claims_go_after_their_time(
    settings: LazySettings, owner: object
) -> None:
    claimed = path_of(begin_partial(owner, "a.csv", 3, Wish()))  # type: ignore[arg-type]
    temporary = settings.FILE_UPLOAD_TEMP_DIR
    settings.PARQUET_CACHE_DIR.mkdir()
    left = [
        temporary / "tmpab12.upload.csv",
        temporary / "parts" / "nobody",
        settings.PARQUET_CACHE_DIR / "tmp1",
    ]
    for path in (*left, claimed):
        path.write_text("x")
    assert remove_leftovers() == 0
    for path in (*left, claimed):
        make_old(path)
    assert remove_leftovers() == 3
    assert claimed.exists()
    assert not any(path.exists() for path in left)
