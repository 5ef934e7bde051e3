"""Plans that are nearly as likely, and the one answer that comes of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from governance.policies import Access, IndexTreatment, Rule, effective
from promptiq.exact import NotPermitted, Plan, Result, describe, plan, settle
from promptiq.exact.plans import Compare, Filter, Likelihood, Operation
from promptiq.exact.settling import MANY_ROWS
from tests.promptiq.exact.tables import TABLES, open_schema, written

OPEN = Access(())


def likely(plan: Plan, share: float) -> Plan:
    said = "how many lighthouses are there in wales"
    return replace(plan, confidence=share, likelihood=Likelihood(share, "count", said, 0.0))


WALES = likely(Plan(Operation.COUNT, (), (Filter("Country", Compare.IS, ("Wales",)),)), 0.4)
NOWHERE = likely(Plan(Operation.LOOKUP, ("Name",), (Filter("Country", Compare.IS, ("Peru",)),)), 0.5)
DATES = likely(Plan(Operation.SUM, ("Location",)), 0.6)


@pytest.fixture
def lighthouses(tmp_path: Path) -> Path:
    return written(tmp_path, "lighthouses", TABLES["lighthouses"])


def test_a_plan_that_finds_nothing_gives_way(lighthouses: Path) -> None:
    schema = open_schema(lighthouses)
    result = settle(replace(NOWHERE, others=(WALES,)), schema, lighthouses, OPEN, view_pii=True)
    assert isinstance(result, Result)
    assert (result.values, result.made) == (("2",), WALES)


def test_a_plan_that_cannot_be_computed_gives_way(lighthouses: Path) -> None:
    schema = open_schema(lighthouses)
    result = settle(replace(DATES, others=(WALES,)), schema, lighthouses, OPEN, view_pii=True)
    assert isinstance(result, Result)
    assert result.made == WALES
    assert settle(DATES, schema, lighthouses, OPEN, view_pii=True) is None


def confidence(plan: Plan, lighthouses: Path) -> float:
    result = settle(plan, open_schema(lighthouses), lighthouses, OPEN, view_pii=True)
    assert isinstance(result, Result)
    return result.confidence


def test_plans_with_one_result_make_it_surer(lighthouses: Path) -> None:
    ports = likely(Plan(Operation.COUNT, (), (Filter("Location", Compare.IS, ("Port Ash",)),)), 0.3)
    assert confidence(replace(WALES, others=(ports,)), lighthouses) > confidence(WALES, lighthouses)


def test_what_the_question_asks_beyond_the_plan_takes_confidence_away(lighthouses: Path) -> None:
    assert WALES.likelihood is not None
    doubtful = replace(WALES, likelihood=replace(WALES.likelihood, kept=0.5))
    assert confidence(doubtful, lighthouses) == pytest.approx(confidence(WALES, lighthouses) / 2)


def test_what_speaks_for_a_plan_speaks_for_its_result(lighthouses: Path) -> None:
    assert WALES.likelihood is not None
    trusted = replace(WALES, likelihood=replace(WALES.likelihood, trust=1.0))
    assert confidence(trusted, lighthouses) > confidence(WALES, lighthouses)


def test_a_refusal_stands_and_masked_columns_are_tried_only_where_they_are_meant(tmp_path: Path) -> None:
    staff = written(tmp_path, "staff", TABLES["staff"])
    names = ("Employee", "Department", "Job title", "Office", "Hired", "Holiday left", "Remote")
    tags = dict.fromkeys(names, ()) | {"Salary": ("PII.Sensitive",)}
    access = effective(tags, [Rule("PII.Sensitive", IndexTreatment.LEAVE_OUT, True, None, "")])
    schema = describe(staff, access)
    salaries = likely(Plan(Operation.LOOKUP, ("Salary",), (Filter("Hired", Compare.EQUAL, ("2016",)),)), 0.5)
    offices = likely(Plan(Operation.LOOKUP, ("Office",), (Filter("Hired", Compare.EQUAL, ("2016",)),)), 0.4)
    refused = settle(replace(salaries, others=(offices,)), schema, staff, access)
    assert isinstance(refused, NotPermitted)
    assert refused.column == "Salary"
    answered = settle(replace(offices, others=(salaries,)), schema, staff, access)
    assert isinstance(answered, Result)
    assert answered.values == ("Bristol",)


def test_large_tables_are_computed_over_once(lighthouses: Path) -> None:
    schema = replace(open_schema(lighthouses), rows=MANY_ROWS + 1)
    result = settle(replace(NOWHERE, others=(WALES,)), schema, lighthouses, OPEN, view_pii=True)
    assert isinstance(result, Result)
    assert result.values == ()


def test_customers_of_orders_are_counted_beside_the_rows(tmp_path: Path) -> None:
    orders = written(tmp_path, "orders", TABLES["orders"])
    made = plan("How many customers are in Leeds?", open_schema(orders))
    assert isinstance(made, Plan)
    assert made.filters == (Filter("city", Compare.IS, ("Leeds",)),)
    assert made.also == Plan(Operation.COUNT, ("customer",), made.filters)
    for question in ("How many orders are from Leeds?", "How many different products were ordered?"):
        made = plan(question, open_schema(orders))
        assert isinstance(made, Plan)
        assert made.also is None or made.also.columns == ("order_id",)
