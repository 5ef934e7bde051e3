"""What the catalog is told of a version, and what is taken back."""

from __future__ import annotations

from datasets.models import Dataset, Version
from datasets.profiling import ColumnProfile
from datasets.reading import ColumnType
from governance.access import held_tags
from governance.catalog import CatalogColumn, CatalogTable, get_catalog
from governance.names import column_names


def catalog_table(version: Version) -> CatalogTable:
    """The version as the catalog takes it: every column with its type, description and tags in force.

    Profiles go along without values: the catalog's readers are not ours to check.
    """
    dataset = version.dataset
    columns = list(version.columns.select_related("column").order_by("position"))
    held = held_tags((item.column for item in columns), version)
    names = column_names([item.name for item in columns])
    return CatalogTable(
        schema=dataset.schema_name,
        name=dataset.table_name,
        display_name=dataset.name,
        description=dataset.description,
        owner=dataset.owner.get_username(),
        tags=(),
        columns=tuple(
            CatalogColumn(
                name=name,
                display_name=item.name,
                type=ColumnType(item.type),
                description=item.column.description,
                tags=tuple(tag.fqn for tag in held[item.column_id]),
            )
            for name, item in zip(names, columns, strict=True)
        ),
        profile=tuple(ColumnProfile.from_json(item.profile).counts_only() for item in columns),
    )


def unregister(version: Version) -> None:
    """Take a version that did not end well out of the catalog: the one before it is registered again.

    A dataset that was deleted meanwhile is retired whole.
    """
    dataset = Dataset.objects.filter(pk=version.dataset_id, retired_at=None).first()
    before = dataset.current_version if dataset else None
    if before is None:
        get_catalog().retire(version.catalog_id)
    elif before.pk != version.pk:
        get_catalog().register(catalog_table(before))
