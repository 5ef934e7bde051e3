"""Where bars, lines and their texts stand."""

from __future__ import annotations

import itertools
from typing import Literal

import pytest

from promptiq.exact.plans import Point, Series
from promptiq.web import charts

Kind = Literal["bars", "line", "share"]


def series(kind: Kind, *points: tuple[str, str], unit: str = "") -> Series:
    return Series(kind, unit, tuple(Point(label, figure) for label, figure in points))


def test_bars_begin_at_zero() -> None:
    found = charts.bars(series("bars", ("a", "30"), ("b", "-10"), ("c", "0")))
    assert [(bar.start, bar.width) for bar in found] == [
        ("25.00%", "75.00%"), ("0.00%", "25.00%"), ("25.00%", "0.00%"),
    ]  # fmt: skip


def test_bars_of_nothing_have_no_width() -> None:
    assert [bar.width for bar in charts.bars(series("bars", ("a", "0"), ("b", "0")))] == ["0.00%", "0.00%"]


def test_moments_stand_where_they_are_in_time() -> None:
    dots = charts.line(series("line", ("2000", "1"), ("2001", "2"), ("2010", "3"))).dots
    places = [float(dot.x[:-1]) for dot in dots]
    assert places[0] == charts.LEFT
    assert places[2] == charts.RIGHT
    assert places[1] - places[0] == pytest.approx((charts.RIGHT - charts.LEFT) / 10, abs=0.1)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ("0", "3"),
        ("-7", "12"),
        ("1000000", "1000003"),
        ("5", "5"),
        ("0", "0"),
        ("-3", "-1"),
        ("0.001", "0.002"),
    ],
)
def test_every_dot_is_inside(low: str, high: str) -> None:
    line = charts.line(series("line", ("2000", low), ("2001", high)))
    marks = [float(mark.place) for mark in line.beside]
    assert len(marks) >= 2
    assert all(charts.TOP - 0.1 <= float(dot.y) <= charts.BOTTOM + 0.1 for dot in line.dots)
    assert all(charts.TOP - 0.1 <= mark <= charts.BOTTOM + 0.1 for mark in marks)


def test_moments_below_do_not_run_into_each_other() -> None:
    months = [(f"{2010 + n // 12}-{n % 12 + 1:02d}", str(n)) for n in range(120)]
    line = charts.line(series("line", *months))
    places = [float(mark.place[:-1]) for mark in line.below]
    assert (line.below[0].text, line.below[-1].text) == ("2010-01", "2019-12")
    assert all(after - before >= charts.ROOM for before, after in itertools.pairwise(places))
    assert len(line.pieces) == 119


def test_figures_of_one_chart_are_written_alike() -> None:
    found = charts.bars(series("bars", ("a", "1234.5"), ("b", "10"), unit="GBP"), "b")
    assert [(bar.figure, bar.is_best) for bar in found] == [("£1,234.50", False), ("£10.00", True)]
    beside = charts.line(series("line", ("2019", "1000"), ("2020", "0"), unit="GBP")).beside
    assert (beside[0].text, beside[-1].text) == ("£0", "£1,000")
