"""Lists, maps and structures are text in the typed copy, and how they are built is told beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables.nesting import DEPTH, FIELDS, Nested
from datasets.tables.reading import read
from datasets.tables.table import Table, read_description
from datasets.tables.values.column_types import ColumnType


def shapes(table: Table) -> dict[str, str]:
    """Column name -> its shape as people write it, of nested ones."""
    return {
        column.name: Nested.from_json(column.nested).display() for column in table.columns if column.nested
    }


def of_parquet(tmp_path: Path, **types: pa.DataType) -> Table:
    pq.write_table(pa.schema(types.items()).empty_table(), tmp_path / "in.parquet")
    return read(tmp_path / "in.parquet", tmp_path / "out.parquet")


def of_json(tmp_path: Path, *records: dict[str, Any]) -> Table:
    (tmp_path / "in.jsonl").write_text("\n".join(map(json.dumps, records)) + "\n")
    return read(tmp_path / "in.jsonl", tmp_path / "out.parquet")


def test_parquet_says_how_its_columns_are_built(tmp_path: Path) -> None:
    place = pa.struct({"City": pa.string(), "codes": pa.list_(pa.int32()), "seen": pa.timestamp("ms")})
    table = of_parquet(
        tmp_path,
        place=place,
        places=pa.large_list(place),
        scores=pa.map_(pa.string(), pa.float32()),
        plain=pa.string(),
        at=pa.time32("s"),
    )
    assert shapes(table) == {
        "place": "struct<City:string,codes:array<int>,seen:timestamp>",
        "places": "array<struct<City:string,codes:array<int>,seen:timestamp>>",
        "scores": "map<string,float>",
    }
    assert {column.name: column.type for column in table.columns} == {
        **dict.fromkeys(("place", "places", "scores", "plain"), ColumnType.STRING),
        "at": ColumnType.TIME,
    }


def test_json_lines_are_looked_through_to_their_end(tmp_path: Path) -> None:
    table = of_json(
        tmp_path,
        {"place": {"city": "Leeds", "no": 1}, "codes": [1, 2], "mixed": {"a": 1}, "name": "x", "none": []},
        {"place": {"city": "Hull", "no": 2.5, "ok": True}, "codes": [], "mixed": [1], "name": "y"},
        {"place": {"city": None, "no": 3, "ok": False}, "codes": None, "mixed": 1, "name": "z"},
    )
    assert shapes(table) == {
        "place": "struct<city:string,no:float,ok:boolean>",
        "codes": "array<int>",
        "none": "array<string>",
    }
    assert shapes(table) == {
        column.name: Nested.from_json(column.nested).display()
        for column in read_description(table.parquet).columns
        if column.nested
    }


@pytest.mark.parametrize(
    "records",
    [
        [{"by": {f"player {number}": number}} for number in range(3)],
        [{"by": {"ann@example.org": 1}}],
        [{"by": {f"key {key}": 1 for key in range(FIELDS + 1)}}] * 2,
    ],
    ids=["keys that change", "keys that are somebody's", "more keys than a structure has"],
)
def test_keys_that_are_data_name_no_field(tmp_path: Path, records: list[dict[str, Any]]) -> None:
    assert shapes(of_json(tmp_path, *records)) == {"by": "map<string,int>"}


def test_what_is_nested_without_an_end_is_text_somewhere(tmp_path: Path) -> None:
    deep: Any = 1
    kind = pa.int64()
    for _ in range(3 * DEPTH):
        deep, kind = [deep], pa.list_(kind)
    expected = "array<" * DEPTH + "string" + ">" * DEPTH
    assert shapes(of_json(tmp_path, {"deep": deep})) == {"deep": expected}
    assert shapes(of_parquet(tmp_path, deep=kind)) == {"deep": expected}


def test_a_shape_survives_its_way_through_json(tmp_path: Path) -> None:
    table = of_parquet(tmp_path, place=pa.struct({"city": pa.string()}), plain=pa.int64())
    assert Table.from_json(json.loads(json.dumps(table.as_json()))) == table
