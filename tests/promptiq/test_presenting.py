"""Answers as people use them: a sentence with figure, unit and share, and the columns that matter."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from datasets.models import Dataset
from promptiq.ask import Answer, ask
from tests.promptiq.shop import orders, share, shop

# Sums of the totals: all 4,882.50; North 1,732.50 (3, 6, … 30), South 1,522.50, West 1,627.50.
TOLD = {
    "How many orders are there?": ("30", "30 rows."),
    "How many orders are from North?": ("10", "10 of 30 rows, 33.33%."),
    "What is the sum of total?": ("£4,882.50", "Sum of total: £4,882.50."),
    "What is the average total?": ("£162.75", "Average of total: £162.75."),
    "What is the average discount?": ("10%", "Average of discount: 10%."),
    "What percent of the orders are from North?": ("33.33%", "33.33%: 10 of 30 rows."),
    "Which order has the highest total?": ("SO-30", "SO-30 has the greatest total: £315.00."),
    "What is the difference between the sum of total of North and South?": (
        "£210.00",
        "£210.00: sum of total where region is North £1,732.50 against sum of total where region is South "
        "£1,522.50.",
    ),
    "Which region has the highest sum of total?": (
        "North", "North has the greatest sum of total: £1,732.50, 35% of the total.",
    ),
    "What is the sum of total by region?": (
        "", "Highest: North (£1,732.50, 35% of the total). Lowest: South (£1,522.50, 31% of the total).",
    ),
    "Is the total normally distributed?": (
        "Normal", "Normal. P-value of total under D'Agostino and Pearson's test of normality: 0.0666.",
    ),
    "Are there any outliers in the total column? If so, how many?": (
        "0",
        "Count of rows whose total is more than 1.5 times the range between the quartiles outside of them: "
        "0.",
    ),
    "What is the average total by region?": ("", "Highest: North (£173.25). Lowest: South (£152.25)."),
}  # fmt: skip


@pytest.fixture
def dataset(owner: User) -> Dataset:
    return shop(owner)


@pytest.mark.parametrize("question", TOLD)
def test_a_sentence_has_figure_unit_and_share(owner: User, dataset: Dataset, question: str) -> None:
    answer = ask(question, owner, dataset)
    assert (answer.headline, answer.answer) == TOLD[question]


def told(user: User, dataset: Dataset, question: str) -> Answer:
    answer = ask(question, user, dataset)
    assert answer.kind == "exact"
    return answer


def test_the_best_is_shown_among_the_others(owner: User, dataset: Dataset) -> None:
    answer = told(owner, dataset, "Which region has the highest sum of total?")
    assert answer.series is not None
    assert answer.series.unit == "GBP"
    assert [point.label for point in answer.series.points] == ["North", "West", "South"]
    # Programs read what was computed as before.
    assert answer.values == ("North: 1732.5",)


def test_those_that_share_the_first_place_are_all_named(owner: User) -> None:
    answer = told(owner, shop(owner), "Which region has the most orders?")
    assert answer.answer == "South and West and North have the most rows: 10 each."


def test_a_share_counts_rows_in_no_group(owner: User) -> None:
    rows = [(*row[:2], None if row[0] in ("SO-3", "SO-4") else row[2], *row[3:]) for row in orders()]
    answer = told(owner, shop(owner, rows), "Which region has the most orders?")
    assert answer.answer == "West has the most rows: 10, 33% of the total."


def test_rows_without_the_figure_are_told(owner: User, dataset: Dataset) -> None:
    answer = told(owner, dataset, "What is the average discount?")
    assert answer.coverage == "Computed over 30 of 30 rows. 6 rows without discount left out."


def test_what_is_used_comes_with_what_names_the_rows(owner: User, colleague: User, dataset: Dataset) -> None:
    question = "How many orders are from North?"
    assert told(owner, dataset, question).columns == ("order", "region")
    assert told(share(dataset, colleague), dataset, question).columns == ("order", "region")
    assert told(owner, dataset, "How many orders are there?").columns == ()


def test_a_list_has_its_count(owner: User, dataset: Dataset) -> None:
    answer = told(owner, dataset, "List the orders with a total over 250")
    assert answer.is_list
    assert answer.answer == "7 rows. order: SO-24, SO-25, SO-26, SO-27, SO-28, SO-29, SO-30."
