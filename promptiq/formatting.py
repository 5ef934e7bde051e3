"""Writes figures for people: grouped thousands, the same decimal places within one answer, money and
percent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision

from datasets.tables.values.clocks import clock_text

# Decimal places of quotients such as averages. Below 1, the number of significant digits.
PLACES, DIGITS = 2, 3
_CODE = re.compile(r"[A-Z]{3}")
# The unit of a difference between dates.
DAYS = "days"
# The unit of times of day and durations, which are written as clocks are read.
SECONDS = "seconds"
# Signs that several currencies share, and those whose amounts have no smaller unit.
_WHOLE = {"¥"}


def written(figure: str, unit: str = "", places: int | None = None) -> str:
    """A figure with its unit: "£24,194.60", "29%", "1,204 days", "01:30:00". Text that is not a number
    is unchanged.

    `unit`: "%", a currency's ISO 4217 code or shared sign, DAYS, SECONDS, or "". `places`: decimal places;
    None: as many as the figure has, or, for money, those of its currency.
    """
    number = number_in(figure)
    if number is None:
        return figure
    if unit == SECONDS:
        return clock_text(timedelta(seconds=float(number)))
    if _is_money(unit):
        return _money(number, unit)
    if places is not None:
        number = round(number, places)
    text = f"{number:,f}"
    if unit == "%":
        return f"{text}%"
    return f"{text} {unit}" if unit else text


def rounded(figure: str) -> str:
    """A quotient, rounded for people: "743.58", "0.00123"."""
    number = number_in(figure)
    if number is None or number == number.to_integral_value():
        return figure
    places = PLACES if abs(number) >= 1 else DIGITS - 1 - number.adjusted()
    return f"{round(number, places).normalize():f}"


def places_of(figures: Iterable[str]) -> int:
    """Decimal places for all figures of one answer: the most that one of them has, PLACES at most."""
    found = [len(figure.partition(".")[2]) for figure in figures if number_in(figure) is not None]
    return min(PLACES, max(found, default=0))


def number_in(text: str) -> Decimal | None:
    """None if the text is not a plain number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_money(unit: str) -> bool:
    return unit not in ("", "%", DAYS, SECONDS)


def _money(number: Decimal, unit: str) -> str:
    if _CODE.fullmatch(unit):
        return str(format_currency(round(number, get_currency_precision(unit)), unit, locale="en"))
    sign = "-" if number < 0 else ""
    text = f"{round(abs(number), 0 if unit in _WHOLE else PLACES):,f}"
    return f"{sign}{unit}{text}" if len(unit) == 1 else f"{sign}{text} {unit}"
