"""What the model is told to make a plan of."""

from __future__ import annotations

import json

from promptiq.exact.plans import Reading, Role, Schema, SchemaColumn
from promptiq.language_model.proposal_request import MAX_COLUMNS, MAX_NAME, messages

CELL = "a cell that stays here"


def table(columns: int, rows: int = 7, name: str = "column {}") -> Schema:
    return Schema(
        tuple(
            SchemaColumn(
                name.format(n), Reading.TEXT, Role.ENTITY, masked=n % 2 == 1, values=(CELL,), distinct=4321,
                flags=((CELL,), ()),
            )
            for n in range(columns)
        ),
        rows,
    )  # fmt: skip


def told(*schemas: Schema) -> list[dict[str, object]]:
    system, user = messages("Who?", schemas)
    assert (system["role"], user["role"]) == ("system", "user")
    assert CELL not in json.dumps([system, user])
    assert "4321" not in json.dumps([system, user])
    found = json.loads(user["content"])
    assert found["question"] == "Who?"
    tables: list[dict[str, object]] = found["tables"]
    return tables


def test_names_types_and_which_are_masked() -> None:
    assert told(table(2)) == [
        {
            "table": 1,
            "rows": 7,
            "columns": [
                {"name": "column 0", "type": "text", "role": "entity"},
                {"name": "column 1", "type": "text", "role": "entity", "masked": True},
            ],
        }
    ]


def test_wide_tables_are_cut_and_many_are_left_out() -> None:
    (only,) = told(table(MAX_COLUMNS + 50), table(1))
    assert len(only["columns"]) == MAX_COLUMNS  # type: ignore[arg-type]
    assert [each["table"] for each in told(*[table(MAX_COLUMNS // 4)] * 8)] == [1, 2, 3, 4]
    assert told(table(1, name="x" * (MAX_NAME + 1)))[0]["columns"] == []
