"""Finds the column that the server meant when it refused a table."""

from __future__ import annotations

import re

from governance.catalog.contract import CatalogColumn, CatalogRefused, CatalogTable


def naming_the_column(refused: CatalogRefused, table: CatalogTable) -> CatalogRefused:
    """The refusal with the column that the server's message is about; unchanged if it names none."""
    column = _column_in(str(refused), table)
    if column is None:
        return refused
    return CatalogRefused(f"Column {column.display_name}: {refused}", refused.answered, column.name)


def _column_in(words: str, table: CatalogTable) -> CatalogColumn | None:
    """By its position, by its name after the word "column", or by the tags mentioned."""
    if place := re.search(r'\["columns"\]->java\.util\.ArrayList\[(\d+)\]', words):
        position = int(place[1])
        return table.columns[position] if position < len(table.columns) else None
    named = [column for column in table.columns if _is_named(words, column.name)]
    if named:
        return max(named, key=lambda column: len(column.name))
    mentioned = [(sum(_mentions(words, tag) for tag in column.tags), column) for column in table.columns]
    most, column = max(mentioned, key=lambda pair: pair[0], default=(0, None))
    return column if most else None


def _is_named(words: str, name: str) -> bool:
    return re.search(rf"\bcolumn (name )?\W?{re.escape(name)}(?!\w)", words, re.IGNORECASE) is not None


def _mentions(words: str, tag: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(tag)}(?!\w)", words) is not None
