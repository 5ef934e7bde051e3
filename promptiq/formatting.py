"""Figures as people write them: thousands set apart, the same places within one answer, money and percent."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from babel.numbers import format_currency, get_currency_precision

# Places of what was divided, such as an average; below 1, so many digits that say something.
PLACES, DIGITS = 2, 3
_CODE = re.compile(r"[A-Z]{3}")
# The unit of one date less another.
DAYS = "days"
# Signs that several currencies share, and those of them whose amounts have no smaller part.
_WHOLE = {"¥"}


def written(figure: str, unit: str = "", places: int | None = None) -> str:
    """A figure with its unit: "£24,194.60", "29%", "1,204 days". What is no number stays as it is.

    `unit`: "%", a currency's ISO 4217 code or shared sign, DAYS, or "". `places`: after the point; None as
    many as it has, of money those of its currency.
    """
    number = number_in(figure)
    if number is None:
        return figure
    if _is_money(unit):
        return _money(number, unit)
    if places is not None:
        number = round(number, places)
    text = f"{number:,f}"
    if unit == "%":
        return f"{text}%"
    return f"{text} {unit}" if unit else text


def rounded(figure: str) -> str:
    """A figure that was divided, to a length that people read: "743.58", "0.00123"."""
    number = number_in(figure)
    if number is None or number == number.to_integral_value():
        return figure
    places = PLACES if abs(number) >= 1 else DIGITS - 1 - number.adjusted()
    return f"{round(number, places).normalize():f}"


def places_of(figures: Iterable[str]) -> int:
    """The places that all figures of one answer get: the most that one of them has, PLACES at most."""
    found = [len(figure.partition(".")[2]) for figure in figures if number_in(figure) is not None]
    return min(PLACES, max(found, default=0))


def number_in(text: str) -> Decimal | None:
    """None where the text is no plain number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _is_money(unit: str) -> bool:
    return unit not in ("", "%", DAYS)


def _money(number: Decimal, unit: str) -> str:
    if _CODE.fullmatch(unit):
        return str(format_currency(round(number, get_currency_precision(unit)), unit, locale="en"))
    sign = "-" if number < 0 else ""
    text = f"{round(abs(number), 0 if unit in _WHOLE else PLACES):,f}"
    return f"{sign}{unit}{text}" if len(unit) == 1 else f"{sign}{text} {unit}"
