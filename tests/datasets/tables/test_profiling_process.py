"""Profiling in a child process: the same figures as in ours, and a bound for what few bytes can become."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables import profiling
from datasets.tables.parser_process import ProcessLimits
from datasets.tables.profiling import profile, profile_and_sample, sample
from datasets.tables.profiling_process import profile_in_child
from datasets.tables.reading import read
from datasets.tables.table import Table
from datasets.tables.unreadable import UnreadableFile

pytestmark = pytest.mark.slow

MEGABYTE = 1024**2


def long_cells(folder: Path, rows: int, characters: int) -> Table:
    """A Parquet file of some hundred kilobytes whose cells are `rows` × `characters`."""
    texts = pa.array([f"{place}" + "x" * characters for place in range(5)])
    places = pa.array([row % 5 for row in range(rows)], pa.int8())
    path = folder / "few_bytes.parquet"
    pq.write_table(pa.table({"text": pa.DictionaryArray.from_arrays(places, texts)}), path)
    assert path.stat().st_size < MEGABYTE
    return read(path, folder / "copy.parquet")


def test_few_bytes_that_become_many(tmp_path: Path) -> None:
    """800 MB of cells within 600 MB, those of the libraries included."""
    table = long_cells(tmp_path, 20_000, 40_000)
    (found,), rows = profile_in_child(table, 2_000, process_limits=ProcessLimits(memory=600 * MEGABYTE))
    assert (found.rows, found.distinct, found.max_length) == (20_000, 5, 40_001)
    assert [(len(value), count) for value, count in found.top] == [(200, 4_000)] * 5
    assert rows.shape == (2_000, 1)
    assert rows.attrs["longest"] == 31_250
    assert sum(map(len, rows["text"])) <= profiling.SAMPLE_BYTES


def test_more_than_its_memory_is_said_of_the_file(tmp_path: Path) -> None:
    table = long_cells(tmp_path, 512, 400_000)
    with pytest.raises(UnreadableFile) as refused:
        profile_in_child(table, 2_000, process_limits=ProcessLimits(memory=150 * MEGABYTE))
    assert refused.value.code == "too-large-to-parse"


def test_the_same_as_in_this_process(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text(
        "name,n,day\n" + "".join(f"Ann {i % 9},{i},2024-01-{i % 28 + 1:02}\n" for i in range(3_000))
    )
    table = read(path, tmp_path / "copy.parquet")
    seen: list[int] = []
    profiles, rows = profile_in_child(table, 50, seen.append)
    assert profiles == profile(table)
    pd.testing.assert_frame_equal(rows, sample(table, 50))
    assert "longest" not in rows.attrs
    assert seen[-1] == 3_000


def test_batches_of_many_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("n,text\n" + "".join(f"{i},{i % 700}\n" for i in range(5_000)))
    table = read(path, tmp_path / "copy.parquet")
    whole = profile_and_sample(table, 100)
    monkeypatch.setattr(profiling, "PIECE_ROWS", 64)
    monkeypatch.setattr(profiling, "BATCH_BYTES", 1_000)
    pieces = profile_and_sample(table, 100)
    assert pieces[0] == whole[0]
    pd.testing.assert_frame_equal(pieces[1], whole[1])


def test_long_texts_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "texts.csv"
    path.write_text("n,text\n" + "".join(f"{i},{'y' * 3_000}{i % 40}\n" for i in range(200)))
    found = profile(read(path, tmp_path / "copy.parquet"))[1]
    assert (found.distinct, found.distinct_exact, found.top[0]) == (40, True, ("y" * 200, 5))


def test_a_table_of_many_columns_keeps_fewer_values_of_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(profiling, "DISTINCT_TOGETHER", 4_000)
    path = tmp_path / "wide.csv"
    path.write_text("a,b\n" + "".join(f"{i},{i % 7}\n" for i in range(9_000)))
    a, b = profile(read(path, tmp_path / "copy.parquet"))
    assert (a.distinct_exact, b.distinct_exact, b.distinct) == (False, True, 7)
    assert a.distinct == pytest.approx(9_000, rel=0.08)
