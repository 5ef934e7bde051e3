"""Keeps our decisions and a catalog's edits in agreement.

The latest edit of a person wins, on either side. A tool's edit there removes nothing here, and what it adds
counts as a suggestion.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import dropwhile
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from datasets.models import Dataset, Version
from governance.audit import record
from governance.catalog.configured import get_catalog
from governance.catalog.contract import Catalog, CatalogEntry, CatalogMoment
from governance.catalog.names import catalog_names
from governance.curation.decisions import owe_the_catalog
from governance.curation.staleness import mark_stale
from governance.models import CatalogAgreement, CatalogMirror, FileDebt
from governance.rights.access import decided_tags
from governance.sync.merging import NOTHING, Agreed, tag_edits, text_edits
from governance.sync.taking_over import rejected_by_people, take_over_tags, take_over_texts
from omdplatform.base.errors import Refused

log = logging.getLogger(__name__)


def look(dataset: Dataset) -> None:
    """Request the dataset's table from the catalog, and take over people's edits.

    Two requests if something was edited, else one. Raises CatalogUnavailable, CatalogRefused.
    """
    catalog, version = get_catalog(), dataset.current_version
    mirror = CatalogMirror.objects.filter(dataset=dataset).first()
    if not catalog.is_shared or mirror is None or version is None:
        return
    agreed = _agreed(mirror)
    entry = catalog.fetch(version.catalog_id)
    history = _history(catalog, agreed, entry)
    with transaction.atomic():
        mirror = CatalogMirror.objects.select_for_update().filter(pk=mirror.pk).first()
        # A newer agreement was recorded meanwhile, so the answer may be outdated. Its version does not show
        # that.
        if mirror is None or mirror.agreed_at != agreed.at:
            return
        if entry is None:
            _note_gone(mirror)
        else:
            if _take_over(mirror, agreed, entry, history):
                _owe_what_differs(version, entry)
            _write_down(mirror, entry)
            Version.objects.filter(pk=version.pk).update(catalog_version=entry.version)
        now = timezone.now()
        CatalogMirror.objects.filter(pk=mirror.pk).update(agreed_at=now, looked_at=now, is_away=False)


def settle(version: Version, entry: CatalogEntry) -> None:
    """Record what the catalog has after `version` was sent, and take over earlier edits.

    Raises CatalogUnavailable, CatalogRefused.
    """
    catalog = get_catalog()
    if not catalog.is_shared:
        return
    mirror = CatalogMirror.objects.filter(dataset=version.dataset_id).first()
    agreed = _agreed(mirror) if mirror else Agreed({}, {}, NOTHING, timezone.now())
    history = _history(catalog, agreed, entry.before)
    with transaction.atomic():
        edited = False
        if entry.before:
            if mirror is None:
                _remember(version, replace(entry, version=NOTHING, states={}, descriptions={}))
            mirror = CatalogMirror.objects.select_for_update().get(dataset=version.dataset_id)
            edited = _take_over(mirror, _agreed(mirror), entry.before, history)
        _remember(version, entry)
        if edited:
            _owe_what_differs(version, entry)
        # Tags that the catalog has and we have not are now agreed.
        mark_stale([version.dataset_id])


def agreed_tags(dataset: Dataset) -> dict[int, tuple[str, ...]]:
    """By column pk, the catalog's tags at the last agreement."""
    rows = CatalogAgreement.objects.filter(column__dataset=dataset)
    return {row.column_id: tuple(row.tags) for row in rows}


def agreed_by_name(dataset: Dataset) -> dict[str, tuple[str, ...]]:
    """The same by the column's name there."""
    rows = CatalogAgreement.objects.filter(column__dataset=dataset)
    return {row.name: tuple(row.tags) for row in rows}


def is_known(dataset: Dataset) -> bool:
    """Whether the table exists there, as far as we know."""
    return CatalogMirror.objects.filter(dataset=dataset, gone_since=None).exists()


def is_gone(dataset: Dataset) -> bool:
    """Whether somebody deleted the table there, and nobody has decided yet what to do."""
    return CatalogMirror.objects.filter(dataset=dataset).exclude(gone_since=None).exists()


def described_otherwise() -> list[Dataset]:
    """Datasets whose description, or a column's, was changed here since the last agreement.

    Records when the change was first seen: that decides which edit is the latest if both sides have one.
    """
    here = CatalogMirror.objects.filter(gone_since=None)
    tables = here.exclude(description=F("dataset__description"))
    columns = CatalogAgreement.objects.exclude(description=F("column__description"))
    columns = columns.filter(column__dataset__in=here.values("dataset"))
    now = timezone.now()
    tables.filter(differs_since=None).update(differs_since=now)
    columns.filter(differs_since=None).update(differs_since=now)
    changed = Q(pk__in=tables.values("dataset")) | Q(pk__in=columns.values("column__dataset"))
    return list(Dataset.objects.filter(changed, retired_at=None).select_related("current_version"))


def changed_descriptions(dataset: Dataset) -> dict[str, str]:
    """Our descriptions that the catalog does not have, by column name there; the table's own under ""."""
    columns = CatalogAgreement.objects.filter(column__dataset=dataset)
    columns = columns.exclude(description=F("column__description")).select_related("column")
    changed = {row.name: row.column.description for row in columns}
    tables = CatalogMirror.objects.filter(dataset=dataset).exclude(description=F("dataset__description"))
    for description in tables.values_list("dataset__description", flat=True):
        changed[""] = description
    return changed


def forget(dataset: Dataset) -> None:
    """Forget the agreement: the table was removed from the catalog."""
    CatalogAgreement.objects.filter(column__dataset=dataset).delete()
    CatalogMirror.objects.filter(dataset=dataset).delete()


# --- What was agreed on -----------------------------------------------------------------------------------


def _agreements(mirror: CatalogMirror) -> list[CatalogAgreement]:
    rows = CatalogAgreement.objects.filter(column__dataset=mirror.dataset_id)
    return list(rows.select_related("column").order_by("pk"))


def _agreed(mirror: CatalogMirror) -> Agreed:
    rows = _agreements(mirror)
    return Agreed(
        states={row.name: row.tags for row in rows},
        descriptions={"": mirror.description, **{row.name: row.description for row in rows}},
        version=mirror.version,
        at=mirror.agreed_at,
    )


def _remember(version: Version, entry: CatalogEntry) -> None:
    """Record the columns of the version, and no others, as the catalog has them."""
    items = list(version.columns.order_by("position"))
    names = catalog_names([item.name for item in items])
    rows = [
        CatalogAgreement(
            column_id=item.column_id,
            name=name,
            tags=entry.states.get(name, {}),
            description=entry.descriptions.get(name, ""),
        )
        for item, name in zip(items, names, strict=True)
    ]
    known = CatalogAgreement.objects.filter(column__dataset=version.dataset_id)
    if dict(known.values_list("column_id", "tags")) != {row.column_id: row.tags for row in rows}:
        owe_files(_with_files(version.dataset_id))
    known.exclude(column__in=[row.column_id for row in rows]).delete()
    CatalogAgreement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["column"],
        update_fields=["name", "tags", "description", "differs_since"],
    )
    now = timezone.now()
    CatalogMirror.objects.update_or_create(
        dataset_id=version.dataset_id,
        defaults={
            "version": entry.version,
            "description": entry.descriptions.get("", ""),
            "differs_since": None,
            "looked_at": now,
            "agreed_at": now,
            "is_away": False,
            "gone_since": None,
            **_told_besides(entry),
        },
    )


def _with_files(dataset_id: UUID) -> QuerySet[Version]:
    """Versions whose raw files the catalog has, with the tags of their columns."""
    return Version.objects.filter(dataset=dataset_id, state=Version.State.READY).exclude(raw_key="")


def owe_files(versions: Iterable[Version]) -> None:
    """Note that the catalog must get these versions' raw files and the tags of their columns."""
    FileDebt.objects.bulk_create(
        [FileDebt(version=version) for version in versions],
        update_conflicts=True,
        unique_fields=["version"],
        update_fields=["since"],
    )


def _told_besides(entry: CatalogEntry) -> dict[str, Any]:
    """Information about a table that is shown here and edited only there."""
    about = {"domains": entry.domains, "terms": entry.terms, "certification": entry.certification}
    said = {name: list(value) if isinstance(value, tuple) else value for name, value in about.items()}
    return {"owner": entry.owner or "", "about": said}


def _write_down(mirror: CatalogMirror, entry: CatalogEntry) -> None:
    """Record the catalog's state as agreed. Only differences are written."""
    changed, are_tags = [], False
    for row in _agreements(mirror):
        tags = entry.states.get(row.name, {})
        description = entry.descriptions.get(row.name, "")
        if (row.tags, row.description) != (tags, description):
            are_tags = are_tags or row.tags != tags
            row.tags, row.description, row.differs_since = tags, description, None
            changed.append(row)
    if are_tags:
        owe_files(_with_files(mirror.dataset_id))
    CatalogAgreement.objects.bulk_update(changed, ["tags", "description", "differs_since"])
    description = entry.descriptions.get("", "")
    same = mirror.description == description
    CatalogMirror.objects.filter(pk=mirror.pk).update(
        version=entry.version,
        description=description,
        differs_since=mirror.differs_since if same else None,
        gone_since=None,
        **_told_besides(entry),
    )


# --- What was edited --------------------------------------------------------------------------------------


def _history(catalog: Catalog, agreed: Agreed, entry: CatalogEntry | None) -> Sequence[CatalogMoment]:
    """The catalog's states up to `entry`, newest first. [] if nothing was edited.

    If only the version differs, a tool may have undone a person's edit.
    """
    if entry is None or not (agreed.differs_from(entry) or agreed.version != entry.version):
        return []
    whole = list(catalog.history(entry.id))
    known = list(dropwhile(lambda moment: moment.version != entry.version, whole))
    told = known or whole or [CatalogMoment(entry.version, "", False, entry.as_of, entry.states, {})]
    before_all = CatalogMoment(NOTHING, "", True, agreed.at, {}, {})
    return [*told, before_all] if agreed.version == NOTHING else told


def _take_over(
    mirror: CatalogMirror, agreed: Agreed, entry: CatalogEntry, history: Sequence[CatalogMoment]
) -> bool:
    """Take over decisions and descriptions, inside a transaction. Returns whether anything was edited
    there.
    """
    if not history:
        return False
    rows = _agreements(mirror)
    take_over_texts(mirror, rows, text_edits(agreed, entry, history))
    taken = take_over_tags(rows, tag_edits(agreed, entry, history))
    if taken:
        mark_stale([mirror.dataset_id])
    return taken or agreed.differs_from(entry)


def _owe_what_differs(version: Version, entry: CatalogEntry) -> None:
    """Note what the catalog must get after its edits were taken over, because it was decided later here.

    A tag that only a tool confirmed there stays a suggestion here, and is not sent.
    """
    items = list(version.columns.select_related("column").order_by("position"))
    names = catalog_names([item.name for item in items])
    held = decided_tags([item.column for item in items], version)
    rejected = rejected_by_people([item.column for item in items])
    by_people, by_tools = [], []
    for item, name in zip(items, names, strict=True):
        theirs = entry.states.get(name, {})
        ours = {tag.fqn: tag.state for tag in held[item.column_id]}
        lacking = {
            tag
            for tag, state in ours.items()
            if tag not in theirs or (state, theirs[tag]) == ("confirmed", "suggested")
        }
        over = {tag for tag in theirs.keys() - ours.keys() if '"' not in tag}
        if any(ours[tag] == "confirmed" for tag in lacking) or over & rejected.get(item.column_id, set()):
            by_people.append(item.column)
        elif lacking or over:
            by_tools.append(item.column)
    now = timezone.now()
    owe_the_catalog(by_people, now, by_person=True)
    owe_the_catalog(by_tools, now, by_person=False)


def _note_gone(mirror: CatalogMirror) -> None:
    """The catalog no longer has the table: ask a person, and send nothing until they decide."""
    if mirror.gone_since is None:
        log.warning("the catalog has no table of dataset %s any more", mirror.dataset_id)
        CatalogMirror.objects.filter(pk=mirror.pk).update(gone_since=timezone.now())
        record(None, "table deleted in the catalog", mirror.dataset_id)


def keep(dataset: Dataset, actor: User) -> None:
    """A person decides to register a table again that was deleted there.

    Raises Refused if it is not known to be deleted.
    """
    mirror = CatalogMirror.objects.filter(dataset=dataset).exclude(gone_since=None).first()
    if mirror is None:
        raise Refused("not-gone", "Nobody has deleted this table in the catalog: there is nothing to keep.")
    with transaction.atomic():
        columns = [row.column for row in _agreements(mirror)]
        forget(dataset)
        record(actor, "table kept though deleted in the catalog", dataset.pk)
        owe_the_catalog(columns, timezone.now(), by_person=False)
