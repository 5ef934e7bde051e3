"""Plans for a figure over a column masked for their reader: permitted or not, and answered with noise."""

from __future__ import annotations

from datasets.storage import local_parquet
from promptiq.exact.database import opened
from promptiq.exact.executor import behind
from promptiq.exact.permission import hidden_columns, protected_column, refused, refused_for_guesses
from promptiq.exact.plans import NotPermitted, Operation, Plan, Result, Schema
from promptiq.exact.sql import Writer
from promptiq.exact.wording import in_words
from promptiq.protection.figures import Kind, Selection, Withheld, protected_figure
from promptiq.sources import Source

KINDS = {Operation.SUM: Kind.SUM, Operation.AVERAGE: Kind.AVERAGE}
_ONE_COLUMN = "Figures on {} are told of this column alone."


def protects(plan: Plan, schema: Schema, source: Source) -> bool:
    """Whether the plan needs a figure over a column that its reader may not see."""
    return protected_column(plan, _hidden(schema, source)) is not None


def protected_result(plan: Plan, schema: Schema, source: Source) -> Result | NotPermitted:
    """The figure with noise, and what it covers. The result does not affect the plan's confidence.

    Raises TooSlow, Uncomputable.
    """
    hidden = _hidden(schema, source)
    if no := refused(plan, hidden) or refused_for_guesses(plan, source.access):
        return no
    column = protected_column(plan, hidden)
    assert column is not None  # noqa: S101 - the caller has asked `protects`
    if len(plan.columns) > 1 or plan.operation not in KINDS:
        return NotPermitted(column, _ONE_COLUMN.format(column))
    parquet, writer = local_parquet(source.version), Writer(schema)
    asked = Selection(column, writer.value(column), writer.selected(plan))
    try:
        figure = protected_figure(source.version, parquet, asked, KINDS[plan.operation])
    except Withheld as withheld:
        return NotPermitted(column, str(withheld))
    with opened(parquet) as database:
        rows, selected = behind(plan, database, writer)
    return Result(
        plan,
        (f"about {figure.text}",),
        rows,
        selected,
        schema.rows,
        schema.rows,
        f"{in_words(plan)}, with noise",
        f"{writer.answer(plan)} -- and noise",
        plan.confidence,
        notes=(figure.note(),),
    )


def _hidden(schema: Schema, source: Source) -> frozenset[str]:
    names = iter([column.name for column in schema.columns])
    return hidden_columns(source.access, names, source.view_pii)
