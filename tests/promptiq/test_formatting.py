"""Figures as people write them."""

from __future__ import annotations

import pytest

from promptiq.formatting import DAYS, SECONDS, places_of, rounded, written


@pytest.mark.parametrize(
    ("figure", "unit", "text"),
    [
        ("12345", "", "12,345"),
        ("-1234567.25", "", "-1,234,567.25"),
        ("24194.6", "GBP", "£24,194.60"),
        ("-3", "EUR", "-€3.00"),
        ("500", "JPY", "¥500"),
        ("1204.5", "$", "$1,204.50"),
        ("7", "kr", "7.00 kr"),
        ("29", "%", "29%"),
        ("1204", DAYS, "1,204 days"),
        ("127200.5", SECONDS, "35:20:00.5"),
        ("North", "GBP", "North"),
        ("NaN", "", "NaN"),
    ],
)
def test_thousands_are_set_apart_and_units_stand_with_their_figure(figure: str, unit: str, text: str) -> None:
    assert written(figure, unit) == text


@pytest.mark.parametrize(
    ("figure", "text"),
    [("743.5824667", "743.58"), ("0.0012345", "0.00123"), ("8.0", "8.0"), ("-0.5", "-0.5"), ("West", "West")],
)
def test_what_was_divided_is_rounded_to_what_people_read(figure: str, text: str) -> None:
    assert rounded(figure) == text


def test_figures_of_one_answer_have_the_same_places() -> None:
    assert places_of(["1", "2.5", "3.125", "West"]) == 2
    assert [written(figure, places=1) for figure in ("1", "2.5")] == ["1.0", "2.5"]
    assert places_of([]) == 0
