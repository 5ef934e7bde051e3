"""Sends versions to the catalog, and removes them from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from datasets.models import Dataset, Version, VersionColumn
from datasets.tables.nesting import Nested
from datasets.tables.profiling import ColumnProfile
from datasets.tables.values.column_types import ColumnType
from governance.catalog.configured import get_catalog
from governance.catalog.contract import (
    Catalog,
    CatalogColumn,
    CatalogEntry,
    CatalogFile,
    CatalogRefused,
    CatalogTable,
    Evidence,
)
from governance.catalog.names import catalog_names
from governance.curation.staleness import mark_stale
from governance.models import CatalogDebt, FileDebt, TagDecision
from governance.policies import ColumnAccess
from governance.redacting.redaction import redact
from governance.rights.access import HeldTag, access_of, decided_tags, is_personal
from governance.sync import agreement
from governance.tag_schema import strictest

log = logging.getLogger(__name__)


def catalog_table(version: Version) -> CatalogTable:
    """The version for the catalog: every column with its type, description and tags in force.

    Profiles contain counts. In tables without personal data they also contain range, mean and histogram of
    numeric columns. In a table about people, the smallest and largest figure of any column is that of one
    person, and the catalog's readers are unknown.
    """
    dataset = version.dataset
    columns = list(version.columns.select_related("column").order_by("position"))
    held = decided_tags((item.column for item in columns), version)
    names = catalog_names([item.name for item in columns])
    agreed = agreement.agreed_tags(dataset)
    access = access_of(version)
    is_of_people = is_personal(version)
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
                agreed=agreed.get(item.column_id, ()),
                evidence={
                    tag.fqn: _evidence(tag) for tag in held[item.column_id] if "evidence" in tag.evidence
                },
                nested=Nested.from_json(item.nested) if item.nested else None,
            )
            for name, item in zip(names, columns, strict=True)
        ),
        profile=tuple(_figures(item, access.get(item.name), is_of_people=is_of_people) for item in columns),
        source_url=settings.PUBLIC_URL and settings.PUBLIC_URL.rstrip("/") + dataset.get_absolute_url(),
        file_format=version.filename.rpartition(".")[2].lower(),
        retention_days=access.retain_days(),
    )


def _figures(item: VersionColumn, access: ColumnAccess, *, is_of_people: bool) -> dict[str, Any]:
    """A column's profile for unknown readers: counts. In a table without any sign of a person, also figures
    about all its numbers."""
    profile = ColumnProfile.from_json(item.profile)
    counts = profile.counts_only()
    if profile.mean is None or is_of_people:
        return counts
    ends = [end for end in (profile.min, profile.max) if end is not None]
    if any(redact(end, access.redacted) != end for end in ends):
        return counts
    figures = profile.as_json()
    return {**counts, **{name: figures[name] for name in ("min", "max", "mean", "stddev", "histogram")}}


def register(version: Version) -> CatalogEntry:
    """Register the version, in one request if the table is new.

    Takes over what people edited there since the last update. Raises CatalogUnavailable, CatalogRefused.
    """
    entry = get_catalog().register(catalog_table(version))
    agreement.settle(version, entry)
    return entry


def tell_catalog(dataset: Dataset) -> bool:
    """Send tags that people or a rescan changed. Returns False if there was nothing to send.

    Safe to repeat: what was not sent stays owed. Raises CatalogUnavailable, CatalogRefused.
    """
    version = dataset.current_version
    if version is None or not version.catalog_id:
        return False  # it will be registered with its tags
    if not CatalogDebt.objects.filter(column__dataset=dataset).exists():
        return False
    # Take over edits there first: they may be later.
    agreement.look(dataset)
    if agreement.is_gone(dataset):
        return False  # it stays owed until a person decides about the table
    debts = list(CatalogDebt.objects.filter(column__dataset=dataset))
    # A table that was deleted there and is kept is unknown again, whoever changed its tags meanwhile.
    if any(not debt.by_person for debt in debts) or not agreement.is_known(dataset):
        _write_down(version, register(version))
    decided = {debt.column_id for debt in debts if debt.by_person}
    columns = list(version.columns.order_by("position"))
    names = catalog_names([item.name for item in columns])
    held = decided_tags((item.column for item in version.columns.select_related("column")), version)
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
            agreement.agreed_by_name(dataset),
        )
        agreement.settle(version, entry)
        _write_down(version, entry)
    with transaction.atomic():
        for debt in debts:
            CatalogDebt.objects.filter(pk=debt.pk, since=debt.since).delete()
        mark_stale([dataset.pk])  # from now on only what was sent applies
    return bool(debts)


def tell_anew(version: Version) -> None:
    """Register a version again, whatever became of its table in the catalog.

    Raises CatalogUnavailable, CatalogRefused.
    """
    _write_down(version, register(version))


def _write_down(version: Version, entry: CatalogEntry) -> None:
    """The table has a new id if the server was set up again."""
    version.catalog_id, version.catalog_version = entry.id, entry.version
    Version.objects.filter(pk=version.pk).update(catalog_id=entry.id, catalog_version=entry.version)


def tell_descriptions() -> int:
    """Send changed descriptions. Returns for how many tables. Safe to repeat.

    A refused one does not hold up the others. Raises CatalogUnavailable.
    """
    catalog = get_catalog()
    if not catalog.is_shared:
        return 0
    told = 0
    for dataset in agreement.described_otherwise():
        try:
            agreement.look(dataset)
            if not agreement.is_gone(dataset):
                told += _describe(catalog, dataset)
        except CatalogRefused:
            log.warning("the catalog refused the descriptions of dataset %s", dataset.pk)
    return told


def _describe(catalog: Catalog, dataset: Dataset) -> bool:
    descriptions = agreement.changed_descriptions(dataset)
    version = dataset.current_version
    if version is None or not descriptions:
        return False
    agreement.settle(version, catalog.describe(version.catalog_id, descriptions))
    return True


def _evidence(tag: HeldTag) -> Evidence:
    """The classifier's evidence without its examples: values, even masked, stay here."""
    found, why = tag.evidence, tag.evidence["evidence"]
    reason = " ".join(why["reasons"]) or f"Looks like {found['entity']}."
    return Evidence(reason, f"omdplatform.{why['recogniser'] or found['entity']}", found["confidence"])


def _confirmed(tags: Sequence[HeldTag]) -> tuple[str, ...]:
    return tuple(tag.fqn for tag in tags if tag.state == TagDecision.State.CONFIRMED)


def owe_file(version: Version) -> None:
    """Note that the catalog must get the raw file. Call it inside the transaction that records its
    storage.
    """
    if get_catalog().is_shared:
        agreement.owe_files([version])


def register_file(version: Version) -> bool:
    """Register the version's raw file, once it is stored and its table registered.

    Returns False if the catalog does not take files. Safe to repeat: until it succeeds, the file stays owed.
    Raises CatalogUnavailable, CatalogRefused.
    """
    catalog = get_catalog()
    if not catalog.is_shared:
        return False
    debt = FileDebt.objects.filter(version=version).first()
    catalog.register_file(_catalog_file(version))
    if debt:
        FileDebt.objects.filter(pk=debt.pk, since=debt.since).delete()
    return True


def _catalog_file(version: Version) -> CatalogFile:
    """The version's raw file, with its table's columns and the tags of the file.

    The size is sent only if no column is about people: the size of a short file reveals how long a value is.
    """
    table = catalog_table(version)
    earlier = version.dataset.versions.filter(number__lt=version.number).exclude(raw_key="")
    before = earlier.order_by("-number").first()
    is_new = version.state == Version.State.PENDING
    shown = version if is_new else version.dataset.current_version or version
    tags, confirmed = strictest([(column.tags, column.confirmed) for column in table.columns])
    return CatalogFile(
        key=version.raw_key,
        display_name=version.filename,
        size=None if is_personal(version) else version.size_bytes,
        owner=table.owner,
        tags=tags,
        columns=table.columns,
        table_id=version.catalog_id,
        table_fqn=version.catalog_fqn,
        became=_called(version, shown),
        confirmed=confirmed,
        before=before.raw_key if before else "",
        came_from=_called(version, before) if before else {},
        is_new=is_new,
    )


def _called(version: Version, other: Version) -> dict[str, str]:
    """Each column's name in the other version, by its name in this one."""
    names, others = _names_by_column(version), _names_by_column(other)
    return {name: others[column] for column, name in names.items() if column in others}


def _names_by_column(version: Version) -> dict[int, str]:
    items = list(version.columns.order_by("position"))
    names = catalog_names([item.name for item in items])
    return {item.column_id: name for item, name in zip(items, names, strict=True)}


def show_sample(version: Version, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Send sample rows of a registered version: masked cells by column name.

    Returns False if the catalog does not show samples. Raises CatalogUnavailable, CatalogRefused.
    """
    catalog = get_catalog()
    if not catalog.is_shared:
        return False
    names = list(version.columns.order_by("position").values_list("name", flat=True))
    cells = [[row[name] for name in names] for row in rows]
    catalog.show_sample(version.catalog_id, catalog_names(names), cells)
    return True


def files_owed() -> QuerySet[Version]:
    """Ready versions whose raw files the catalog does not have, oldest first.

    A version in progress is registered by its job, or undone.
    """
    owed = Version.objects.filter(state=Version.State.READY, dataset__retired_at=None)
    return owed.filter(file_debt__isnull=False).select_related("dataset").order_by("file_debt__pk")


def retire_file(version: Version) -> None:
    """Remove the version's raw file from the catalog. Safe to repeat."""
    if version.raw_key:
        retire_key(version.raw_key)
    FileDebt.objects.filter(version=version).delete()


def retire_key(key: str) -> None:
    """Remove the file of this key from the catalog. Safe to repeat."""
    get_catalog().retire_file(key)


def unregister(version: Version) -> None:
    """Remove a failed version from the catalog and register the previous one again.

    For a deleted dataset, the table is removed.
    """
    dataset = Dataset.objects.filter(pk=version.dataset_id, retired_at=None).first()
    before = dataset.current_version if dataset else None
    if before is None:
        get_catalog().retire(version.catalog_id)
        if dataset:
            agreement.forget(dataset)
    elif before.pk != version.pk:
        register(before)
