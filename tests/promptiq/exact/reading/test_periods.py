"""Times that a question names."""

from datetime import date

import pytest

from promptiq.exact.lexicon import english
from promptiq.exact.reading.periods import inherited, periods, relative
from promptiq.exact.words import tokens


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("5 March 2007", date(2007, 3, 5), date(2007, 3, 6)),
        ("March 5, 2007", date(2007, 3, 5), date(2007, 3, 6)),
        ("the 5th of March 2007", date(2007, 3, 5), date(2007, 3, 6)),
        ("2007-03-05", date(2007, 3, 5), date(2007, 3, 6)),
        ("Dec 2024", date(2024, 12, 1), date(2025, 1, 1)),
        ("Q4 2024", date(2024, 10, 1), date(2025, 1, 1)),
        ("the second quarter of 2024", date(2024, 4, 1), date(2024, 7, 1)),
        ("H2 2024", date(2024, 7, 1), date(2025, 1, 1)),
        ("first half of August 2024", date(2024, 8, 1), date(2024, 8, 16)),
        ("the first week of May 2024", date(2024, 5, 1), date(2024, 5, 8)),
        ("in 2024", date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_days_from_and_before(said: str, first: date, last: date) -> None:
    (period,) = periods(tokens(said), english())
    assert (period.first, period.last) == (first, last)


@pytest.mark.parametrize("said", ["may I ask", "12 apples", "a march of 3"])
def test_what_is_no_time(said: str) -> None:
    assert periods(tokens(said), english()) == []


def test_the_first_of_a_range_takes_its_year_from_the_second() -> None:
    first, second = periods(tokens("20 December to 5 January 2025"), english())
    assert first.yearless
    assert [each.first for each in inherited(first, second)] == [date(2024, 12, 20), date(2025, 1, 5)]


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("yesterday", date(2024, 3, 5), date(2024, 3, 6)),
        ("this_week", date(2024, 3, 4), date(2024, 3, 11)),
        ("last_month", date(2024, 2, 1), date(2024, 3, 1)),
        ("last_quarter", date(2023, 10, 1), date(2024, 1, 1)),
        ("this_year", date(2024, 1, 1), date(2025, 1, 1)),
    ],
)
def test_times_told_from_today(said: str, first: date, last: date) -> None:
    assert relative(said, date(2024, 3, 6)) == (first, last)
