"""The catalog as a store: each dataset's table, with the tags decided here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.conf import settings
from django.utils import timezone

from datasets.models import Version
from datasets.stores.findings import Finding, Held, Kind, Reads, settled
from governance.catalog.configured import get_catalog
from governance.catalog.contract import CatalogEntry, CatalogTable
from governance.models import CatalogDebt, CatalogRecord
from governance.sync import agreement
from governance.sync.registration import catalog_table, tell_anew


class CatalogTables:
    name = "catalog"

    def held(self) -> Iterator[Held]:
        """Nothing: the catalog holds no values of the data."""
        return iter(())

    def look(self, reads: Reads) -> Iterator[Finding]:
        for version in settled().filter(dataset__current_version__pk__isnull=False).iterator(chunk_size=500):
            if version.is_current:
                yield from self._of(version)
        if not settings.OPENMETADATA_HOST:
            yield from self._unclaimed()

    def _of(self, version: Version) -> Iterator[Finding]:
        if settings.OPENMETADATA_HOST:
            agreement.look(version.dataset)  # people's own edits there are no fault
            version.refresh_from_db()
        entry = get_catalog().fetch(version.catalog_id)
        wrong = _differing(catalog_table(version), entry) if entry else []
        if entry is None and agreement.is_gone(version.dataset):
            text = (
                f"Somebody deleted the table of {version} in the catalog. Its owner or a steward says on the "
                "dataset's page whether it is registered again or deleted here too."
            )
            yield Finding(self.name, Kind.MISSING, version.catalog_fqn, text, version.pk)
        elif entry is None:
            text = f"The catalog has no table of {version}. It is registered again from the decisions here."
            yield Finding(self.name, Kind.MISSING, version.catalog_fqn, text, version.pk, _telling(version))
        elif wrong and not CatalogDebt.objects.filter(column__dataset=version.dataset_id).exists():
            text = (
                f"The catalog has other columns or tags of {version} than were decided here: "
                f"{', '.join(wrong[:5])}. It is updated."
            )
            yield Finding(self.name, Kind.CHANGED, version.catalog_fqn, text, version.pk, _telling(version))

    def _unclaimed(self) -> Iterator[Finding]:
        claimed = Version.objects.exclude(catalog_id="").values_list("catalog_id", flat=True)
        ours = {each.replace("-", "") for each in claimed}
        for record in CatalogRecord.objects.filter(retired_at=None).iterator(chunk_size=500):
            if record.pk.hex not in ours and not _is_under_way(record):
                text = "No version is registered as this table. It is removed from the catalog."
                yield Finding(self.name, Kind.ORPHANED, record.fqn, text, None, _retiring(record))


def _is_under_way(record: CatalogRecord) -> bool:
    """A job writes its table's id shortly after it is registered."""
    return (timezone.now() - record.updated_at).total_seconds() < 60


def _differing(told: CatalogTable, entry: CatalogEntry) -> list[str]:
    """Columns whose tags differ from what was sent. Tags that people added in OpenMetadata do not count."""
    wanted = {column.name: set(column.tags) for column in told.columns}
    there = {name: set(tags) for name, tags in entry.tags.items()}
    if settings.OPENMETADATA_HOST:
        there = {name: tags & wanted.get(name, set()) for name, tags in there.items() if name in wanted}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def _telling(version: Version) -> Callable[[], object]:
    return lambda: tell_anew(version)


def _retiring(record: CatalogRecord) -> Callable[[], object]:
    return lambda: get_catalog().retire(str(record.pk))
