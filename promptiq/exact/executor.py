"""Runs a plan over a version's Parquet file, for one reader."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from governance.policies import Access
from governance.redacting.redaction import redact
from promptiq.exact.database import DEADLINE, Database, opened
from promptiq.exact.numbers import plain
from promptiq.exact.permission import (
    hidden_columns,
    redacted_kinds,
    refused,
    refused_for_guesses,
    refused_without_noise,
)
from promptiq.exact.plans import NotPermitted, Operation, Plan, Result, Schema
from promptiq.exact.series import series_of
from promptiq.exact.sql import MAX_ROWS, Writer
from promptiq.exact.wording import in_words

# Factors for the confidence in a plan: people rarely ask for a count that is zero, and rarely get several
# values when they ask for one.
NOTHING_FOUND = 0.5
TOO_MANY = 0.5


def run(
    plan: Plan,
    schema: Schema,
    parquet: Path,
    access: Access,
    view_pii: bool = False,
    deadline: float = DEADLINE,
    *,
    with_rows: bool = True,
) -> Result | NotPermitted:
    """The answer, with what it covers. `deadline`: seconds per query. `with_rows`: whether to find the rows
    behind it; otherwise there are none, and `selected` is 0. Raises TooSlow, Uncomputable.
    """
    with opened(parquet, deadline) as database:
        return run_on(database, plan, schema, access, view_pii, with_rows=with_rows)


def run_on(
    database: Database,
    plan: Plan,
    schema: Schema,
    access: Access,
    view_pii: bool,
    *,
    with_rows: bool = True,
) -> Result | NotPermitted:
    """The same over an opened table."""
    hidden = hidden_columns(access, iter([column.name for column in schema.columns]), view_pii)
    if no := refused(plan, hidden) or (None if view_pii else refused_for_guesses(plan, access)):
        return no
    if no := refused_without_noise(plan, hidden):
        return no
    writer = Writer(schema)
    sql = writer.answer(plan)
    kept_back = redacted_kinds(plan, access, view_pii)
    found = database.rows(sql)
    shown = tuple(redact(value, kept_back) for value in values_of(plan, found))
    if plan.operation is not Operation.SEVERAL:
        # Equally masked cells count as one value, so that their number is not revealed.
        shown = tuple(dict.fromkeys(shown))
    rows, selected = behind(plan, database, writer) if with_rows else ((), 0)
    confidence = plan.confidence * _credit(plan, shown, selected)
    series = series_of(plan, found, lambda value: _redacted(as_text(value), kept_back))
    return Result(
        plan, shown, rows, selected, schema.rows, schema.rows, in_words(plan), sql, confidence, series
    )


def _redacted(text: str | None, kinds: frozenset[str]) -> str | None:
    return None if text is None else redact(text, kinds)


def values_of(plan: Plan, rows: Sequence[tuple[Any, ...]]) -> tuple[str, ...]:
    """The values in the rows of `Writer.answer`, for people, each once."""
    if plan.operation is Operation.SEVERAL:
        told = ((each, value) for row in rows for each, value in zip(plan.operands, row, strict=True))
        return tuple(text for each, value in told if (text := _said(each, value)) is not None)
    if plan.operation is Operation.LOOKUP and len(rows) == 1 and len(rows[0]) > 1:
        return tuple(text for value in rows[0][1:] if (text := as_text(value)) is not None)
    values = (text for row in rows if (text := _shown(plan, row)) is not None)
    return tuple(dict.fromkeys(_left(value, plan.without) for value in values))


def _credit(plan: Plan, values: tuple[str, ...], selected: int) -> float:
    """The factor for a plan's confidence once its answer is known: people ask about things that exist, and
    about one thing if they speak of one.
    """
    if not selected:
        return NOTHING_FOUND
    lists = plan.operation in (Operation.LOOKUP, Operation.GROUP)
    # Several groups are equally good.
    if plan.group and (plan.group.figures or plan.group.part or plan.group.order):
        return 1.0
    return TOO_MANY if lists and len(values) > 1 and not plan.several else 1.0


def _said(plan: Plan, value: Any) -> str | None:
    if isinstance(value, bool):
        return plan.says[0] if value else plan.says[1]
    return as_text(value)


def _shown(plan: Plan, row: tuple[Any, ...]) -> str | None:
    """One value of the answer: a figure, a cell, or a group with its figure, such as "Ashford: 70.5"."""
    if len(row) == 1 and isinstance(row[0], bool):
        return _said(plan, row[0])
    texts = [as_text(value) for value in (row[:1] if plan.operation is Operation.LOOKUP else row)]
    if None in texts:
        return None
    if plan.group and plan.group.order and len(texts) == 2 and is_number(texts[0] or ""):
        # "2024: 196" would look like a time or a ratio.
        return texts[0]
    percent = plan.operation in (Operation.SHARE, Operation.PERCENT, Operation.GROWTH) or (
        plan.group and plan.group.measure in ("share", "rate")
    )
    return ": ".join(text for text in texts if text) + ("%" if percent and texts else "")


def behind(plan: Plan, database: Database, writer: Writer) -> tuple[tuple[int, ...], int]:
    """The rows that the plan selects, and their number. For a difference, the rows of both sides."""
    parts = plan.operands or (plan,)
    rows = " UNION ".join(f"SELECT _row FROM ({writer.selected(part)})" for part in parts)
    count, first = database.rows(f"SELECT count(*), min(_row, {MAX_ROWS}) FROM ({rows})")[0]
    return tuple(first or ()), int(count)


def as_text(value: Any) -> str | None:
    """A value of DuckDB for people; None for null."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        # Ten significant digits: further digits come from binary fractions only.
        return plain(Decimal(f"{value:.10g}"))
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, datetime.date | datetime.datetime):
        return value.isoformat()
    return str(value)


def is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()


def _left(value: str, without: str) -> str:
    """The rest of a cell after the part named in the question: "Calgary" of "Canada, Calgary"."""
    parts = [part.strip() for part in value.split(",")]
    left = [part for part in parts if part.casefold() != without.casefold()]
    return ", ".join(left) if without and left and len(left) < len(parts) else value
