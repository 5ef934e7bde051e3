"""Profiles: figures that a plain computation over the same rows gives too."""

from __future__ import annotations

import random
import statistics
from pathlib import Path

import pytest

from datasets.tables.profiling import ColumnProfile, profile, sample
from datasets.tables.reading import read
from datasets.tables.table import Table


def table_of(tmp_path: Path, lines: list[str]) -> Table:
    path = tmp_path / "t.csv"
    path.write_text("\n".join(lines) + "\n")
    return read(path, tmp_path / "t.parquet")


def test_figures_are_right(tmp_path: Path) -> None:
    chance = random.Random(7)
    numbers = [chance.randrange(1, 500) for _ in range(3_000)]
    names = [chance.choice(["oak", "elm", "ash", "fir"]) for _ in numbers]
    lines = ["id,n,price,name,day", *(
        f"x{i},{n if i % 10 else ''},{n / 4:.2f},{name},2024-01-{1 + i % 28:02}"
        for i, (n, name) in enumerate(zip(numbers, names, strict=True))
    )]  # fmt: skip
    identity, n, price, name, day = profile(table_of(tmp_path, lines))
    kept = [number for i, number in enumerate(numbers) if i % 10]
    assert (n.rows, n.nulls, n.distinct, n.distinct_exact) == (3_000, 300, len(set(kept)), True)
    assert (n.min, n.max) == (str(min(kept)), str(max(kept)))
    assert n.mean == pytest.approx(statistics.fmean(kept))
    assert n.stddev == pytest.approx(statistics.pstdev(kept))
    assert sum(count for _, _, count in n.histogram) == len(kept)
    assert price.mean == pytest.approx(statistics.fmean(number / 4 for number in numbers), abs=0.01)
    assert dict(name.top) == {kind: names.count(kind) for kind in set(names)}
    assert (name.min_length, name.max_length, name.mean_length) == (3, 3, 3.0)
    assert (day.min, day.max, day.distinct) == ("2024-01-01", "2024-01-28", 28)
    assert identity.top == ()


def test_many_distinct_values_are_estimated_closely(tmp_path: Path) -> None:
    many = 100_000
    found = profile(table_of(tmp_path, ["code", *(f"c{i * 7}" for i in range(many))]))[0]
    assert not found.distinct_exact
    assert found.distinct == pytest.approx(many, rel=0.06)
    assert found.distinct <= many


def test_an_empty_column_has_counts_and_nothing_else(tmp_path: Path) -> None:
    found = profile(table_of(tmp_path, ["a,b", "1,", "2,"]))[1]
    assert (found.nulls, found.distinct, found.min, found.mean, found.top) == (2, 0, None, None, ())


def test_counts_only_holds_no_value(tmp_path: Path) -> None:
    found = profile(table_of(tmp_path, ["who,n", "Ann,5", "Ann,6", "Bob,7"]))
    for column in found:
        text = str(column.counts_only())
        assert not any(value in text for value in ("Ann", "Bob", "5.", "'6'"))
        assert ColumnProfile.from_json(column.as_json()) == column
        assert (
            ColumnProfile.from_json({"top": (), "histogram": (), **column.counts_only()}).distinct
            == column.distinct
        )


def test_a_sample_is_spread_and_always_the_same(tmp_path: Path) -> None:
    table = table_of(tmp_path, ["n,day", *(f"{i},2024-01-01" for i in range(1_000))])
    first, second = sample(table, 10), sample(table, 10)
    assert first.equals(second)
    assert first.shape == (10, 2)
    assert first["n"].iloc[0] == "0"
    assert first["n"].iloc[-1] == "999"
    assert first["day"].iloc[0] == "2024-01-01"
    assert sample(table, 5_000).shape == (1_000, 2)
