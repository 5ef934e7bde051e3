"""Compares what the reader made of a folder of files with the folder's expected.csv and values.csv."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from datasets.tables.table import Table, read_description
from datasets.tables.unreadable import UnreadableFile

OR = " || "
# Types that hold the same cells without loss.
_WIDER = {"INT": {"FLOAT"}, "TIME": {"STRING"}}

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result for one file: a table with its Parquet copy, a refusal, or an unexpected error."""

    file: str
    table: Table | None = None
    refused: UnreadableFile | None = None
    error: str = ""

    def as_row(self) -> dict[str, Any]:
        """The file's line in predictions.csv."""
        columns = self.table.columns if self.table else ()
        dialect = self.table.dialect if self.table else None
        return {
            "file": self.file,
            "rows": self.table.rows if self.table else "",
            "columns": len(columns) if self.table else "",
            "names": "|".join(column.name for column in columns),
            "types": "|".join(column.type.value for column in columns),
            "delimiter": (dialect.delimiter or "") if dialect else "",
            "encoding": (dialect.encoding or "") if dialect else "",
            "refused": str(self.refused or ""),
            "error": self.error,
            "notes": " ".join(self.table.notes) if self.table else "",
        }


PREDICTION_FIELDS = tuple(Outcome("").as_row())


def read_expectations(folder: Path) -> dict[str, Row]:
    """By file. Raises FileNotFoundError."""
    return {row["file"]: row for row in _rows(folder / "expected.csv")}


def read_values(folder: Path) -> dict[str, list[Row]]:
    """The expected cells by file. Empty if the folder has no values.csv."""
    path = folder / "values.csv"
    by_file: dict[str, list[Row]] = {}
    for row in _rows(path) if path.exists() else []:
        by_file.setdefault(row["file"], []).append(row)
    return by_file


def _rows(path: Path) -> list[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{key: value or "" for key, value in row.items() if key} for row in csv.DictReader(file)]


def shortcomings(outcome: Outcome, expected: Row, values: Sequence[Row]) -> list[str]:
    """What is wrong, in words. Empty if all is right."""
    if outcome.error:
        return [f"error {outcome.error}"]
    if "refuse" in expected.get("expected", "") or expected.get("rows") == "refuse":
        must = expected.get("expected", "refuse") == "refuse"
        return ["read, though it should be refused"] if must and outcome.table else []
    if outcome.table is None:
        return [f"refused: {outcome.refused}"]
    table = outcome.table
    short = [said for check in _CHECKS for said in check(table, expected)]
    return short + list(_values(table, values))


def _size(table: Table, expected: Row) -> Iterator[str]:
    told = len(read_description(table.parquet).set_apart) if "told" in expected.get("why", "") else 0
    if expected.get("rows") and str(table.rows + told) in expected["rows"].split(OR):
        expected = {**expected, "rows": str(table.rows)}
    for field, found in (("rows", table.rows), ("columns", len(table.columns))):
        asked = expected.get(field) or expected.get(f"expected_{field}") or ""
        other = expected.get("accept_alternative", "")
        if asked and str(found) not in {*asked.split(OR), *other.split(" ")[:1]}:
            yield f"{found} {field} instead of {asked}"


def _names(table: Table, expected: Row) -> Iterator[str]:
    found = [" ".join(column.name.split()) for column in table.columns]
    lists = [wanted.split("|") for wanted in (expected.get("names") or "").split(OR)]
    missing = [[name for name in wanted if name and " ".join(name.split()) not in found] for wanted in lists]
    if all(missing):
        yield f"no columns {min(missing, key=len)}"
    header = [" ".join(name.split()) for name in (expected.get("header") or "").split("|")]
    if any(header) and [name for name in header if name] != found[: len([name for name in header if name])]:
        yield f"columns {found[:8]} instead of {header[:8]}"


def _types(table: Table, expected: Row) -> Iterator[str]:
    for pair in filter(None, (expected.get("types") or "").split(";")):
        name, _, wanted = pair.rpartition("=")
        column = _column(table, name.strip())
        if column is None:
            yield f"no column {name}"
            continue
        kind = table.columns[column].type.value
        accepted = {word.split(" ")[0].split("(")[0] for word in wanted.split(OR)}
        if kind not in accepted and not any(kind in _WIDER.get(word, ()) for word in accepted):
            yield f"{name} is {kind} instead of {wanted}"


def _dialect(table: Table, expected: Row) -> Iterator[str]:
    wanted = {expected.get("expected_delimiter", ""), *expected.get("accept_delimiter", "").split("|")}
    found = (table.dialect.delimiter or "").replace("\t", "\\t")
    if any(wanted) and not any(word.startswith("none") for word in wanted) and found not in wanted:
        yield f"delimiter {found!r}"
    encodings = {
        expected.get("expected_encoding", ""),
        *(expected.get("accept_encodings") or "").split("|"),
    }
    if any(encodings) and table.dialect.encoding not in encodings:
        yield f"encoding {table.dialect.encoding} instead of {'|'.join(sorted(encodings))}"


_CHECKS: tuple[Callable[[Table, Row], Iterator[str]], ...] = (_size, _names, _types, _dialect)


def _column(table: Table, name: str) -> int | None:
    """The column by name, by position ("#3"), or, in a file without a header, by "column_3"."""
    found = {" ".join(column.name.split()): column.position for column in table.columns}
    if (plain := " ".join(name.split())) in found:
        return found[plain]
    if name.startswith("#") and name[1:].isdigit() and int(name[1:]) <= len(table.columns):
        return int(name[1:]) - 1
    return None


def _values(table: Table, values: Sequence[Row]) -> Iterator[str]:
    if not values:
        return
    names = [column.name for column in table.columns]
    cells = pq.read_table(table.parquet, columns=names)
    for row in values:
        place, number = _column(table, row["column"].strip()), int(row["row"])
        if place is None or number > cells.num_rows:
            yield f"no cell {row['column']} of row {number}"
        elif not any(_same(cells[names[place]][number - 1].as_py(), text) for text in _texts(row["value"])):
            yield f"{row['column']} of row {number} is another value"


def _texts(value: str) -> list[str]:
    return [text.strip() for text in f" {value} ".split(OR.strip())]


def _same(found: Any, wanted: str) -> bool:
    if found is None or wanted == "":
        return found is None and wanted == ""
    if isinstance(found, bool):
        return str(found).lower() == wanted.lower()
    text = found.isoformat() if hasattr(found, "isoformat") else str(found)
    plain = text.replace("\r\n", "\n").strip()
    return (
        plain == wanted.replace("\r\n", "\n")
        or _as_moment(plain) == _as_moment(wanted)
        or _equal(plain, wanted)
    )


def _as_moment(text: str) -> object:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        return text


def _equal(found: str, wanted: str) -> bool:
    try:
        return abs(Decimal(found) - Decimal(wanted)) <= abs(Decimal(wanted)) * Decimal("1e-12")
    except InvalidOperation:
        return False
