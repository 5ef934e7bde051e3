"""Conditions on time: the date column that a question's days, months and years belong to, and what a number
is of a column of times.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import lru_cache

from promptiq.exact.dates import cell_date
from promptiq.exact.grammar.draft import Draft, header_stems, is_date, is_moment
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.numbers import plain
from promptiq.exact.plans import Compare, Filter, Reading, SchemaColumn
from promptiq.exact.reading.periods import Period, back, inherited, relative
from promptiq.exact.reading.question import Item

# Maximum number of items between a time and the verb or header that names its column.
WINDOW = 7
# A day without a year is taken to be in the year 2000 or before.
MOST_ANCIENT = 1000
# Earlier years are read only if the table has some.
MODERN = 1900
# Seconds of a unit of time.
_SECONDS = {
    **dict.fromkeys(("second", "seconds", "sec", "secs", "s"), 1),
    **dict.fromkeys(("minute", "minutes", "min", "mins"), 60),
    **dict.fromkeys(("hour", "hours", "hr", "hrs", "h"), 3_600),
    **dict.fromkeys(("day", "days"), 86_400),
}
_OLD_YEAR = re.compile(r"(?<!\d)1[5-8]\d\d(?!\d)")


def take_times(draft: Draft) -> None:
    """Turn each time into a condition. Two times that are compared are kept apart."""
    for place, item in list(draft.free()):
        if item.says("top", "late") and _newest(draft, place):
            continue
        if item.says("weekday") and not item.cells and (name := date_column(draft, place)):
            _on_weekday(draft, place, name)
        elif item.says("relative") and not item.columns:
            first, last = relative(item.value("relative"), draft.today)
            period = Period(item.start, item.end, first, last, "relative", item.value("relative"))
            draft.notes.append(f"“{item.text}” is said as of {draft.today.isoformat()}.")
            _apply(draft, place, place, period, "")
        elif item.period and place not in draft.used and not is_count(draft, place):
            _read(draft, place, item.period)


def _on_weekday(draft: Draft, place: int, name: str) -> None:
    if is_date(draft.schema.get(name)):
        draft.filters.append(
            Filter(name, Compare.EQUAL, (draft.items[place].value("weekday"),), part="weekday")
        )
        draft.use("period", place)


def _newest(draft: Draft, place: int) -> bool:
    """ "the last 30 days of the file": counted back from its newest day."""
    number, unit = (*draft.items[place + 1 : place + 3], None, None)[:2]
    behind = {item.text for item in draft.items[place + 3 : place + 6]}
    if not (
        number and unit and number.number and unit.says("part") and behind & draft.lexicon.classes["file"]
    ):
        return False
    name = date_column(draft, place)
    days = sorted(filter(None, map(day_of, draft.schema.get(name).values))) if name else []
    if not days:
        return False
    count, newest = int(number.number.value), days[-1]
    first = back(newest, count, unit.value("part"))
    period = Period(number.start, unit.end, first, newest + timedelta(days=1), "range")
    draft.notes.append(f"The newest day in the table is {newest.isoformat()}.")
    _apply(draft, place, place + 2, period, "")
    return True


def is_count(draft: Draft, place: int) -> bool:
    """ "2000 visitors": a number if no date is requested; "1500": a number if no date is that old."""
    before = draft.beside(place, -1)
    led = draft.items[before] if before is not None else None
    compared = led is not None and led.says("compare", "more", "less", "at_least", "at_most")
    period = draft.items[place].period
    old = period is not None and not period.yearless and period.first.year < MODERN
    moments = draft.columns_that(
        lambda column: (is_date(column) or is_moment(column)) and (not old or _is_old(column))
    )
    plainly = compared and led is not None and not led.says("date")
    return bool(draft.items[place].number) and (not moments or plainly)


def _is_old(column: SchemaColumn) -> bool:
    return any(_OLD_YEAR.search(value) for value in column.values)


def _read(draft: Draft, place: int, period: Period) -> None:
    after = _joined(draft, place)
    before = draft.beside(place, -1)
    led = (
        draft.items[before]
        if (before is not None and before == place - 1)
        or (before is not None and all(i.text in ("the",) for i in draft.items[before + 1 : place]))
        else None
    )
    compares = bool(draft.said("compute:growth", "compute:difference", "compute:versus", "compute:ratio"))
    if after is not None:
        second = draft.items[after].period or period
        ranged = led is not None and (led.says("compare", "between") or led.says("date", "since"))
        if compares and not (ranged and period.said == "day"):
            same_year = period.yearless and not second.yearless
            first = period.in_year(second.first.year) if same_year else period
            draft.periods += [(first, ""), (second, "")]
            draft.use("period", place, after)
            draft.use("period", *([before] if ranged and before is not None else []))
            return
        words = {item.text for item in draft.items[place + 1 : after]}
        if ranged or words & {"to", "till", "until", "through"} or not words:
            first, second = inherited(period, second)
            whole = Period(period.start, second.end, first.first, second.last, "range")
            _apply(draft, place, after, whole, "")
            draft.use(
                "period", *range(place, after + 1), *([before] if ranged and before is not None else [])
            )
            return
    if (first_day := _day_before(draft, place, period)) is not None:
        at, day = first_day
        whole = Period(period.start, period.end, period.first.replace(day=day), period.last, "range")
        _apply(draft, place, place, whole, "")
        draft.use(
            "period",
            at,
            *(
                each
                for each in (draft.beside(at, -1),)
                if each is not None and draft.items[each].says("compare", "between")
            ),
        )
        return
    how = ""
    if led is not None and before is not None:
        how = led.value("date") or {"more": "after", "less": "before"}.get(led.value("compare"), "")
        behind = draft.items[place + 1].text if place + 1 < len(draft.items) else ""
        goes_on = behind in draft.lexicon.classes["onwards"]
        if how == "since" and not goes_on and led.text == "from" and period.said != "day":
            how = ""
        draft.use("period", *([before] if how or led.says("date") else []))
    _apply(draft, place, place, period, how)


def _day_before(draft: Draft, place: int, period: Period) -> tuple[int, int] | None:
    """ "between 5 and 22 January": the item and the day that start the range."""
    before = draft.beside(place, -1)
    if before is None or period.said != "day" or place - before < 2:
        return None
    number = draft.items[before].number
    joined = {item.text for item in draft.items[before + 1 : place]} & {"and", "to", "till", "until"}
    if number is None or not joined or not 1 <= int(number.value) < period.first.day:
        return None
    return before, int(number.value)


def _joined(draft: Draft, place: int) -> int | None:
    """The time joined to this one by "and" or "to"."""
    after = draft.beside(place, 1)
    if after is not None and (
        draft.items[after].says("date", "until") or draft.items[after].says("compute", "versus")
        or draft.items[after].says("compare", "more", "less") or draft.items[after].says("not", "not")
    ):  # fmt: skip
        after = draft.beside(after, 1)
    if after is None or draft.items[after].period is None or after in draft.used:
        return None
    return after if after - place <= 4 else None


def _apply(draft: Draft, place: int, last: int, period: Period, how: str) -> None:
    name = date_column(draft, place)
    if name is None or _is_of_another_event(draft, place, name):
        return
    denied = [at for at in draft.said("not") if at < place]
    if how == "since" and denied:
        draft.use("not", *denied)
        how = "before"
    for condition in conditions(draft, name, period, how):
        draft.filters.append(condition)
        draft.apart.append((place, condition))
    draft.use("period", *range(place, last + 1))


def _is_of_another_event(draft: Draft, place: int, name: str) -> bool:
    """ "members who cancelled in May", if the table has only the day of joining."""
    before = draft.beside(place, -1)
    if before is None or place - before > 2 or not before:
        return False
    item = draft.items[before]
    told = any(draft.schema.get(each.name).flags for each in item.columns) or any(
        not each.part for each in item.cells
    )
    if not told or not item.text.endswith("ed") or draft.said("compute"):
        return False
    return counts_rows(draft, draft.items[before - 1]) and not any(each.name == name for each in item.columns)


def conditions(draft: Draft, name: str, period: Period, how: str) -> list[Filter]:
    """The condition of a time on a column of dates or years."""
    if period.yearless:
        period = _with_year(draft, name, period)
    if not is_date(draft.schema.get(name)):
        year, end = str(period.first.year), str(period.last.year - (period.last.month == 1))
        compare = {
            "since": Compare.AT_LEAST,
            "after": Compare.MORE,
            "before": Compare.LESS,
            "until": Compare.AT_MOST,
        }
        if how:
            return [Filter(name, compare[how], (year,))]
        if year == end:
            return [Filter(name, Compare.EQUAL, (year,))]
        return [Filter(name, Compare.AT_LEAST, (year,)), Filter(name, Compare.AT_MOST, (end,))]
    first, last = period.first.isoformat(), period.last.isoformat()
    if how == "since":
        return [Filter(name, Compare.AT_LEAST, (first,))]
    if how == "after":
        return [Filter(name, Compare.AT_LEAST, (last,))]
    if how == "before":
        return [Filter(name, Compare.LESS, (first,))]
    if how == "until":
        return [Filter(name, Compare.LESS, (last,))]
    return [Filter(name, Compare.AT_LEAST, (first,)), Filter(name, Compare.LESS, (last,))]


def _with_year(draft: Draft, name: str, period: Period) -> Period:
    """The only year in which the column has this month. Open if there are several."""
    days = [
        day for value in draft.schema.get(name).values
        if (day := day_of(value)) and day.month == period.first.month and day.year > MOST_ANCIENT
    ]  # fmt: skip
    months = {day.year for day in days}
    return period.in_year(draft.choose(f"year:{period.start}", sorted(months) or [draft.today.year]))


@lru_cache(maxsize=100_000)
def day_of(cell: str) -> date | None:
    """The day in a cell of a column of dates."""
    if found := re.match(r"(\d{4})-(\d\d)-(\d\d)", cell):
        return date(*map(int, found.groups()))
    return cell_date(cell)


def date_column(draft: Draft, place: int | None = None, plainly: bool = False) -> str | None:
    """The date column that a time belongs to.

    Named by a verb or header near it, else by the noun for the rows, else the only column for the rows'
    first event. Open if there are several. `plainly`: only by a verb or header, as in "when did it end?".
    """
    fits = is_date if draft.columns_that(is_date) else is_moment
    dates = draft.columns_that(fits)
    if len(dates) < 2:
        told = [
            at for at, item in draft.free()
            if item.columns and item.columns[0].name in dates and not _is_of_money(draft, item)
        ]  # fmt: skip
        draft.use("date", *(at for at in told if not counts_rows(draft, draft.items[at])))
        return dates[0] if dates else None
    if named := _named(draft, place, dates):
        return named
    if plainly:
        return draft.choose("date", dates)
    lexicon = draft.lexicon
    title = {lexicon.stem(word) for word in re.findall(r"[a-z]+", draft.schema.title.casefold())}
    if own := [name for name in dates if any(_begins(title, stem) for stem in header_stems(name, lexicon))]:
        return own[0]
    primary = [name for name in dates if not header_stems(name, lexicon) & lexicon.later]
    return draft.choose("date", primary or dates)


def _is_of_money(draft: Draft, item: Item) -> bool:
    """ "revenue by month" means money, not the date of a sale."""
    verb = item.text.endswith(("ed", "id", "nt"))
    spoken = draft.lexicon.stem(item.text) in draft.lexicon.holders["spending"]
    return spoken and not verb and item.columns[0].score < 0.9


def _begins(title: set[str], stem: str) -> bool:
    """ "pay date" in a payroll."""
    return len(stem) > 2 and any(word.startswith(stem) for word in title)


def _named(draft: Draft, place: int | None, dates: list[str]) -> str | None:
    """The date column whose header has a word of the question, nearest to the time."""
    found = []
    for at, item in enumerate(draft.items):
        options = [each for each in item.columns if each.name in dates and each.score >= 0.5]
        if not options or draft.used.get(at) not in (None, "date", "period", "group"):
            continue
        if counts_rows(draft, item) and len(options) > 1:
            continue
        best = [each for each in options if each.score >= options[0].score - 0.02]
        if _is_of_money(draft, item):
            continue
        # A word that also names a figure is more likely the figure: "refunded".
        if len(best) == 1:
            distance = abs(at - place) if place is not None else 0
            if distance <= WINDOW or place is None:
                found.append((item.columns[0].name not in dates, distance, at, best[0].name))
    if not found:
        return None
    _, _, at, name = min(found)
    draft.date_items.add(at)
    if draft.items[at].columns[0].name in dates and not counts_rows(draft, draft.items[at]):
        draft.use("date", at)
    return name


def operand_of(draft: Draft, name: str, place: int, last: int) -> str:
    """What a column is compared with: the number at `place`, for times in seconds. Without a unit behind it
    or behind the item at `last`, it is not known what it would be of a time.
    """
    number, column = draft.items[place].number, draft.schema.get(name)
    assert number is not None  # noqa: S101 - the callers have looked
    if column.reading is not Reading.TIME or number.clock in ("full", "day"):
        return number.text
    if number.clock == "short" and not (column.hours and not column.of_day):
        return plain(number.value * 60) if column.of_day else number.text
    for at in (place + 1, last + 1):
        seconds = _SECONDS.get(draft.items[at].text, 0) if at < len(draft.items) else 0
        if seconds and not number.clock:
            draft.use("unit", at)
            return plain(number.value * seconds)
    draft.hopeless = True
    return number.text
