"""The embedded catalog: a catalog in our own tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from governance.catalog.contract import CatalogEntry, CatalogFile, CatalogMoment, CatalogRefused, CatalogTable
from governance.catalog.names import qualified
from governance.models import CatalogRecord, Tag

SERVICE, DATABASE = "omdplatform", "lake"


class LocalCatalog:
    """See governance.catalog.contract.Catalog. Only the platform edits it."""

    is_shared = False

    def register(self, table: CatalogTable) -> CatalogEntry:
        _refuse_bad_tags([("", table.tags), *((column.name, column.tags) for column in table.columns)])
        document = _document(table)
        fqn = qualified(SERVICE, DATABASE, table.schema, table.name)
        with transaction.atomic():
            record, is_new = CatalogRecord.objects.select_for_update().get_or_create(
                fqn=fqn, defaults={"document": document}
            )
            if not is_new and (record.document != document or record.retired_at):
                record.document, record.retired_at = document, None
                record.version += 1
                record.save()
        return _entry(record)

    def apply_column_tags(
        self,
        entry_id: str,
        changes: Mapping[str, Collection[str]],
        confirmed: Mapping[str, Collection[str]] | None = None,
        agreed: Mapping[str, Collection[str]] | None = None,
    ) -> CatalogEntry:
        """The record has only the tag's name. Our own decisions say who set it."""
        _refuse_bad_tags(changes.items())
        with transaction.atomic():
            record = self._record(entry_id, lock=True)
            if record is None:
                raise CatalogRefused("The catalog has no such table.", 404)
            columns = {column["name"]: column for column in record.document["columns"]}
            for name, tags in changes.items():
                if name not in columns:
                    raise CatalogRefused(f"The table has no column {name}.", 404, name)
                columns[name]["tags"] = sorted(tags)
            record.version += 1
            record.save()
        return _entry(record)

    def fetch(self, entry_id: str) -> CatalogEntry | None:
        record = self._record(entry_id)
        return _entry(record) if record else None

    def retire(self, entry_id: str) -> None:
        CatalogRecord.objects.filter(pk=UUID(entry_id), retired_at=None).update(retired_at=timezone.now())

    def history(self, entry_id: str) -> Sequence[CatalogMoment]:
        return ()

    def describe(self, entry_id: str, descriptions: Mapping[str, str]) -> CatalogEntry:
        """A description is written with the next version."""
        entry = self.fetch(entry_id)
        if entry is None:
            raise CatalogRefused("The catalog has no such table.", 404)
        return entry

    def change_owner(self, entry_id: str, owner: str) -> CatalogEntry:
        """Only the platform says who owns the table: the owner is written with the next version."""
        return self.describe(entry_id, {})

    def register_file(self, file: CatalogFile) -> None:
        """Does nothing: our own tables have the files already."""

    def retire_file(self, key: str) -> None:
        """See register_file."""

    def show_sample(self, entry_id: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Does nothing: this catalog has no pages."""

    def _record(self, entry_id: str, *, lock: bool = False) -> CatalogRecord | None:
        records = CatalogRecord.objects.select_for_update() if lock else CatalogRecord.objects.all()
        return records.filter(pk=UUID(entry_id), retired_at=None).first()


def _document(table: CatalogTable) -> dict[str, Any]:
    return {
        "displayName": table.display_name,
        "description": table.description,
        "owner": table.owner,
        "tags": sorted(table.tags),
        "columns": [
            {
                "name": column.name,
                "displayName": column.display_name,
                "dataType": column.type.value,
                "description": column.description,
                "tags": sorted(column.tags),
            }
            for column in table.columns
        ],
        "profile": list(table.profile),
    }


def _refuse_bad_tags(tags_by_column: Iterable[tuple[str, Collection[str]]]) -> None:
    """Refuse unknown tags, and tags that exclude each other, before anything is written.

    The table's own tags are under the column "".
    """
    asked = list(tags_by_column)
    wanted = {fqn for _, tags in asked for fqn in tags}
    known = {tag.fqn: tag for tag in Tag.objects.filter(fqn__in=wanted).select_related("classification")}
    for column, tags in asked:
        place = f"Column {column}" if column else "The table"
        if missing := sorted(set(tags) - known.keys()):
            raise CatalogRefused(f"{place}: there is no tag {missing[0]}.", 404, column or None)
        families = Counter(
            known[fqn].classification.name for fqn in set(tags) if known[fqn].classification.exclusive
        )
        if clash := [family for family, count in families.items() if count > 1]:
            raise CatalogRefused(
                f"{place}: tags of {clash[0]} exclude each other, and it has more than one.",
                400,
                column or None,
            )


def _entry(record: CatalogRecord) -> CatalogEntry:
    return CatalogEntry(
        id=str(record.pk),
        fqn=record.fqn,
        version=str(record.version),
        link=None,
        tags={column["name"]: tuple(column["tags"]) for column in record.document["columns"]},
        owner=record.document["owner"],
        as_of=timezone.now(),
    )
