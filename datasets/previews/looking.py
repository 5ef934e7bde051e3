"""Looks at a file before it is kept: its first rows, and what classifiers say of them.

Run as a program, this is the child process that does so, with limits. It uses no settings and no database.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import time, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from datasets.tables.parser_process import ProcessLimits, answer_parent, ask_child
from datasets.tables.profiling import ColumnProfile, profile_and_sample
from datasets.tables.reading import read_beginning
from datasets.tables.table import WRITTEN, Dialect, Table, TableColumn, counted
from datasets.tables.values import cell_forms
from datasets.tables.values.clocks import clock_text
from datasets.tables.values.column_types import ColumnType
from governance.classifier import classify
from governance.extending.extensions import BadExtension, load_recogniser
from governance.recognisers import BUILT_IN
from governance.recognisers.column import Recogniser
from omdplatform.base.digests import sha256_of

# Rows shown, cells in all of them together, and characters of each cell.
SHOWN_ROWS, SHOWN_CELLS, SHOWN_CHARACTERS = 50, 10_000, 300
# Lines shown of the file's beginning.
SHOWN_LINES, SHOWN_BYTES = 15, 32 * 1024
# Share of a text column's cells that are numbers or dates; from this share on, the other cells are reported
# as odd.
ODD_FROM = 0.5
# Cells of a column that decide whether a closer look is worth its time.
GLANCED_CELLS = 500
# Limits, because somebody waits for the result: seconds, bytes.
LIMITS = ProcessLimits(memory=2 * 1024**3, cpu=60, wall=90, file=2 * 1024**3)


@dataclass(frozen=True, slots=True)
class Look:
    """The result. `rows`: how many were read. `whole`: whether the file has no others. `values`: rows ×
    columns, cells as text, typed ones in ISO 8601 and with a decimal point, None if empty. `written`: as in
    the file, if that differs, else None. `findings`: JSON of Finding, and `profiles`: of ColumnProfile, in
    the order of columns. `lines`: the first lines of a text file. `left_out`: the site's classifiers that
    could not be run here. `sha256`: of the file, "" if not requested.
    """

    dialect: Dialect
    columns: tuple[TableColumn, ...]
    rows: int
    whole: bool
    sheets: tuple[str, ...]
    values: list[list[str | None]]
    written: list[list[str | None]]
    notes: tuple[str, ...]
    findings: list[dict[str, Any]]
    profiles: list[dict[str, Any]]
    lines: list[str]
    left_out: int
    sha256: str

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Look:
        columns = (TableColumn(**{**each, "type": ColumnType(each["type"])}) for each in data["columns"])
        return cls(
            **{
                **data,
                "dialect": Dialect.from_json(data["dialect"]),
                "columns": tuple(columns),
                "sheets": tuple(data["sheets"]),
                "notes": tuple(data["notes"]),
            }
        )


def look_in_child(
    path: Path,
    dialect: Dialect,
    table_name: str,
    *,
    recognisers: Sequence[str] = (),
    sample_rows: int = 2_000,
    with_hash: bool = False,
) -> Look:
    """Look at the file at `path`, read as `dialect` says. `recognisers`: dotted paths of the site's own.

    Raises UnreadableFile, ParserEnded, ParserFailed, DiskFull.
    """
    order = {
        "path": str(path),
        "dialect": dialect.as_json(),
        "table_name": table_name,
        "recognisers": list(recognisers),
        "sample_rows": sample_rows,
        "with_hash": with_hash,
    }
    return Look.from_json(ask_child("datasets.previews.looking", order, LIMITS))


# --- In the child -----------------------------------------------------------------------------------------


def _look(order: dict[str, Any]) -> dict[str, Any]:
    path = Path(order["path"])
    with TemporaryDirectory() as folder:
        beginning = read_beginning(path, Path(folder) / "beginning", Dialect.from_json(order["dialect"]))
        table = beginning.table
        profiles, rows = profile_and_sample(table, order["sample_rows"])
        asked, left_out = _recognisers(order["recognisers"])
        findings = classify(rows, profiles, order["table_name"], asked)
        values, written = _cells(table)
        notes = (*table.notes, *_odd(table, profiles))
    look = Look(
        table.dialect, table.columns, table.rows, beginning.whole, beginning.sheets, values, written, notes,
        [finding.as_json() for finding in findings], [each.as_json() for each in profiles],
        _lines(path, table.dialect), left_out,
        sha256_of(path) if order["with_hash"] else "",
    )  # fmt: skip
    return asdict(look)


def _recognisers(paths: Sequence[str]) -> tuple[list[Recogniser], int]:
    own = []
    for path in paths:
        try:
            own.append(load_recogniser(path))
        except BadExtension:
            continue
    return [*own, *BUILT_IN], len(paths) - len(own)


def _lines(path: Path, dialect: Dialect) -> list[str]:
    """The first lines as text. Empty for compressed or binary files."""
    with path.open("rb") as file:
        head = file.read(SHOWN_BYTES)
    if dialect.format not in {"csv", "jsonl"} or head[:2] in {b"\x1f\x8b", b"PK"}:
        return []
    text = codecs.getincrementaldecoder(dialect.encoding or "utf-8")(errors="replace").decode(head)
    return [_cut(line) or "" for line in text.replace("\ufeff", "").splitlines()[:SHOWN_LINES]]


def _cells(table: Table) -> tuple[list[list[str | None]], list[list[str | None]]]:
    rows = max(1, min(SHOWN_ROWS, SHOWN_CELLS // max(1, len(table.columns))))
    with pq.ParquetFile(table.parquet) as file:
        batch = next(file.iter_batches(rows))
    values, written = [], []
    for column in table.columns:
        shown = [_text(cell) for cell in batch.column(column.name).to_pylist()]
        held = (
            batch.column(f"{WRITTEN}{column.position}").to_pylist() if column.written else [None] * len(shown)
        )
        values.append(shown)
        written.append([_cut(w) if w != s else None for w, s in zip(held, shown, strict=True)])
    return _turned(values), _turned(written)


def _turned(columns: list[list[str | None]]) -> list[list[str | None]]:
    return [list(row) for row in zip(*columns, strict=True)]


def _text(cell: Any) -> str | None:
    if cell is None:
        return None
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, time | timedelta):
        return clock_text(cell)
    return _cut(cell.isoformat(" ") if hasattr(cell, "hour") else str(cell))


def _cut(text: str | None) -> str | None:
    if text is None or len(text) <= SHOWN_CHARACTERS:
        return text
    return text[:SHOWN_CHARACTERS] + "…"


def _odd(table: Table, profiles: Sequence[ColumnProfile]) -> Iterator[str]:
    """Notes on text columns in which most cells, but not all, are numbers or dates."""
    texts = [column for column in table.columns if column.type is ColumnType.STRING]
    if not texts:
        return
    frame = pq.read_table(table.parquet, columns=[column.name for column in texts])
    for column in texts:
        present = frame[column.name].combine_chunks().drop_null()
        counts = _kinds(present[:GLANCED_CELLS])
        if max(counts["number"], counts["moment"]) * 2 >= ODD_FROM * sum(counts.values()):
            yield from _odd_cells(column.name, _kinds(present))


def _kinds(present: pa.StringArray) -> dict[str, int]:
    """The number of cells of each kind. Words for "missing" are not counted."""
    kinds = {"number": 0, "moment": 0, "text": 0, "missing": 0}
    for each in pc.value_counts(present).to_pylist():
        kinds[cell_forms.kind(each["values"])] += each["counts"]
    del kinds["missing"]
    return kinds


def _odd_cells(name: str, kinds: dict[str, int]) -> Iterator[str]:
    total = sum(kinds.values())
    for kind, called in (("number", "numbers"), ("moment", "dates or times")):
        others = total - kinds[kind]
        if others and kinds[kind] >= ODD_FROM * total:
            yield (
                f"Column {name} is mixed: {kinds[kind]:,} of its cells are {called} and "
                f"{counted(others, 'is', 'are')} not. "
                "It is kept as text."
            )


if __name__ == "__main__":
    answer_parent(_look)
