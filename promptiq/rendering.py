"""A row as the text that is embedded. What a policy keeps out of the index never enters that text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.policies import Access, IndexTreatment

# Longer cells say no more about what a row is about (characters).
CELL_CHARACTERS = 300


def indexed_columns(access: Access) -> list[str]:
    """Names of the columns whose values may shape the index, in the table's order."""
    return [column.column for column in access.columns if column.index is IndexTreatment.INDEX]


def render(row: Mapping[str, Any]) -> str:
    """`name value, name value …` of the given cells, without empty ones; "" where nothing is left.

    The caller passes the columns of `indexed_columns` and no others.
    """
    return ", ".join(f"{name} {_text(value)}" for name, value in row.items() if value is not None)


def _text(value: Any) -> str:
    return str(value)[:CELL_CHARACTERS]
