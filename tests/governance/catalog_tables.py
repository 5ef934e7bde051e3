"""Tables as the catalog takes them."""

from __future__ import annotations

from datasets.tables.values.column_types import ColumnType
from governance.catalog.contract import CatalogColumn, CatalogTable


def catalog_column(name: str, *tags: str) -> CatalogColumn:
    return CatalogColumn(name, name, ColumnType.STRING, "", tags)


def catalog_table(*columns: CatalogColumn, name: str = "people", schema: str = "owner-1") -> CatalogTable:
    return CatalogTable(schema, name, f"{name}.csv", "Uploaded", "owner", (), columns)
