"""Turns a proposal's conditions into filters: words are matched with cells, and dates become ranges of
days.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Literal

from promptiq.exact.dates import cell_seconds
from promptiq.exact.numbers import cell_number, plain
from promptiq.exact.plans import Compare, Filter, Reading, SchemaColumn
from promptiq.exact.words import fold
from promptiq.language_model.proposals import NoProposal, ProposedFilter, Value

# A column and a text -> the cells of the column with that name; () if there are none. Raises TooSlow.
FindCells = Callable[[SchemaColumn, str], tuple[str, ...]]

_SIGNS = {
    "=": Compare.EQUAL, "!=": Compare.EQUAL, ">": Compare.MORE, ">=": Compare.AT_LEAST, "<": Compare.LESS,
    "<=": Compare.AT_MOST,
}  # fmt: skip
_NEGATED = frozenset({"!=", "not in", "not contains", "not empty"})
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:[T ].*)?")
_PARTS = {"year": (1, 9999), "month": (1, 12), "day": (1, 31)}


def filters_of(
    proposed: Sequence[ProposedFilter], column_of: Callable[[str], SchemaColumn], find: FindCells
) -> tuple[Filter, ...]:
    """All filters. Raises NoProposal, TooSlow."""
    return tuple(made for each in proposed for made in _filters(each, column_of(each.column), find))


def _filters(proposed: ProposedFilter, column: SchemaColumn, find: FindCells) -> Iterator[Filter]:
    negated = proposed.compare in _NEGATED
    bare = proposed.compare.removeprefix("not ")
    if column.masked:
        # No cell is read: permission depends on the column alone, whatever the condition.
        words = tuple(_text(value) for value in proposed.values)
        yield Filter(column.name, Compare.IS, words, negated=negated)
    elif proposed.part:
        yield _part(proposed, column, negated)
    elif bare == "empty":
        yield Filter(column.name, Compare.EMPTY, negated=negated)
    elif bare == "contains":
        yield _containing(proposed.values[0], column, negated)
    elif bare in ("=", "!=", "in"):
        yield from _equal(proposed.values, column, find, negated)
    else:
        yield _compared(proposed.values[0], column, _SIGNS[bare])


# --- equal


def _equal(values: Sequence[Value], column: SchemaColumn, find: FindCells, negated: bool) -> Iterator[Filter]:
    if len(values) == 1 and column.reading is Reading.DATE and (span := _days(values[0])):
        yield from _within(column, span, negated)
        return
    if len(values) == 1 and column.reading is Reading.NUMBER and (number := _number(values[0])) is not None:
        yield Filter(column.name, Compare.EQUAL, (plain(number),), negated=negated)
        return
    cells = tuple(dict.fromkeys(cell for value in values for cell in _cells(value, column, find)))
    yield Filter(column.name, Compare.IS, cells, negated=negated)


def _cells(value: Value, column: SchemaColumn, find: FindCells) -> tuple[str, ...]:
    """The column's cells that a value means. Raises NoProposal if there are none."""
    if isinstance(value, bool):
        found = column.flags[0 if value else 1] if column.flags else ()
    elif isinstance(value, Decimal) or column.reading is Reading.NUMBER:
        number = _number(value)
        found = tuple(
            cell for cell in column.values if number is not None and cell_number(cell) == number
        ) or _called(_text(value), column, find)
    else:
        found = _called(value, column, find)
    if not found:
        raise NoProposal("a value that the column does not hold")
    return found


def _called(text: str, column: SchemaColumn, find: FindCells) -> tuple[str, ...]:
    """Cells that equal the text, or match it in another case or spelling."""
    if text in column.values:
        return (text,)
    if same := tuple(cell for cell in column.values if cell.casefold() == text.casefold()):
        return same
    return find(column, text)


# --- compared


def _compared(value: Value, column: SchemaColumn, compare: Compare) -> Filter:
    if column.reading is Reading.DATE:
        span = _days(value)
        if span is None:
            raise NoProposal("a date that is none")
        start, end = span
        # "Later than" a period means from the day after it on.
        edge = start if compare in (Compare.LESS, Compare.AT_LEAST) else end
        sign = Compare.AT_LEAST if compare in (Compare.MORE, Compare.AT_LEAST) else Compare.LESS
        return Filter(column.name, sign, (edge.isoformat(),))
    if column.reading is Reading.TIME and isinstance(value, str):
        seconds = cell_seconds(value)
        number = None if seconds is None else Decimal(str(seconds))
    else:
        number = _number(value)
    if number is None or column.reading is Reading.TEXT:
        raise NoProposal("a comparison with what is no number")
    part: Literal["", "seconds"] = "seconds" if column.reading is Reading.TIME else ""
    return Filter(column.name, compare, (plain(number),), part=part)


def _within(
    column: SchemaColumn, span: tuple[datetime.date, datetime.date], negated: bool
) -> Iterator[Filter]:
    if negated:
        # "not (from and until)" would need an or. For years, the year alone is compared.
        start, end = span
        if (start.month, start.day, end.month, end.day) != (1, 1, 1, 1):
            raise NoProposal("dates other than a month or a day")
        yield Filter(column.name, Compare.EQUAL, (str(start.year),), part="year", negated=True)
        return
    yield Filter(column.name, Compare.AT_LEAST, (span[0].isoformat(),))
    yield Filter(column.name, Compare.LESS, (span[1].isoformat(),))


def _part(proposed: ProposedFilter, column: SchemaColumn, negated: bool) -> Filter:
    """ "in March", of any year."""
    number = _number(proposed.values[0]) if len(proposed.values) == 1 else None
    least, most = _PARTS[proposed.part]
    if column.reading is not Reading.DATE or number is None or proposed.compare not in _SIGNS:
        raise NoProposal("a part of what is no date")
    if number != int(number) or not least <= number <= most:
        raise NoProposal("a part that no date has")
    sign = _SIGNS[proposed.compare]
    return Filter(column.name, sign, (str(int(number)),), proposed.part, negated=negated)


def _containing(value: Value, column: SchemaColumn, negated: bool) -> Filter:
    text = fold(_text(value)).strip()
    if len(text) < 2:
        raise NoProposal("a part of a text that is too short")
    return Filter(column.name, Compare.HAS, (text,), negated=negated)


# --- values


def _text(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return plain(value) if isinstance(value, Decimal) else value


def _number(value: Value) -> Decimal | None:
    if isinstance(value, bool):
        return None
    return value if isinstance(value, Decimal) else cell_number(value)


def _days(value: Value) -> tuple[datetime.date, datetime.date] | None:
    """The first day of a year, month or day such as "2024-03", and the first day after it."""
    matched = _DATE.fullmatch(_text(value).strip())
    if not matched:
        return None
    year, month, day = (int(each) if each else 0 for each in matched.groups())
    try:
        start = datetime.date(year, month or 1, day or 1)
        if day:
            return start, start + datetime.timedelta(days=1)
        if month:
            return start, datetime.date(year + month // 12, month % 12 + 1, 1)
        return start, datetime.date(year + 1, 1, 1)
    except (ValueError, OverflowError):
        return None
