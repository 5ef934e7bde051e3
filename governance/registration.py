"""What the catalog is told of a version, and what is taken back."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from datasets.models import Dataset, Version
from datasets.profiling import ColumnProfile
from datasets.reading import ColumnType
from governance.access import HeldTag, held_tags
from governance.catalog import CatalogColumn, CatalogFile, CatalogTable, FileCatalog, get_catalog
from governance.models import CatalogDebt, FileDebt, TagDecision
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
                confirmed=_confirmed(held[item.column_id]),
            )
            for name, item in zip(names, columns, strict=True)
        ),
        profile=tuple(ColumnProfile.from_json(item.profile).counts_only() for item in columns),
    )


def tell_catalog(dataset: Dataset) -> bool:
    """Tell the catalog of the tags that people or a rescan changed; False where there was nothing to tell.

    Safe to repeat: what was not told stays owed. Raises CatalogUnavailable, CatalogRefused.
    """
    version = dataset.current_version
    if version is None or not version.catalog_id:
        return False  # it is registered with its tags when its version is
    debts = list(CatalogDebt.objects.filter(column__dataset=dataset))
    if any(not debt.by_person for debt in debts):
        entry = get_catalog().register(catalog_table(version))
        Version.objects.filter(pk=version.pk).update(catalog_version=entry.version)
    decided = {debt.column_id for debt in debts if debt.by_person}
    columns = list(version.columns.order_by("position"))
    names = column_names([item.name for item in columns])
    held = held_tags((item.column for item in version.columns.select_related("column")), version)
    tags = {
        name: held[item.column_id]
        for name, item in zip(names, columns, strict=True)
        if item.column_id in decided
    }
    if tags:
        entry = get_catalog().apply_column_tags(
            version.catalog_id,
            {name: tuple(tag.fqn for tag in own) for name, own in tags.items()},
            {name: _confirmed(own) for name, own in tags.items()},
        )
        Version.objects.filter(pk=version.pk).update(catalog_version=entry.version)
    for debt in debts:
        CatalogDebt.objects.filter(pk=debt.pk, since=debt.since).delete()
    return bool(debts)


def _confirmed(tags: Sequence[HeldTag]) -> tuple[str, ...]:
    return tuple(tag.fqn for tag in tags if tag.state == TagDecision.State.CONFIRMED)


def owe_file(version: Version) -> None:
    """Note that the catalog is to be told of the raw file; inside the transaction that says it is stored."""
    if isinstance(get_catalog(), FileCatalog):
        FileDebt.objects.get_or_create(version=version)


def register_file(version: Version) -> bool:
    """Tell the catalog of the version's raw file, once it lies in the lake and its table is registered.

    False where the catalog knows nothing of files. Safe to repeat: until it is told, it stays owed. Raises
    CatalogUnavailable, CatalogRefused.
    """
    catalog = get_catalog()
    if not isinstance(catalog, FileCatalog):
        return False
    earlier = version.dataset.versions.filter(number__lt=version.number).exclude(raw_key="")
    before = earlier.order_by("-number").values_list("raw_key", flat=True).first()
    catalog.register_file(
        CatalogFile(version.raw_key, version.filename, version.size_bytes, version.catalog_id, before or "")
    )
    FileDebt.objects.filter(version=version).delete()
    return True


def files_owed() -> QuerySet[Version]:
    """Ready versions of whose raw files the catalog was not told, the oldest first.

    One that is still under way is told of by its job, or undone.
    """
    owed = Version.objects.filter(state=Version.State.READY, dataset__retired_at=None)
    return owed.filter(file_debt__isnull=False).select_related("dataset").order_by("file_debt__pk")


def retire_file(version: Version) -> None:
    """Take the version's raw file out of a catalog that knows of files; again is harmless."""
    catalog = get_catalog()
    if version.raw_key and isinstance(catalog, FileCatalog):
        catalog.retire_file(version.raw_key)
    FileDebt.objects.filter(version=version).delete()


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
