"""Asking a question of one of the small tables, by the grammar alone, as somebody who may see every value."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from governance.policies import Access
from promptiq.exact import Ambiguous, Plan, Result, Schema, Unread, explained, follow, looked_up, run
from tests.promptiq.exact.tables import TABLES, open_schema, written


@cache
def table(name: str, text: str = "") -> tuple[Schema, Path]:
    """One of `TABLES`, or another by its text; called as its file."""
    parquet = written(Path(mkdtemp()), name, text or TABLES[name])
    return replace(open_schema(parquet), title=name), parquet


def planned(name: str, question: str, text: str = "") -> Plan | Ambiguous | Unread | None:
    schema, parquet = table(name, text)
    return explained(question, looked_up(schema, question, parquet)).plan


def values(name: str, question: str, text: str = "", before: str = "") -> tuple[str, ...]:
    """What is answered; fails where nothing is."""
    schema, parquet = table(name, text)
    made = planned(name, before or question, text)
    if before:
        assert isinstance(made, Plan)
        made = follow(question, made, schema)
    assert isinstance(made, Plan), made
    result = run(made, schema, parquet, Access(()), view_pii=True)
    assert isinstance(result, Result)
    return result.values


def unread(name: str, question: str, text: str = "") -> tuple[str, ...]:
    """The words that are not understood."""
    made = planned(name, question, text)
    assert isinstance(made, Unread), made
    return made.words
