"""Dates and durations that are written out in cells and questions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from promptiq.exact.numbers import MONTHS
from promptiq.exact.words import Token

# As DuckDB's try_strptime and Python's strptime both read them. A cell is cut at its first bracket before.
FORMATS = (
    "%B %d, %Y", "%d %B %Y", "%b %d, %Y", "%d %b %Y", "%B %d %Y", "%b. %d, %Y", "%A, %B %d, %Y",
    "%A %d %B %Y",
    "%a, %d %b %Y", "%Y-%m-%d", "%d-%b-%Y", "%d-%b-%y", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%B %Y", "%b %Y",
    "%B %d", "%d %B", "%b %d", "%d %b", "%B, %Y",
)  # fmt: skip
# hours:minutes:seconds or minutes:seconds, seconds with decimals or not.
TIME_CELL = r"^\+?(?:(\d{1,3}):)?(\d{1,3}):(\d{2}(?:\.\d+)?)"
# "7:45 p.m.": of which half of the day a time is; the cell in lower case.
HALF_DAY = r"^\s*\d{1,2}:\d{2}(?::\d{2})?\s*([ap])\.?\s?m\b"
HALF_A_DAY = 12 * 3600


def cell_date(cell: str) -> date | None:
    text = re.sub(r"\s*[\[(].*$", "", cell.strip())
    if not re.search(r"\d", text) or len(text) > 40:
        return None
    for form in FORMATS:
        try:
            # A day without a year: a leap year, so that the 29th of February is one.
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
    """Whether the first part of what these cells say are hours: "1:45:58", "7:45 p.m."; else minutes."""
    times = [cell.strip() for cell in cells if re.match(TIME_CELL, cell.strip())]
    return bool(times) and all(
        re.match(TIME_CELL, cell)[1] or re.match(HALF_DAY, cell.lower())  # type: ignore[index]
        for cell in times
    )


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Tokens [start, end) that name a month, with day and year where they are said."""

    start: int
    end: int
    month: int
    day: int | None = None
    year: int | None = None


def find_dates(words: Sequence[Token]) -> list[DateSpan]:
    """ "march 5, 2007", "5 march 2007", "5th of march", "march 2007", "in march", "2007-03-05".

    "May" and "march" alone are months only after "in" or "of".
    """
    found = []
    for place, word in enumerate(words):
        if word.text in MONTHS and (span := _date_at(words, place)):
            found.append(span)
        elif iso := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", word.text):
            year, month, day = map(int, iso.groups())
            if 1 <= month <= 12 and 1 <= day <= 31:
                found.append(DateSpan(place, place + 1, month, day, year))
    return found


def _date_at(words: Sequence[Token], place: int) -> DateSpan | None:
    start, end, day, year = place, place + 1, None, None
    before = place - 1
    if before >= 1 and words[before].text == "of" and _day(words[before - 1].text):
        before -= 1
    if before >= 0 and (day := _day(words[before].text)):
        start = before
    elif end < len(words) and (day := _day(words[end].text)):
        end += 1
    if end < len(words) and re.fullmatch(r"\d{4}", words[end].text):
        year, end = int(words[end].text), end + 1
    alone = day is None and year is None
    if (
        alone
        and words[place].text in {"may", "march"}
        and (not place or words[place - 1].text not in {"in", "of"})
    ):
        return None
    return DateSpan(start, end, MONTHS[words[place].text], day, year)


def _day(text: str) -> int | None:
    matched = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", text)
    return int(matched[1]) if matched and 1 <= int(matched[1]) <= 31 else None
