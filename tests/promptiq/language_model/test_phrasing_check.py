"""A wording is kept where it holds what was found, and nothing of its own."""

from __future__ import annotations

from typing import Any

import pytest

from promptiq.language_model.phrasing_check import MAX_WORDING, fault

COUNTED = {
    "question": "How many rows have the town Leeds?",
    "computed": "Count of rows where town is Leeds, in staff.",
    "coverage": "Computed over 1,060 of 1,060 rows.",
    "values": ["20"],
}
NAMED = {
    "question": "Which towns lie highest?", "computed": "Town by height", "coverage": "Computed over 9 rows.",
    "values": ["Upper Ham", "Tilling-on-Sea", "Wick"],
}  # fmt: skip
GROUPED = {
    "question": "average pay by town", "computed": "Each town", "coverage": "Over 9 rows.",
    "values": ["Leeds: 1,285.5", "York: -12"],
}  # fmt: skip
YES = {
    "question": "Is there a row in Hull?", "computed": "Whether", "coverage": "Of 9 rows.", "values": ["no"],
}  # fmt: skip
NEAR = {
    "question": "Which row is about a wooden table?",
    "rows": [{"goods": "oak table", "code": "A12", "shop": "oaks.example"}, {"goods": "pine table"}],
}


@pytest.mark.parametrize(
    ("told", "wording"),
    [
        (COUNTED, "There are 20 rows with the town Leeds."),
        (COUNTED, "Twenty of the 1060 rows in staff have the town “Leeds”."),
        (COUNTED, "In Leeds: 20."),
        (NAMED, "The three highest towns are Upper Ham, Tilling-on-Sea and Wick."),
        (GROUPED, "Leeds has an average of 1285.5 and York one of -12."),
        (YES, "No, there is no row in Hull."),
        (NEAR, "One row speaks of an oak table with the code A12; the other of a pine table."),
        (NEAR, "Neither of both rows says so. An oak table is near, of oaks.example."),
    ],
)
def test_what_is_kept(told: dict[str, Any], wording: str) -> None:
    assert fault(wording, told, told.get("values", ())) == ""


@pytest.mark.parametrize(
    ("told", "wording", "why"),
    [
        (COUNTED, "", "empty"),
        (COUNTED, "20 " * MAX_WORDING, "too long"),
        (COUNTED, "There are 21 rows.", "number"),
        (COUNTED, "There are 20 rows, a third of all, or 33%.", "number"),
        (COUNTED, "There are 20 rows and thirty more.", "number"),
        (COUNTED, "There are 20 rows in B7.", "number"),
        (COUNTED, "There are ２１ rows, or 20.", "number"),
        (COUNTED, "There are -20 rows.", "negative"),
        (COUNTED, "There are 20 rows, says Maria.", "name"),
        (COUNTED, "There are 20 rows in 'York'.", "quotes"),
        (COUNTED, "There are 20 rows in «york».", "quotes"),
        (COUNTED, "There are many rows.", "answer"),
        (COUNTED, "There are 20 rows: https://evil.example/?q=20", "link"),
        (COUNTED, "There are 20 rows: //evil.example/20", "address"),
        (COUNTED, "20 rows, see evil.example for more.", "address"),
        (COUNTED, "20 rows ![20](x.png)", "link or markup"),
        (COUNTED, "20 rows [here](x)", "link or markup"),
        (COUNTED, "20 rows <img src=x onerror=alert(1)>", "link or markup"),
        (COUNTED, "20 rows &lt;b&gt; `rm`", "markup"),
        (COUNTED, "20 rows {{ settings.SECRET_KEY }}", "markup"),
        (COUNTED, "20\u200b rows", "hidden"),
        (COUNTED, "20 rows \u202egnp.", "hidden"),
        (COUNTED, "20 rows \ue000", "hidden"),
        (COUNTED, "20 rows \x1b[31m", "hidden"),
        (NAMED, "The highest is Upper Ham.", "answer"),
        (GROUPED, "Leeds has an average of 1285.5 and York one of 12.", "answer"),
        (YES, "There is nothing to note.", "answer"),
        (NEAR, "The row speaks of 3 oak tables.", "number"),
    ],
)
def test_what_is_dropped(told: dict[str, Any], wording: str, why: str) -> None:
    found = fault(wording, told, told.get("values", ()))
    assert why in found
    assert not set(found.split()) & {"Maria.", "York", "evil.example", "21"}


def test_of_many_values_the_first_is_enough() -> None:
    values = [f"name{n}" for n in range(30)]
    told = {**NAMED, "values": values[:20], "number of values": 30}
    assert fault("There are 40 names, such as name0.", told, values) == "it holds a number that was not found"
    assert fault("There are 30, such as name0.", told, values) == ""
    assert fault("There are many, such as name1.", told, values) == "it does not hold the answer"
