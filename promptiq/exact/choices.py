"""What single mentions may say of the rows: the cells a name may mean, the columns a number may speak of."""

from __future__ import annotations

import re
from functools import lru_cache

from promptiq.exact.amounts import FIRST_YEAR, LAST_YEAR, comparison, date_column, date_filters, number_filter
from promptiq.exact.conditions import is_denied
from promptiq.exact.numbers import cell_number, plain
from promptiq.exact.plans import Compare, Filter, Reading, Role, SchemaColumn
from promptiq.exact.question import COLUMN, DATE, Question, is_place

# Meanings of one mention that are looked at.
MAX_VALUES = 3
MAX_NUMBERS = 4


def value_choices(question: Question, item: str) -> list[Filter]:
    """The surest first."""
    denied = is_denied(question, item)
    choices = question.mention(item).values[:MAX_VALUES]
    return [Filter(each.column, Compare.IS, each.values, negated=denied) for each in choices]


def number_choices(question: Question, item: str) -> list[tuple[Filter, ...]]:
    """Conditions that a number, a place or a date may stand for, those of columns that are named first."""
    if item.startswith(DATE):
        return _date_choices(question, item)
    number = question.mention(item).number
    if number is None:
        return []
    compare = comparison(question, item)
    text = plain(number.value)
    named = {c.name for each in question.of_kind(COLUMN) for c in question.columns(each)}
    is_year = FIRST_YEAR <= number.value <= LAST_YEAR and not number.ordinal
    # Of a masked column, unless it is named, nothing is said.
    known = [column for column in question.schema.columns if not column.masked or column.name in named]
    fitting = [
        column
        for column in known
        if _speaks_of(column, bool(number.clock), number.ordinal)
        # No date is after "1000": that is an amount.
        and (is_year or column.reading is not Reading.DATE)
    ]
    if compare is Compare.EQUAL:
        fitting = [
            column for column in fitting if not column.complete or column.masked or text in numbers_of(column)
        ]

    def likely(column: SchemaColumn) -> tuple[bool, ...]:
        year = column.role is Role.MOMENT
        return (is_year != year, column.name not in named, column.role is not Role.RANK, column.masked)

    found = [
        (number_filter(column, compare, number),) for column in sorted(fitting, key=likely)[:MAX_NUMBERS]
    ]
    return [*found, *((each,) for each in _text_choices(question, text) if compare is Compare.EQUAL)]


def _speaks_of(column: SchemaColumn, clock: bool, ordinal: bool) -> bool:
    if column.reading is Reading.TIME:
        return clock
    if ordinal:
        return is_place(column) or (column.reading is Reading.NUMBER and column.role is Role.MEASURE)
    return not clock and column.reading in (Reading.NUMBER, Reading.DATE)


@lru_cache(maxsize=512)
def numbers_of(column: SchemaColumn) -> frozenset[str]:
    """The numbers its cells begin with; of dates, their years."""
    if column.reading is Reading.DATE:
        return frozenset(re.findall(r"\d{4}", " ".join(column.values)))
    return frozenset(plain(found) for value in column.values if (found := cell_number(value)) is not None)


def _text_choices(question: Question, text: str) -> list[Filter]:
    """Cells of texts that are this number, or hold it as a word: "Final 2003", "2003–04"."""
    found = []
    for column in question.schema.columns:
        if column.reading is not Reading.TEXT or column.masked:
            continue
        cells = tuple(
            value for value in column.values if re.search(rf"(?<![\d.,]){re.escape(text)}(?![\d.,])", value)
        )
        if cells and len(text) > 1:
            found.append(Filter(column.name, Compare.IS, cells))
    return found[:2]


def _date_choices(question: Question, item: str) -> list[tuple[Filter, ...]]:
    span = question.mention(item).date
    column, _ = date_column(question, item)
    if span is None or column is None:
        return []
    return [date_filters(column, span, comparison(question, item))]
