"""What the catalog is told of a version, and what is taken back."""

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
    """The version as the catalog takes it: every column with its type, description and tags in force.

    Profiles go along as counts, and in tables without personal data with the range, mean and histogram of
    numbers: the catalog's readers are not ours to check.
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
    """A column's profile for readers whom we do not know: counts; in tables without any sign of a person
    also what describes all numbers of a column together."""
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
    """Tell the catalog of the version, in one request for a table that is new.

    What people edited there since it was told the last time is taken over. Raises CatalogUnavailable,
    CatalogRefused.
    """
    entry = get_catalog().register(catalog_table(version))
    agreement.settle(version, entry)
    return entry


def tell_catalog(dataset: Dataset) -> bool:
    """Tell the catalog of the tags that people or a rescan changed; False where there was nothing to tell.

    Safe to repeat: what was not told stays owed. Raises CatalogUnavailable, CatalogRefused.
    """
    version = dataset.current_version
    if version is None or not version.catalog_id:
        return False  # it is registered with its tags when its version is
    if not CatalogDebt.objects.filter(column__dataset=dataset).exists():
        return False
    # What was edited there first: it may be the later word.
    agreement.look(dataset)
    if agreement.is_gone(dataset):
        return False  # it stays owed until a person says what is to become of the table
    debts = list(CatalogDebt.objects.filter(column__dataset=dataset))
    # One that was deleted there and is kept is not known any more, whoever changed its tags meanwhile.
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
        mark_stale([dataset.pk])  # what was told holds alone from now on
    return bool(debts)


def tell_anew(version: Version) -> None:
    """Register a version that was registered before, whatever became of its table in the catalog.

    Raises CatalogUnavailable, CatalogRefused.
    """
    _write_down(version, register(version))


def _write_down(version: Version, entry: CatalogEntry) -> None:
    """The table's id is another one where the server was set up anew."""
    version.catalog_id, version.catalog_version = entry.id, entry.version
    Version.objects.filter(pk=version.pk).update(catalog_id=entry.id, catalog_version=entry.version)


def tell_descriptions() -> int:
    """Tell the catalog of descriptions that were changed here; of how many tables. Safe to repeat.

    One that is refused keeps none waiting. Raises CatalogUnavailable.
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
    """What the classifier found, without its examples: values, masked or not, stay here."""
    found, why = tag.evidence, tag.evidence["evidence"]
    reason = " ".join(why["reasons"]) or f"Looks like {found['entity']}."
    return Evidence(reason, f"omdplatform.{why['recogniser'] or found['entity']}", found["confidence"])


def _confirmed(tags: Sequence[HeldTag]) -> tuple[str, ...]:
    return tuple(tag.fqn for tag in tags if tag.state == TagDecision.State.CONFIRMED)


def owe_file(version: Version) -> None:
    """Note that the catalog is to be told of the raw file; inside the transaction that says it is stored."""
    if get_catalog().is_shared:
        agreement.owe_files([version])


def register_file(version: Version) -> bool:
    """Tell the catalog of the version's raw file, once it lies in the lake and its table is registered.

    False where the catalog knows nothing of files. Safe to repeat: until it is told, it stays owed. Raises
    CatalogUnavailable, CatalogRefused.
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
    """The version's raw file, with the columns that became its table's and what they say of the file.

    Its size only where no column is about people: of a short file it tells how long a value is.
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
    """What each column is called in the other version, by its name in this one."""
    names, others = _names_by_column(version), _names_by_column(other)
    return {name: others[column] for column, name in names.items() if column in others}


def _names_by_column(version: Version) -> dict[int, str]:
    items = list(version.columns.order_by("position"))
    names = catalog_names([item.name for item in items])
    return {item.column_id: name for item, name in zip(items, names, strict=True)}


def show_sample(version: Version, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Give the catalog sample rows of a registered version: cells by column name, masked already.

    False where the catalog shows none. Raises CatalogUnavailable, CatalogRefused.
    """
    catalog = get_catalog()
    if not catalog.is_shared:
        return False
    names = list(version.columns.order_by("position").values_list("name", flat=True))
    cells = [[row[name] for name in names] for row in rows]
    catalog.show_sample(version.catalog_id, catalog_names(names), cells)
    return True


def files_owed() -> QuerySet[Version]:
    """Ready versions of whose raw files the catalog was not told, the oldest first.

    One that is still under way is told of by its job, or undone.
    """
    owed = Version.objects.filter(state=Version.State.READY, dataset__retired_at=None)
    return owed.filter(file_debt__isnull=False).select_related("dataset").order_by("file_debt__pk")


def retire_file(version: Version) -> None:
    """Take the version's raw file out of a catalog that knows of files; again is harmless."""
    if version.raw_key:
        retire_key(version.raw_key)
    FileDebt.objects.filter(version=version).delete()


def retire_key(key: str) -> None:
    """Take what lay under this key out of a catalog that knows of files; again is harmless."""
    get_catalog().retire_file(key)


def unregister(version: Version) -> None:
    """Take a version that did not end well out of the catalog: the one before it is registered again.

    A dataset that was deleted meanwhile is retired whole.
    """
    dataset = Dataset.objects.filter(pk=version.dataset_id, retired_at=None).first()
    before = dataset.current_version if dataset else None
    if before is None:
        get_catalog().retire(version.catalog_id)
        if dataset:
            agreement.forget(dataset)
    elif before.pk != version.pk:
        register(before)
