"""Reads Excel workbooks: the sheet with the table, as batches of texts. Values only, never formulas."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from datasets.tables.formats.csv_reading import RecordReading, too_many_columns
from datasets.tables.table import Dialect, Limits, counted, given_names
from datasets.tables.texts.dialects import SAMPLE_RECORDS
from datasets.tables.texts.layout import layout_of
from datasets.tables.typed_source import Source
from datasets.tables.unreadable import UnreadableFile

# A sheet's XML is parsed as a whole. More than this (bytes) does not fit into a reading process.
MOST_XML = 1024**3
PIECE_RECORDS = 1_000


def xlsx_source(path: Path, head: bytes, wish: Dialect, limits: Limits) -> Source:
    """See datasets.tables.reading.READERS. Reads the requested sheet, else the one with most cells."""
    _refuse_too_large(path)
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            name, others = _choose(workbook, wish.sheet)
            sheet = workbook.get_sheet_by_name(name)
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise _damaged() from None
    timed = _timed(sheet)
    first = list(islice(_records(sheet, timed), SAMPLE_RECORDS))
    if not any(any(record) for record in first):
        raise UnreadableFile("empty-file", "The sheet is empty.", "Upload a workbook with a table.")
    layout = layout_of(first, replace(wish, comment=""))
    if layout.width > limits.columns:
        raise too_many_columns(layout.width, limits)
    dialect = replace(
        wish, format="xlsx", sheet=name, comment="", skip_lines=layout.skip_lines,
        header_rows=layout.header_rows, skip_after=layout.skip_after,
    )  # fmt: skip
    own, names = given_names(layout.names, wish)
    reading = RecordReading(dialect, layout, names)

    def batches() -> Iterator[pa.RecordBatch]:
        return reading.batches_of(_in_pieces(_records(sheet, timed)))

    def notes() -> list[str]:
        more = counted(len(others), "other", "others")
        also = [f'Sheet "{name}" was read; the workbook also has {more}.'] if others else []
        return [*also, *reading.notes()]

    return Source(names, batches, dialect, reading.set_apart, notes, own_names=own)


def sheets_of(path: Path) -> tuple[str, ...]:
    """Names of a workbook's sheets, in order. Raises UnreadableFile."""
    try:
        with CalamineWorkbook.from_path(str(path)) as workbook:
            return tuple(workbook.sheet_names)
    except (CalamineError, zipfile.BadZipFile, OSError, ValueError):
        raise _damaged() from None


def _refuse_too_large(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile:
        raise _damaged() from None
    if size > MOST_XML:
        raise UnreadableFile(
            "too-large-to-parse",
            f"The workbook needs {size // 1024**2:,} MB to be read; {MOST_XML // 1024**2:,} are the most.",
            "Save the sheet as CSV and upload that.",
        )


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "damaged-workbook",
        "The workbook is damaged or has a password.",
        "Save it again without a password, or save the sheet as CSV.",
    )


def _choose(workbook: CalamineWorkbook, asked: str | None) -> tuple[str, list[str]]:
    names = list(workbook.sheet_names)
    if asked is not None:
        if asked not in names:
            raise UnreadableFile(
                "no-such-sheet",
                "The workbook has no sheet of that name.",
                f"It has {len(names):,}: choose one of them.",
            )
        return asked, [name for name in names if name != asked]
    sizes = {name: _cells(workbook.get_sheet_by_name(name)) for name in names}
    best = max(names, key=lambda name: sizes[name])
    return best, [name for name in names if name != best and sizes[name]]


def _cells(sheet: CalamineSheet) -> int:
    return sum(cell != "" for row in sheet.iter_rows() for cell in row)


def _timed(sheet: CalamineSheet) -> set[int]:
    """Positions of columns in which a date has a time of day."""
    return {
        place
        for row in sheet.iter_rows()
        for place, cell in enumerate(row)
        if isinstance(cell, datetime) and cell.time() != time()
    }


def _records(sheet: CalamineSheet, timed: set[int]) -> Iterator[list[str]]:
    return ([_text(cell, place in timed) for place, cell in enumerate(row)] for row in sheet.iter_rows())


def _in_pieces(records: Iterator[list[str]]) -> Iterator[list[list[str]]]:
    while piece := list(islice(records, PIECE_RECORDS)):
        yield piece


def _text(cell: Any, timed: bool) -> str:
    """A cell in ISO 8601 or as a plain number. `timed`: dates of the column have times of day."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, date):
        moment = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
        return moment.isoformat(sep=" ", timespec="seconds") if timed else moment.date().isoformat()
    if isinstance(cell, time):
        return cell.isoformat()
    return str(cell) if isinstance(cell, int | timedelta) else ""
