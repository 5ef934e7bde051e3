"""What is written comes back, in whatever dialect; both ways of reading agree. `make reading` runs more."""

from __future__ import annotations

import os
import random
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from datasets.tables.formats import blocks
from datasets.tables.reading import read
from datasets.tables.table import read_description, visible
from datasets.tables.unreadable import UnreadableFile
from tests.datasets.tables.random_tables import messy_text, written_table

TABLES = int(os.environ.get("RANDOM_TABLES", "20"))


@pytest.mark.parametrize("seed", range(TABLES))
def test_a_written_table_comes_back(tmp_path: Path, seed: int) -> None:
    written = written_table(random.Random(seed))
    path = tmp_path / "table"
    path.write_bytes(written.content)
    table = read(path, tmp_path / "out.parquet")
    data = pq.read_table(table.parquet)
    found = {name: data[name].to_pylist() for name in visible(data.column_names)}
    assert found == written.columns


def _read_with(path: Path, parquet: Path) -> tuple[Any, ...]:
    """All that a reading gives, or its refusal."""
    try:
        table = read(path, parquet)
    except UnreadableFile as error:
        return error.code, error.problem, error.row
    data = pq.read_table(table.parquet)
    return data.to_pydict(), data.schema, table.columns, table.notes, read_description(parquet).set_apart


@pytest.mark.parametrize("seed", range(TABLES))
def test_the_quick_way_reads_as_the_careful_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """In blocks so small that a table has many."""
    chance = random.Random(seed)
    path = tmp_path / "table.csv"
    path.write_bytes(messy_text(chance).encode(chance.choice(["utf-8", "utf-8", "utf-16"])))
    monkeypatch.setattr(blocks, "FIRST_BYTES", chance.choice([30, 200]))
    monkeypatch.setattr(blocks, "BLOCK_BYTES", chance.choice([40, 300, 2_000]))
    quick = _read_with(path, tmp_path / "quick.parquet")
    monkeypatch.setattr(blocks.Blocks, "_quickly", lambda *_: None)
    assert quick == _read_with(path, tmp_path / "careful.parquet")


@pytest.mark.slow
def test_a_plain_table_is_read_quickly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All blocks but the first."""
    ways: list[bool] = []
    quickly = blocks.Blocks._quickly

    def noted(self: blocks.Blocks, block: bytes) -> blocks.Rows | None:
        found = quickly(self, block)
        ways.append(found is not None)
        return found

    monkeypatch.setattr(blocks.Blocks, "_quickly", noted)
    path = tmp_path / "table.csv"
    lines = (f'{n},2024-01-{n % 28 + 1:02d},"say ""{n}"", or",{n / 8}\n' for n in range(60_000))
    path.write_text("id,day,word,size\n" + "".join(lines))
    assert read(path, tmp_path / "out.parquet").rows == 60_000
    assert len(ways) >= 2
    assert all(ways)
