"""Renders a row as the text to embed. Values that a policy keeps out of the index are left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from datasets.tables.values.clocks import clock_text
from governance.policies import Access, IndexTreatment

# Longer cells are cut: more text adds nothing to the meaning of a row (characters).
CELL_CHARACTERS = 300


# Replaces a masked cell. A model understands a word better than dots.
MASKED = "masked"


def indexed_columns(access: Access) -> list[str]:
    """Names of the columns whose values enter the index, in the table's order."""
    return [column.column for column in access.columns if column.index is IndexTreatment.INDEX]


def masked_columns(access: Access) -> list[str]:
    """Names of the columns whose name enters the index, but none of their values."""
    return [column.column for column in access.columns if column.index is IndexTreatment.MASK]


def render(row: Mapping[str, Any], masked: Sequence[str] = ()) -> str:
    """`name value, name value …` of the given cells, without empty ones, then each masked column's name.

    "" if no cell is left: a row of masks only is not worth a vector. The caller passes the cells of
    `indexed_columns` only.
    """
    parts = [f"{name} {_text(value)}" for name, value in row.items() if value is not None]
    return ", ".join([*parts, *(f"{name} {MASKED}" for name in masked)]) if parts else ""


def _text(value: Any) -> str:
    text = clock_text(value) if isinstance(value, time | timedelta) else str(value)
    return text[:CELL_CHARACTERS]
