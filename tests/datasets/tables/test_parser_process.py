"""Whose fault it is that a child ended early: the file's, or the platform's, which keeps the file."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq
import pytest

from datasets.previews.looking import look_in_child
from datasets.tables.parser_process import ParserEnded, ProcessLimits, ask_child, read_in_child
from datasets.tables.table import Dialect
from datasets.tables.unreadable import UnreadableFile
from omdplatform.base.disk import DiskFull

pytestmark = pytest.mark.slow


def test_a_child_that_somebody_kills_says_nothing_against_the_file(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b\n" + "1,2\n" * 3_000_000)

    def kill(rows: int) -> None:
        for entry in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if b"parser_process" in (entry / "cmdline").read_bytes() and _parent(entry) == os.getpid():
                    os.kill(int(entry.name), signal.SIGKILL)

    with pytest.raises(ParserEnded) as ended:
        read_in_child(path, tmp_path / "child.parquet", progress=kill)
    assert ended.value.keep_file
    assert list(tmp_path.glob("child.parquet*")) == []


@pytest.mark.parametrize("size", [10, 1_000_000])
def test_a_child_that_is_killed_before_it_reads_its_order_is_no_error_of_ours(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ended_at_once.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(ParserEnded):
        ask_child("ended_at_once", {"path": "x" * size})


def _parent(entry: Path) -> int:
    return int((entry / "stat").read_text().rpartition(")")[2].split()[1])


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_full_disk_is_not_the_files_fault(kind: str, tmp_path: Path) -> None:
    path, disk = tmp_path / f"long.{kind}", tmp_path / "disk"
    numbers = pa.table({"a": [f"{number * 7_919 % 999_983:x}" for number in range(400_000)]})
    pa_csv.write_csv(numbers, path) if kind == "csv" else pq.write_table(numbers, path)
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk], check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        with pytest.raises(DiskFull) as full:
            read_in_child(path, disk / "child.parquet")
        assert (full.value.status, full.value.keep_file) == (507, True)
        assert list(disk.iterdir()) == []
    finally:
        subprocess.run(["umount", disk], check=True)


def test_a_site_says_how_many_columns_a_table_may_have(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Processes that parse are told so, too."""
    path = tmp_path / "wide.csv"
    path.write_text("a,b,c,d\n1,2,3,4\n5,6,7,8\n")
    monkeypatch.setenv("TABLE_MAX_COLUMNS", "3")
    with pytest.raises(UnreadableFile) as refusal:
        look_in_child(path, Dialect(), "wide")
    assert refusal.value.code == "too-many-columns"
    monkeypatch.setenv("TABLE_MAX_COLUMNS", "4")
    assert len(look_in_child(path, Dialect(), "wide").columns) == 4


def test_memory_does_not_grow_with_columns_times_bytes(tmp_path: Path) -> None:
    """Arrow reserves a block's bytes for each column: 1,500 columns of one block would be 1.5 GB."""
    path = tmp_path / "wide.csv"
    lines = [",".join(f"measure {place}" for place in range(1_500))]
    lines += [",".join(f"{row}.{place}" for place in range(1_500)) for row in range(150)]
    path.write_text("\n".join(lines))
    table = read_in_child(path, tmp_path / "wide.parquet", process_limits=ProcessLimits(memory=600 * 1024**2))
    assert (len(table.columns), table.rows) == (1_500, 150)
