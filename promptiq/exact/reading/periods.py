"""Periods named in a question: days, months, quarters, halves and years, alone or as ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from promptiq.exact.lexicon import Lexicon
from promptiq.exact.words import Token

_YEARS = range(1500, 2101)
_QUARTERS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "1st": 1, "2nd": 2, "3rd": 3, "4th": 4}


@dataclass(frozen=True, slots=True)
class Period:
    """Tokens [start, end), and the days from `first` to before `last`. `yearless`: a month or day without a
    year; `first` then has the year 4. `said`: the precision ("year", "month", …). `relative`: such as
    "last_month"; `first` and `last` then depend on the day of asking.
    """

    start: int
    end: int
    first: date
    last: date
    said: str
    relative: str = ""

    @property
    def yearless(self) -> bool:
        return self.first.year == 4

    def in_year(self, year: int) -> Period:
        return replace(self, first=self.first.replace(year=year), last=_moved(self.last, year - 4))


def _moved(day: date, years: int) -> date:
    return day.replace(year=day.year + years)


def periods(words: Sequence[Token], lexicon: Lexicon) -> list[Period]:
    """In order, not overlapping. A range such as "10 March to 25 April 2025" gives one for each end."""
    found: list[Period] = []
    place = 0
    while place < len(words):
        period = _at(words, place, lexicon)
        if period:
            found.append(period)
        place = period.end if period else place + 1
    return found


def _at(words: Sequence[Token], place: int, lexicon: Lexicon) -> Period | None:
    for reading in (_iso, _week_of, _half_of_month, _part_of_year, _day_month, _month, _year):
        if period := reading(words, place, lexicon):
            return period
    return None


def _text(words: Sequence[Token], place: int) -> str:
    return words[place].text if 0 <= place < len(words) else ""


def _iso(words: Sequence[Token], place: int, _: Lexicon) -> Period | None:
    if matched := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", words[place].text):
        return _day(place, place + 1, *map(int, matched.groups()))
    return None


def _day(start: int, end: int, year: int, month: int, day: int) -> Period | None:
    try:
        first = date(year, month, day)
    except ValueError:
        return None
    return Period(start, end, first, first + timedelta(days=1), "day")


def _year_at(words: Sequence[Token], place: int) -> tuple[int, int] | None:
    """The year from here on, and the position after it: "2025", "of 2025", ", 2025"."""
    skipped = place + (_text(words, place) in ("of", "in"))
    text = _text(words, skipped)
    return (int(text), skipped + 1) if re.fullmatch(r"\d{4}", text) and int(text) in _YEARS else None


def _months(start: int, end: int, year: int, first: int, count: int, said: str) -> Period:
    last = first + count
    return Period(
        start, end, date(year, first, 1), date(year + (last - 1) // 12, (last - 1) % 12 + 1, 1), said
    )


def _month(words: Sequence[Token], place: int, lexicon: Lexicon) -> Period | None:
    number = lexicon.months.get(words[place].text)
    if number is None:
        return None
    year = _year_at(words, place + 1)
    if year is None and words[place].text in {"may", "march", "mar", "sun"} and _is_verb(words, place):
        return None
    return _months(place, year[1] if year else place + 1, year[0] if year else 4, number, 1, "month")


def _is_verb(words: Sequence[Token], place: int) -> bool:
    """ "May" and "march" alone are months only after a word of time."""
    behind = (
        "in",
        "of",
        "for",
        "since",
        "from",
        "between",
        "and",
        "to",
        "until",
        "during",
        "before",
        "after",
    )
    return _text(words, place - 1) not in behind


def _day_month(words: Sequence[Token], place: int, lexicon: Lexicon) -> Period | None:
    """ "5 March 2007", "5th of March", "March 5, 2007"."""
    day = _day_number(_text(words, place))
    after = place + 1 + (_text(words, place + 1) == "of")
    if day and (month := lexicon.months.get(_text(words, after))):
        year = _year_at(words, after + 1)
        return _day(place, year[1] if year else after + 1, year[0] if year else 4, month, day)
    month = lexicon.months.get(_text(words, place))
    day = _day_number(_text(words, place + 1))
    if not month or not day:
        return None
    year = _year_at(words, place + 2)
    return _day(place, year[1] if year else place + 2, year[0] if year else 4, month, day)


def _day_number(text: str) -> int | None:
    matched = re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?", text)
    return int(matched[1]) if matched and 1 <= int(matched[1]) <= 31 else None


def _part_of_year(words: Sequence[Token], place: int, _: Lexicon) -> Period | None:
    """ "Q1 2025", "first quarter of 2025", "H2 2024", "first half 2024", "the first half of 2024"."""
    short = re.fullmatch(r"([qh])([1-4])", words[place].text)
    if short:
        kind, number, after = short[1], int(short[2]), place + 1
    elif words[place].text in _QUARTERS and _text(words, place + 1) in ("quarter", "half"):
        kind, number, after = _text(words, place + 1)[0], _QUARTERS[words[place].text], place + 2
    elif words[place].text == "last" and (parts := {"quarter": 4, "half": 2}.get(_text(words, place + 1))):
        kind, number, after = _text(words, place + 1)[0], parts, place + 2
    else:
        return None
    year = _year_at(words, after)
    length = 3 if kind == "q" else 6
    if number * length > 12 or (year is None and not short):
        return None
    said = "quarter" if kind == "q" else "half"
    return _months(
        place, year[1] if year else after, year[0] if year else 4, (number - 1) * length + 1, length, said
    )


def _half_of_month(words: Sequence[Token], place: int, lexicon: Lexicon) -> Period | None:
    if _text(words, place) not in ("first", "second") or _text(words, place + 1) != "half":
        return None
    month = (
        _month(words, place + 2 + (_text(words, place + 2) == "of"), lexicon)
        if place + 3 < len(words)
        else None
    )
    if month is None:
        return None
    middle = month.first + timedelta(days=15)
    end = month.end
    # "(1st-15th)" says it once more.
    if _text(words, end) == "1st" and _text(words, end + 1) == "15th":
        end += 2
    first = _text(words, place) == "first"
    return Period(place, end, month.first if first else middle, middle if first else month.last, "half")


def _week_of(words: Sequence[Token], place: int, lexicon: Lexicon) -> Period | None:
    """ "the first week of May 2024": its first seven days."""
    number = _QUARTERS.get(_text(words, place))
    if number is None or _text(words, place + 1) != "week" or _text(words, place + 2) not in ("of", "in"):
        return None
    month = _month(words, place + 3, lexicon) if place + 3 < len(words) else None
    if month is None:
        return None
    first = month.first + timedelta(days=7 * (number - 1))
    return Period(place, month.end, first, first + timedelta(days=7), "week")


def _year(words: Sequence[Token], place: int, _: Lexicon) -> Period | None:
    text = words[place].text
    if re.fullmatch(r"\d{4}", text) and int(text) in _YEARS:
        return Period(place, place + 1, date(int(text), 1, 1), date(int(text) + 1, 1, 1), "year")
    return None


def back(day: date, count: int, unit: str) -> date:
    """The first of so many days, weeks, months, quarters or years that end with a day."""
    if unit in ("day", "week"):
        return day - timedelta(days=count * (7 if unit == "week" else 1) - 1)
    months = count * {"month": 1, "quarter": 3}.get(unit, 12)
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last) + timedelta(days=1)
        except ValueError:
            continue
    raise ValueError(unit)


def relative(value: str, today: date) -> tuple[date, date]:
    """First day, and the day after the last, of "today", "this_week", "last_month", …; weeks begin on
    Monday.
    """
    which, _, unit = value.partition("_")
    if not unit:
        first = today - timedelta(days=value == "yesterday")
        return first, first + timedelta(days=1)
    first = _start(today, unit)
    if which == "this":
        return first, _start(
            first + timedelta(days={"week": 7, "month": 31, "quarter": 92}.get(unit, 366)), unit
        )
    return _start(first - timedelta(days=1), unit), first


def _start(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1)


def inherited(first: Period, second: Period) -> Iterator[Period]:
    """The ends of a range. The first may take its year from the second: "10 March to 5 May 2025"."""
    if first.yearless and not second.yearless:
        first = first.in_year(second.first.year)
        if first.first > second.first:
            first = (
                first.in_year(second.first.year - 1)
                if first.first.year == 4
                else replace(first, first=_moved(first.first, -1), last=_moved(first.last, -1))
            )
    yield first
    yield second
