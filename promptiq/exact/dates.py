"""Dates and durations written in text cells."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

# Formats that DuckDB's try_strptime and Python's strptime both know. Cells are cut at their first bracket.
FORMATS = (
    "%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y", "%B %d %Y", "%b. %d, %Y", "%A, %B %d, %Y",
    "%A %d %B %Y",
    "%a, %d %b %Y", "%Y-%m-%d", "%d-%b-%Y", "%d-%b-%y", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%B %Y", "%b %Y",
    "%B %d", "%d %B", "%b %d", "%d %b", "%B, %Y",
)  # fmt: skip
# hours:minutes:seconds or minutes:seconds, with or without decimals.
TIME_CELL = r"^\+?(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)"
# "7:45 p.m.": the half of the day; the cell is in lower case.
HALF_DAY = r"^\s*\d{1,2}:\d{2}(?::\d{2})?\s*([ap])\.?\s?m\b"
HALF_A_DAY = 12 * 3600


def cell_date(cell: str) -> date | None:
    text = re.sub(r"\s*[\[(].*$", "", cell.strip())
    if not re.search(r"\d", text) or len(text) > 40:
        return None
    for form in FORMATS:
        try:
            # A day without a year gets a leap year, so that the 29th of February exists.
            return datetime.strptime(
                text if "%y" in form.lower() else f"{text} 2000", _with_year(form)
            ).date()
        except ValueError:
            continue
    return None


def _with_year(form: str) -> str:
    return form if "%y" in form.lower() else f"{form} %Y"


def cell_seconds(cell: str) -> float | None:
    """A duration, or the time since midnight, in seconds."""
    matched = re.match(TIME_CELL, cell.strip())
    if not matched or len(cell.strip()) > matched.end() + 12:
        return None
    seconds = float(matched[1] or 0) * 3600 + float(matched[2]) * 60 + float(matched[3])
    half = re.match(HALF_DAY, cell.lower())
    if not half:
        return seconds
    return (seconds if matched[1] else seconds * 60) % HALF_A_DAY + HALF_A_DAY * (half[1] == "p")


def has_hours(cells: Sequence[str]) -> bool:
    """Whether the first part of these cells is hours ("1:45:58", "7:45 p.m."), not minutes."""
    times = [cell.strip() for cell in cells if re.match(TIME_CELL, cell.strip())]
    return bool(times) and all(
        re.match(TIME_CELL, cell)[1] or re.match(HALF_DAY, cell.lower())  # type: ignore[index]
        for cell in times
    )
