"""Times of day and durations: told apart by the whole column, its header, and the person."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables.profiling import profile_and_sample
from datasets.tables.reading import read
from datasets.tables.table import Dialect, Table
from datasets.tables.values.clocks import clock_text


def read_column(folder: Path, header: str, cells: list[str], wish: str = "") -> tuple[Table, list[Any]]:
    path = folder / "file"
    path.write_text(f"id;{header}\n" + "".join(f"r{place};{cell}\n" for place, cell in enumerate(cells)))
    table = read(path, folder / "t.parquet", Dialect(types={header: wish} if wish else {}))
    return table, pq.read_table(table.parquet)[table.columns[1].name].to_pylist()


def lasting(**parts: float) -> timedelta:
    return timedelta(**parts)


TIMES: list[tuple[str, list[str], list[Any]]] = [
    ("Uhrzeit", ["08:15", "17:30"], [time(8, 15), time(17, 30)]),
    ("start", ["8:15", "17:30"], [time(8, 15), time(17, 30)]),
    ("value", ["08:15:00", "09:00:01"], [time(8, 15), time(9, 0, 1)]),
    ("value", ["9:15 AM", "12:30 am", "12:00 p.m."], [time(9, 15), time(0, 30), time(12)]),
    ("value", ["08:15:00.25", "-"], [time(8, 15, 0, 250_000), None]),
]
DURATIONS: list[tuple[str, list[str], list[Any]]] = [
    ("lap", ["00:45:12.5", "01:02:03"], [lasting(minutes=45, seconds=12.5), lasting(seconds=3723)]),
    ("value", ["0:45:12", "1:02:03"], [lasting(minutes=45, seconds=12), lasting(seconds=3723)]),
    ("value", ["35:20:00", "-1:00:00"], [lasting(hours=35, minutes=20), lasting(hours=-1)]),
    ("value", ["59:30", "1:02:15"], [lasting(minutes=59, seconds=30), lasting(seconds=3735)]),
    ("value", ["1:02.35", "0:59.1"], [lasting(seconds=62.35), lasting(seconds=59.1)]),
    ("hours", ["7:30", "38:15"], [lasting(hours=7.5), lasting(hours=38.25)]),
    ("Duration (min)", ["3:45", "61:15"], [lasting(seconds=225), lasting(seconds=3675)]),
    (
        "x",
        ["2h 30m", "45m", "1 hour 20 minutes"],
        [lasting(hours=2.5), lasting(minutes=45), lasting(minutes=80)],
    ),
    ("value", ["PT1H30M", "P1DT0.5S"], [lasting(minutes=90), lasting(days=1, seconds=0.5)]),
    ("value", ["1 day, 2:03:04", "0:00:05"], [lasting(days=1, seconds=7384), lasting(seconds=5)]),
]


@pytest.mark.parametrize(("header", "cells", "values"), TIMES)
def test_times_of_day(tmp_path: Path, header: str, cells: list[str], values: list[Any]) -> None:
    table, found = read_column(tmp_path, header, cells)
    assert (table.columns[1].type, found) == ("TIME", values)


@pytest.mark.parametrize(("header", "cells", "values"), DURATIONS)
def test_durations(tmp_path: Path, header: str, cells: list[str], values: list[Any]) -> None:
    table, found = read_column(tmp_path, header, cells)
    assert (table.columns[1].type, found) == ("DURATION", values)
    assert pq.read_table(table.parquet)["_written_1"].to_pylist() == cells


@pytest.mark.parametrize("header", ["value", "Duration"])
def test_two_parts_stay_text_until_somebody_tells(tmp_path: Path, header: str) -> None:
    table, found = read_column(tmp_path, header, ["1:30", "2:15"])
    assert (table.columns[1].type, found) == ("STRING", ["1:30", "2:15"])
    assert any("until somebody says which" in note for note in table.notes)
    table, found = read_column(tmp_path, header, ["1:30", "2:15"], "TIME")
    assert (table.columns[1].type, found) == ("TIME", [time(1, 30), time(2, 15)])
    table, found = read_column(tmp_path, header, ["1:30", "2:15"], "DURATION")
    assert (table.columns[1].type, found) == ("DURATION", [lasting(hours=1.5), lasting(hours=2.25)])


def test_a_person_tells_a_duration_from_a_time_of_day(tmp_path: Path) -> None:
    table, _ = read_column(tmp_path, "time", ["02:05:13", "02:07:01"], "DURATION")
    assert table.columns[1].type == "DURATION"
    table, _ = read_column(tmp_path, "lap", ["02:05:13", "30:07:01"], "TIME")
    assert table.columns[1].type == "DURATION"
    assert any("no time of day" in note for note in table.notes)


@pytest.mark.parametrize("cells", [["2d", "3d"], ["5 m", "6 m"], ["4:3", "16:9"], ["08:15", "25:70"]])
def test_what_only_looks_like_times_stays_text(tmp_path: Path, cells: list[str]) -> None:
    table, found = read_column(tmp_path, "start", cells)
    assert (table.columns[1].type, found) == ("STRING", cells)


def test_a_late_cell_of_another_kind_changes_the_whole_column(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("datasets.tables.typed_copy.SEARCHED_ROWS", 1)
    monkeypatch.setattr("datasets.tables.formats.blocks.BLOCK_BYTES", 64, raising=False)
    cells = [f"{10 + n % 10}:00:00" for n in range(5_000)] + ["47:00:00"]
    table, found = read_column(tmp_path, "value", cells)
    assert (table.columns[1].type, found[-1]) == ("DURATION", lasting(hours=47))


def test_profiles_and_samples_of_times(tmp_path: Path) -> None:
    table, _ = read_column(tmp_path, "value", ["35:20:00", "-1:00:00", "35:20:00"])
    (_, figures), rows = profile_and_sample(table, 10)
    assert (figures.min, figures.max, figures.mean) == ("-01:00:00", "35:20:00", None)
    assert figures.top[0] == ("35:20:00", 2)
    assert figures.histogram[0][0] == -3600
    assert list(rows["value"]) == ["35:20:00", "-01:00:00", "35:20:00"]


def test_parquet_keeps_its_times(tmp_path: Path) -> None:
    made = pa.table({
        "at": pa.array([time(8, 15)], pa.time64("ns")),
        "long": pa.array([lasting(days=2)], pa.duration("s")),
    })  # fmt: skip
    pq.write_table(made, tmp_path / "file")
    table = read(tmp_path / "file", tmp_path / "t.parquet")
    assert [column.type for column in table.columns] == ["TIME", "DURATION"]
    assert pq.read_table(table.parquet).select(["at", "long"]).to_pylist() == [
        {"at": time(8, 15), "long": lasting(days=2)}
    ]


def test_how_they_are_told() -> None:
    assert clock_text(time(8, 15, 3, 120_000)) == "08:15:03.12"
    assert clock_text(lasting(hours=35, minutes=20)) == "35:20:00"
    assert clock_text(lasting(seconds=-5)) == "-00:00:05"
