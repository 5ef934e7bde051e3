"""Figures that belong side by side: which answers have them, in which order, as what."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.policies import Access
from promptiq.exact import Plan, Result, Series, plan, run
from promptiq.exact.series import moment_of
from tests.promptiq.exact.tables import open_schema, written

SALES = (
    "Town,Year,Day,Amount\n"
    "Leeds,2021,2021-03-05,10\nYork,2019,2019-01-02,4\nLeeds,2020,2020-07-01,1\n"
    "Hull,2021,2021-03-09,5\nHull,2019,2019-12-31,3.5\nYork,2021,2021-11-11,20\n"
)


@pytest.fixture
def sales(tmp_path: Path) -> Path:
    return written(tmp_path, "sales", SALES)


def series(parquet: Path, question: str) -> Series | None:
    schema = open_schema(parquet)
    made = plan(question, schema)
    assert isinstance(made, Plan), made
    result = run(made, schema, parquet, Access(()), view_pii=True)
    assert isinstance(result, Result)
    return result.series


def pairs(found: Series | None) -> list[tuple[str, str]]:
    assert found is not None
    return [(point.label, point.figure) for point in found.points]


def test_groups_are_bars_the_greatest_first(sales: Path) -> None:
    found = series(sales, "What is the total amount by town?")
    assert found is not None
    assert (found.kind, found.unit) == ("bars", "")
    assert pairs(found) == [("York", "24"), ("Leeds", "11"), ("Hull", "8.5")]


def test_years_and_months_follow_each_other(sales: Path) -> None:
    found = series(sales, "What is the total amount by year?")
    assert found is not None
    assert found.kind == "line"
    assert pairs(found) == [("2019", "7.5"), ("2020", "1"), ("2021", "35")]
    months = series(sales, "What is the total amount by month?")
    assert [label for label, _ in pairs(months)] == ["2019-01", "2019-12", "2020-07", "2021-03", "2021-11"]


def test_a_share_is_a_part_of_a_hundred(sales: Path) -> None:
    found = series(sales, "What percent of the rows are in Leeds?")
    assert found is not None
    assert (found.kind, found.unit, pairs(found)) == ("share", "%", [("", "33.3333")])
    groups = series(sales, "What share of the rows is in each town?")
    assert groups is not None
    assert (groups.kind, groups.unit) == ("bars", "%")


@pytest.mark.parametrize("question", ["How many rows are there?", "Which town has the highest amount?"])
def test_one_figure_and_names_have_none(sales: Path, question: str) -> None:
    assert series(sales, question) is None


@pytest.mark.parametrize(
    ("earlier", "later"),
    [("1998", "1999"), ("1998–99", "1999–00"), ("2024-03", "2024-11"), ("2024-03-09", "2024-03-10"),
     ("5 March 1998", "4 April 1998")],
)  # fmt: skip
def test_moments_have_a_place_in_time(earlier: str, later: str) -> None:
    before, after = moment_of(earlier), moment_of(later)
    assert before is not None
    assert after is not None
    assert before < after


@pytest.mark.parametrize("label", ["Leeds", "", "12", "20245", "2024-13", "3.14", "x 2024-01"])
def test_what_is_no_moment(label: str) -> None:
    assert moment_of(label) is None
