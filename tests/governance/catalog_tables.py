"""Tables as the catalog takes them."""

from __future__ import annotations

from governance.catalog import CatalogColumn, CatalogTable, ColumnType


def catalog_column(name: str, *tags: str) -> CatalogColumn:
    return CatalogColumn(name, name, ColumnType.STRING, "", tags)


def catalog_table(*columns: CatalogColumn, name: str = "people", schema: str = "owner-1") -> CatalogTable:
    return CatalogTable(schema, name, f"{name}.csv", "Uploaded", "owner", (), columns)
