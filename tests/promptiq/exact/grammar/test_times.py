"""Times that rows are chosen by, and which of a table's dates they are of."""

from datetime import date

import pytest

from promptiq.exact import Ambiguous, Plan, plan
from tests.promptiq.exact.asking import planned, table, values


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many orders were placed in March 2024?", "2"),
        ("how many orders were placed between 2024-01-09 and 2024-02-14?", "4"),
        ("how many orders between 9 January and 14 February 2024?", "4"),
        ("how many orders were placed between 5 and 22 January 2024?", "3"),
        ("how many orders before 2 February 2024?", "3"),
        ("how many orders after 2 February 2024?", "8"),
        ("how many orders on or after 2 February 2024?", "9"),
        ("how many orders since April 2024?", "4"),
        ("how many orders in Q1 2024?", "8"),
        ("how many orders in the first half of 2024?", "12"),
        ("how many orders in the first week of January 2024?", "1"),
        ("how many orders from 1 March 2024 to 11 April 2024?", "4"),
    ],
)
def test_ranges_of_days(question: str, expected: str) -> None:
    assert values("orders", question) == (expected,)


def test_a_verb_says_which_date_is_meant() -> None:
    assert values("subscribers", "how many members joined in 2021?") == ("3",)
    assert values("subscribers", "how many members had their last visit in 2023?") == ("2",)


def test_of_dates_that_fit_alike_it_is_asked_which_one_is_meant() -> None:
    text = "bed,sown,picked,kilos\n" + "\n".join(f"b{n},2024-0{n}-01,2024-0{n}-20,{n}" for n in range(1, 8))
    assert isinstance(planned("beds", "kilos per month", text), Ambiguous)
    assert isinstance(planned("beds", "kilos picked per month", text), Plan)


def test_of_several_years_that_have_a_month_it_is_asked_which_one_is_meant() -> None:
    text = "id,day,sum\n1,2024-03-01,4\n2,2025-03-02,5\n3,2025-04-02,6\n4,2025-05-02,6\n5,2025-06-02,6\n"
    made = planned("days", "how many rows in March?", text)
    assert isinstance(made, Ambiguous)
    assert len(made.plans) == 2
    assert isinstance(planned("days", "how many rows in April?", text), Plan)


def test_relative_times_are_said_as_of_a_day() -> None:
    schema, _ = table("orders")
    made = plan("how many orders last month?", schema, today=date(2024, 3, 9))
    assert isinstance(made, Plan)
    assert [each.values for each in made.filters] == [("2024-02-01",), ("2024-03-01",)]
    assert made.read_as == ("“last month” is said as of 2024-03-09.",)


def test_days_between_two_dates() -> None:
    text = "order,ordered,shipped\n" + "\n".join(f"o{n},2024-01-0{n},2024-01-1{n}" for n in range(1, 8))
    assert values("orders", "average days between ordered and shipped", text) == ("10",)
