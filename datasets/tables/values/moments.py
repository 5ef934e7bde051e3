"""Notations of dates and times: which ones fit a text, and their conversion."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

Texts = Any

_MONTH, _SHORT = (
    r"(?i:January|February|March|April|May|June|July|August|September|October|November|December)",
    (r"(?i:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"),
)
_H12 = r"(?:0?[1-9]|1[0-2])"
_H24 = r"(?:[01]?\d|2[0-3])"
_AP = r"(?i:[AP]M)"
_ZONE = r"(?:Z|[+-]\d{2}:?\d{2})"


@dataclass(frozen=True, slots=True)
class MomentFormat:
    """One notation. `order`: of day and month in digits, if another order would fit as well.

    `plain`: ISO 8601, so the value gives the text back.
    """

    pattern: str
    format: str
    is_date: bool
    order: str = ""
    aware: bool = False
    plain: bool = False

    @property
    def arrow(self) -> pa.DataType:
        return pa.date32() if self.is_date else pa.timestamp("us", tz="UTC" if self.aware else None)

    def convert(self, texts: Texts) -> pa.Array:
        """The value; null if the text does not have this notation."""
        if self.plain and not self.aware and (quick := self._quick(texts)) is not None:
            return quick
        distinct = texts.dictionary_encode()
        series = distinct.dictionary.to_pandas()
        if self.format != "ISO8601" and not self.format.startswith("%Y"):
            series = series.str.replace(r"\s+", " ", regex=True)
        moments = pd.to_datetime(series, format=self.format, errors="coerce", utc=self.aware)
        stamps = pa.Array.from_pandas(moments).cast(
            pa.timestamp("us", tz="UTC" if self.aware else None), safe=False
        )
        return stamps.cast(self.arrow).take(distinct.indices)

    def _quick(self, texts: Texts) -> pa.Array | None:
        try:
            return pc.cast(texts, self.arrow)
        except pa.ArrowInvalid:
            return None


def _date_parts() -> list[tuple[str, str, str]]:
    """Pattern, format and order of each."""
    parts = [(rf"\d{{4}}{sep}\d{{1,2}}{sep}\d{{1,2}}", f"%Y{s}%m{s}%d", "")
             for s in "-/." if (sep := re.escape(s))]  # fmt: skip
    for s in "/-.":
        sep = re.escape(s)
        for digits, year in ((r"\d{4}", "%Y"), (r"\d{2}", "%y")):
            pattern = rf"\d{{1,2}}{sep}\d{{1,2}}{sep}{digits}"
            parts.append((pattern, f"%d{s}%m{s}{year}", "" if s == "." else "dmy"))
            if s != ".":  # dates with dots have the day first in every country that uses them
                parts.append((pattern, f"%m{s}%d{s}{year}", "mdy"))
    parts.append((r"\d{1,2}\. \d{1,2}\. \d{4}", "%d. %m. %Y", ""))
    for month, code in ((_SHORT, "%b"), (_MONTH, "%B")):
        for digits, year in ((r"\d{4}", "%Y"), (r"\d{2}", "%y")):
            parts += [
                (rf"\d{{1,2}}{s}{month}{s}{digits}", f"%d{s}{code}{s}{year}", "") for s in (" ", "-", "/")
            ]
            parts.append((rf"{month}-\d{{1,2}}-{digits}", f"{code}-%d-{year}", ""))
            parts.append((rf"{month} \d{{1,2}}, {digits}", f"{code} %d, {year}", ""))
            parts.append((rf"{month} \d{{1,2}} {digits}", f"{code} %d {year}", ""))
            parts.append((rf"\d{{1,2}}\. ?{month} {digits}", f"%d. {code} {year}", ""))
    return parts


_TIMES = (
    (rf"{_H24}:[0-5]\d", "%H:%M"),
    (rf"{_H24}:[0-5]\d:[0-5]\d", "%H:%M:%S"),
    (rf"{_H24}:[0-5]\d:[0-5]\d\.\d{{1,9}}", "%H:%M:%S.%f"),
    (rf"{_H24}:[0-5]\d:[0-5]\d,\d{{1,9}}", "%H:%M:%S,%f"),
    (rf"{_H12}:[0-5]\d {_AP}", "%I:%M %p"),
    (rf"{_H12}:[0-5]\d:[0-5]\d {_AP}", "%I:%M:%S %p"),
    (rf"{_H12}:[0-5]\d{_AP}", "%I:%M%p"),
)
_COMPACT = r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_ISO = r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?"


_WHOLE = (
    MomentFormat(_ISO, "ISO8601", False, plain=True),
    MomentFormat(_ISO + " ?" + _ZONE, "ISO8601", False, aware=True),
    MomentFormat(_COMPACT, "%Y%m%d", True),
    MomentFormat(rf"{_COMPACT}(?:[01]\d|2[0-3])[0-5]\d[0-5]\d", "%Y%m%d%H%M%S", False),
    MomentFormat(
        rf"(?i:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{{1,2}} {_SHORT} \d{{4}} {_H24}:[0-5]\d:[0-5]\d [+-]\d{{4}}",
        "%a, %d %b %Y %H:%M:%S %z", False, aware=True,
    ),
)  # fmt: skip


@cache
def _compiled() -> tuple[list[tuple[re.Pattern[str], MomentFormat]], ...]:
    dates = [
        (re.compile(pattern), MomentFormat(pattern, format, True, order, plain=format == "%Y-%m-%d"))
        for pattern, format, order in _date_parts()
    ]
    whole = [(re.compile(each.pattern), each) for each in _WHOLE]
    return (
        dates,
        whole,
        [(re.compile(pattern), MomentFormat(pattern, code, False)) for pattern, code in _TIMES],
    )


def formats_of(text: str) -> list[MomentFormat]:
    """The notations that fit a text."""
    if len(text) > 40 or not any(character.isdigit() for character in text):
        return []
    dates, whole, times = _compiled()
    found = [each for pattern, each in whole if pattern.fullmatch(text)]
    for pattern, date in dates:
        begun = pattern.match(text)
        rest = text[begun.end() :] if begun else ""
        if begun and not rest:
            found.append(date)
        for gap in (" ", ", "):
            found += [
                MomentFormat(
                    f"{date.pattern}{gap}{time.pattern}",
                    f"{date.format}{gap}{time.format}",
                    False,
                    date.order,
                )
                for clock, time in times
                if rest.startswith(gap) and clock.fullmatch(rest[len(gap) :])
            ]
    return found
