"""What a model says, read strictly: a plan in form, or nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from promptiq.exact.plans import Operation
from promptiq.language_model.json_text import object_in
from promptiq.language_model.proposals import (
    NoProposal,
    Proposal,
    ProposedFilter,
    ProposedGroup,
    ProposedOrder,
    ProposedStep,
    read_proposal,
)

PLAN = {"operation": "count", "filters": [{"column": "Town", "compare": "=", "value": "Leeds"}]}
TEXT = json.dumps(PLAN)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        f"  {TEXT}\n",
        f"Here is the plan:\n```json\n{TEXT}\n```\nIt counts.",
        f"```\n{TEXT}\n```",
        f"The plan is {TEXT}, I think.",
        f'<think>Maybe {{a: 1}} or {{"b": 2}}?</think>\n{TEXT}',
        f"{{not this}} but {TEXT}",
    ],
)
def test_the_object_is_found_in_what_stands_around_it(text: str) -> None:
    assert object_in(text) == PLAN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "42",
        '"count"',
        f"[{TEXT}]",
        TEXT[:-1],
        "<html><body>Sign in</body></html>",
        "SELECT * FROM data; DROP TABLE data",
        "{" * 100_000,
        '{"a":' * 30_000,
        # A plan that breaks off, whose operand would be a plan of its own.
        f'{{"operation": "difference", "operands": [{TEXT}, ',
        '{"a": NaN}',
        '{"a": Infinity}',
        " " * 10_000_000 + TEXT,
        "\x00\x01",
        '{"n": ' + "9" * 5_000 + "}",
    ],
)
def test_what_holds_no_object(text: str) -> None:
    assert object_in(text) is None


def test_a_whole_proposal() -> None:
    said = object_in(
        json.dumps(
            {
                "table": 2,
                "operation": "group",
                "columns": ["Town"],
                "filters": [
                    {"column": "Opened", "compare": ">=", "value": 1950, "part": "year"},
                    {"column": "Town", "compare": "in", "value": ["Ashford", True, 2.50]},
                    {"column": "Loans", "compare": "not empty"},
                ],
                "order": None,
                "group": {
                    "column": "Town", "measure": "sum", "of": "Loans", "order": "most", "limit": 3,
                    "having": {"compare": ">", "value": 2}, "part": "year", "counted": False,
                },
            }
        )
    )  # fmt: skip
    assert said
    assert read_proposal(said) == Proposal(
        2,
        Operation.GROUP,
        ("Town",),
        (
            ProposedFilter("Opened", ">=", (Decimal(1950),), "year"),
            ProposedFilter("Town", "in", ("Ashford", True, Decimal("2.50"))),
            ProposedFilter("Loans", "not empty"),
        ),
        group=ProposedGroup("Town", "sum", "Loans", "most", 3, ">", Decimal(2), "year", False),
    )


def test_orders_steps_and_operands() -> None:
    order = {"column": "Built", "direction": "desc", "limit": 2, "skip": 1}
    found = read_proposal(
        {"operation": "lookup", "columns": ["Name"], "order": order, "step": {"column": "_row", "by": -1}}
    )
    assert found == Proposal(
        1,
        Operation.LOOKUP,
        ("Name",),
        order=ProposedOrder("Built", True, 2, 1),
        step=ProposedStep("_row", -1),
    )
    found = read_proposal({"operation": "difference", "operands": [PLAN, PLAN]})
    assert found
    assert [each.operation for each in found.operands] == ["count", "count"]


def test_that_there_is_nothing_to_compute() -> None:
    assert read_proposal({"operation": "none"}) is None
    assert read_proposal({"operation": "none", "why": "no such column"}) is None


def changed(**changes: Any) -> dict[str, Any]:
    return {**PLAN, **changes}


def filtered(**condition: Any) -> dict[str, Any]:
    return changed(filters=[{"column": "Town", "compare": "=", "value": "Leeds", **condition}])


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"sql": "SELECT 1"},
        changed(operation="drop"),
        changed(operation=["count"]),
        changed(operation=None),
        changed(operation=1),
        changed(explanation="because"),
        changed(columns="Town"),
        changed(columns=[1]),
        changed(columns=[None]),
        changed(columns=[["Town"]]),
        changed(columns=[""]),
        changed(columns=["a" * 201]),
        changed(columns=["a\0b"]),
        changed(columns=["a"] * 6),
        changed(filters={"column": "Town"}),
        changed(filters=["Town = Leeds"]),
        changed(filters=PLAN["filters"] * 9),
        filtered(compare="LIKE"),
        filtered(compare=None),
        filtered(value=None),
        filtered(value={"a": 1}),
        filtered(value=["Leeds"]),
        filtered(value=""),
        filtered(value=10**30),
        filtered(value=Decimal("1e-30")),
        filtered(value=Decimal("1e999999999")),
        filtered(compare="in"),
        filtered(compare="in", value=[]),
        filtered(compare="in", value=["a"] * 51),
        filtered(compare="empty"),
        filtered(part="week"),
        filtered(other="x"),
        changed(order={"column": "Town"}),
        changed(order={"column": "Town", "direction": "up"}),
        changed(order={"column": "Town", "direction": "asc", "limit": 0}),
        changed(order={"column": "Town", "direction": "asc", "limit": 101}),
        changed(order={"column": "Town", "direction": "asc", "limit": True}),
        changed(order={"column": "Town", "direction": "asc", "limit": "1; DROP"}),
        changed(order={"column": "Town", "direction": "asc", "skip": -1}),
        changed(order=[]),
        changed(step={"column": "Town", "by": 0}),
        changed(step={"column": "Town", "by": 10**9}),
        changed(group={"column": "Town", "measure": "mode"}),
        changed(group={"column": "Town", "having": {"compare": ">", "value": "2"}}),
        changed(group={"column": "Town", "having": {"compare": "in", "value": 2}}),
        changed(group={"column": "Town", "having": {"value": 2}}),
        changed(group={"column": "Town", "having": {"compare": ">"}}),
        changed(group={"column": "Town", "counted": "yes"}),
        changed(group={"column": "Town", "part": "day"}),
        changed(table=0),
        changed(table="1"),
        changed(table=1.5),
        changed(operands=[PLAN, PLAN, PLAN]),
        changed(operands=[{"operation": "difference", "operands": [PLAN, PLAN]}, PLAN]),
        changed(operands=[[], {}]),
    ],
)
def test_what_is_no_proposal(said: dict[str, Any]) -> None:
    with pytest.raises(NoProposal) as reason:
        read_proposal(said)
    assert "Leeds" not in str(reason.value)
    assert "DROP" not in str(reason.value)
