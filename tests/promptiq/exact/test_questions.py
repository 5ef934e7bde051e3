"""Families of questions, each over tables of other topics: from the words to the answer."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from governance.policies import Access
from promptiq.evaluation.question_sets import read_questions
from promptiq.evaluation.scoring import Asked, is_right
from promptiq.exact import THRESHOLD, Ambiguous, Plan, Result, Schema, plan, settle
from promptiq.exact.plans import Operation
from tests.promptiq.exact.tables import QUESTIONS, TABLES, open_schema, written


@cache
def table(name: str, folder: Path) -> tuple[Schema, Path]:
    parquet = written(folder, name, TABLES[name])
    return open_schema(parquet), parquet


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


def answer(name: str, question: str, shelf: Path) -> tuple[str, ...] | Plan | Ambiguous | None:
    schema, parquet = table(name, shelf)
    made = plan(question, schema)
    if not isinstance(made, Plan):
        return made
    result = settle(made, schema, parquet, Access(()), view_pii=True)
    if result is None:
        return None
    assert isinstance(result, Result)
    return result.values if result.confidence >= THRESHOLD else None


ASKED = read_questions(QUESTIONS / "qa.csv")


@pytest.mark.parametrize("asked", ASKED, ids=[each.question for each in ASKED])
def test_the_answer_is_computed(asked: Asked, shelf: Path) -> None:
    said = answer(asked.table.removesuffix(".csv"), asked.question, shelf)
    assert isinstance(said, tuple), said
    assert is_right(said, asked.answers), said


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("lighthouses", "who painted the doors of the keeper's cottage?"),
        ("libraries", "which branch manager was born in Lisbon?"),
        ("chess", "what is the weather like today?"),
        ("receipts", "why did flour become dearer?"),
        ("matches", "who scored the winning goal against Exeter in extra time?"),
        ("plays", "hello"),
        # a figure over all rows, or a cell, would answer something else
        ("invoices", "who is the best sales rep?"),
        ("subscribers", "total spent by region"),
        ("subscribers", "what is the correlation between visits and spent?"),
        ("subscribers", "ratio of visits to spent"),
        ("subscribers", "trend of spent"),
        ("subscribers", "spent compared with visits"),
        ("subscribers", "median town"),
        ("subscribers", "average town"),
        ("subscribers", "what percentage of members in Colne complained?"),
        ("subscribers", "number of complaints per town"),
        ("subscribers", "how much do members in Colne weigh on each visit?"),
        ("subscribers", "how much do members in Colne owe?"),
        ("subscribers", "how many overdue members are there?"),
        ("subscribers", "how many members were there in 2023?"),
    ],
)
def test_what_the_table_does_not_say_is_not_answered(name: str, question: str, shelf: Path) -> None:
    assert answer(name, question, shelf) is None


@pytest.mark.parametrize("question", ["which month had the highest net amount?", "net amount per month"])
def test_of_several_dates_it_is_asked_which_one_is_meant(question: str, shelf: Path) -> None:
    asked = answer("invoices", question, shelf)
    assert isinstance(asked, Ambiguous)
    assert [each.columns for each in asked.plans] == [("issued",), ("due",)]
    named = answer("invoices", f"{question.rstrip('?')} by due date", shelf)
    assert not isinstance(named, Ambiguous)


def test_the_name_of_the_dataset_stands_for_its_rows(shelf: Path) -> None:
    schema, _ = table("invoices", shelf)
    question = "how many bills are there?"
    counts = Plan(Operation.COUNT)
    unnamed, named = plan(question, schema), plan(question, replace(schema, title="acme_bills_2025"))
    assert isinstance(named, Plan)
    assert (named, named.confidence >= THRESHOLD) == (counts, True)
    assert not isinstance(unnamed, Plan) or unnamed.confidence < THRESHOLD


def test_a_thousand_may_be_a_letter(shelf: Path) -> None:
    assert answer("staff", "how many employees have a salary over 50k?", shelf) == answer(
        "staff", "how many employees have a salary over 50000?", shelf
    )
