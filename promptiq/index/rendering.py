"""Renders a row as the text to embed. Values that a policy keeps out of the index are not in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.policies import Access, IndexTreatment

# Cells are cut here: more text says no more about a row (characters).
CELL_CHARACTERS = 300


# Replaces a masked cell. A model reads a word better than dots.
MASKED = "masked"


def indexed_columns(access: Access) -> list[str]:
    """Names of the columns whose values may shape the index, in the table's order."""
    return [column.column for column in access.columns if column.index is IndexTreatment.INDEX]


def masked_columns(access: Access) -> list[str]:
    """Names of the columns whose name enters the index, but none of their values."""
    return [column.column for column in access.columns if column.index is IndexTreatment.MASK]


def render(row: Mapping[str, Any], masked: Sequence[str] = ()) -> str:
    """`name value, name value …` of the given cells, without empty ones, then each masked column's name.

    "" where no cell is left: a row of nothing but masks is not worth a vector. The caller passes the cells of
    `indexed_columns` and no others.
    """
    parts = [f"{name} {_text(value)}" for name, value in row.items() if value is not None]
    return ", ".join([*parts, *(f"{name} {MASKED}" for name in masked)]) if parts else ""


def _text(value: Any) -> str:
    return str(value)[:CELL_CHARACTERS]
