"""Reads JSON Lines, one object per line, as batches of texts. Numbers keep every digit; nested values stay
JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from datasets.tables.formats.csv_reading import too_many_columns
from datasets.tables.nesting import JsonSearch
from datasets.tables.sniffing import encoding_of
from datasets.tables.table import ROW_GROUP_ROWS, Dialect, Limits, given_names
from datasets.tables.typed_source import Source
from datasets.tables.unreadable import UnreadableFile
from datasets.tables.values.column_types import ColumnType


def jsonl_source(path: Path, head: bytes, wish: Dialect, limits: Limits) -> Source:
    """See datasets.tables.reading.READERS. Columns are the keys of all lines, in order of appearance."""
    encoding = wish.encoding or encoding_of(head)
    keys: dict[str, bool] = {}  # columns in which texts of digits occur, such as customer numbers
    shapes: dict[str, JsonSearch] = {}
    for record in _records(path, encoding):
        for key, value in record.items():
            keys[key] = keys.get(key, False) or (isinstance(value, str) and value.isdigit())
            shapes.setdefault(key, JsonSearch()).feed(value, _kind_of)
        if len(keys) > limits.columns:
            raise too_many_columns(len(keys), limits)
    own, names = given_names(list(keys), wish)

    def batches() -> Iterator[pa.RecordBatch]:
        records = _records(path, encoding)
        while batch := list(islice(records, ROW_GROUP_ROWS)):
            columns = [pa.array([_text(r.get(key)) for r in batch], pa.string()) for key in keys]
            yield pa.record_batch(columns, names=[str(place) for place in range(len(keys))])

    found = replace(wish, format="jsonl", encoding=encoding)
    texts = frozenset(place for place, is_text in enumerate(keys.values()) if is_text)
    built = {place: shapes[key].shape() for place, key in enumerate(keys)}
    nested = {place: shape.as_json() for place, shape in built.items() if shape.parts}
    return Source(names, batches, found, texts=texts, own_names=own, nested=nested)


def _records(path: Path, encoding: str) -> Iterator[dict[str, Any]]:
    with path.open(encoding=encoding) as file:
        try:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield _record(line, number)
        except UnicodeDecodeError:
            raise UnreadableFile(
                "unreadable-text", f"The file is not text in {encoding} to its end.", "Write it in UTF-8."
            ) from None


def _record(line: str, number: int) -> dict[str, Any]:
    try:
        record = json.loads(line, parse_int=_Digits, parse_float=_Digits, parse_constant=lambda _: None)
    except (json.JSONDecodeError, RecursionError):
        record = None
    if not isinstance(record, dict):
        raise UnreadableFile(
            "malformed-json",
            f"Line {number:,} is no JSON object.",
            "Write JSON Lines: one object a line, nothing else.",
            row=number,
        )
    return record


class _Digits(str):
    """A number as it is written."""

    __slots__ = ()

    def isdigit(self) -> bool:
        """Never True: only strings of digits in the JSON make a column text."""
        return False


def _kind_of(value: Any) -> ColumnType:
    if isinstance(value, bool):
        return ColumnType.BOOLEAN
    if not isinstance(value, _Digits):
        return ColumnType.STRING
    return ColumnType.FLOAT if {".", "e", "E"} & set(value) else ColumnType.INT


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False)
