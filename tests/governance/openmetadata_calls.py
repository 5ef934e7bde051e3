"""What tests send to an OpenMetadata server double, and what they look for there."""

from __future__ import annotations

from governance.catalog.contract import CatalogTable
from tests.governance.catalog_tables import catalog_column, catalog_table
from tests.openmetadata_double import Double

FQN = "omdplatform.lake.owner-1.people"


def people(*email_tags: str, name: str = "people") -> CatalogTable:
    tags = email_tags or ("PII.Sensitive", "DataKind.Email")
    return catalog_table(catalog_column("email", *tags), catalog_column("city"), name=name)


def sent(double: Double) -> list[str]:
    """ "METHOD things" of every request, in order: what stands behind the things' name is left out."""
    return [f"{request.method} {request.parts[0]}" for request in double.requests]


def labels(double: Double, column: str, fqn: str = FQN) -> dict[str, tuple[str, str]]:
    """Tag -> (labelType, state), as the server has them."""
    table = double.table(fqn)
    assert table is not None
    (found,) = [item for item in table["columns"] if item["name"] == column]
    return {tag["tagFQN"]: (tag["labelType"], tag["state"]) for tag in found["tags"]}
