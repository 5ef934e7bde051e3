"""Finds the cells that a proposal's words mean, despite other spelling or incomplete names."""

from __future__ import annotations

from pathlib import Path

from promptiq.exact.lexicon import english
from promptiq.exact.plans import Schema, SchemaColumn
from promptiq.exact.reading.cells import cells_called
from promptiq.exact.reading.question import corrected
from promptiq.exact.schema import looked_up
from promptiq.exact.words import key, tokens
from promptiq.language_model.proposed_filters import FindCells

# How well a name has to match, 0–1. One of three words of a cell gives 0.54, one of six 0.48.
SURE = 0.5


def finder(schema: Schema, parquet: Path) -> FindCells:
    """Searches only cells of columns that are not masked."""

    def find(column: SchemaColumn, text: str) -> tuple[str, ...]:
        if column.masked:
            return ()
        return _linked(column, text, schema) if column.complete else _queried(column, text, schema, parquet)

    return find


def _linked(column: SchemaColumn, text: str, schema: Schema) -> tuple[str, ...]:
    """By our own matching of questions with cells. All words must name the cell."""
    words, _ = corrected(tokens(text), schema, english())
    for choice in cells_called(words, schema, english()):
        if choice.column == column.name and choice.score >= SURE:
            return choice.cells
    return ()


def _queried(column: SchemaColumn, text: str, schema: Schema, parquet: Path) -> tuple[str, ...]:
    """For a column whose values the schema does not keep: cells equal to the text, ignoring case. Raises
    TooSlow.
    """
    wanted = key(text)
    found = looked_up(schema, text, parquet).get(column.name).values
    return tuple(cell for cell in found if key(cell) == wanted)
