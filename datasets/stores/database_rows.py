"""Our own tables: whether they are intact and consistent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from django.db import connection
from django.db.models import Count, F

from datasets.models import Dataset, Version
from datasets.stores.findings import Finding, Held, Kind, Reads, settled
from governance.models import TagDecision

RESTORE = "Restore the database from a backup."


class DatabaseRows:
    name = "database"

    def held(self) -> Iterator[Held]:
        """Nothing: profiles hold values, but they live and go with their version's row."""
        return iter(())

    def look(self, reads: Reads) -> Iterator[Finding]:
        if connection.vendor == "sqlite":
            yield from self._broken_file()
        current = Dataset.objects.filter(retired_at=None, current_version__isnull=False)
        for dataset in current.exclude(current_version__state=Version.State.READY):
            yield self._finding(
                Kind.CHANGED, str(dataset.pk), f"The current version of {dataset} is not ready."
            )
        for dataset in current.exclude(current_version__dataset=F("pk")):
            text = f"The current version of {dataset} is another dataset's."
            yield self._finding(Kind.CHANGED, str(dataset.pk), text)
        for version in settled().annotate(held=Count("columns")).filter(held=0):
            yield self._finding(Kind.MISSING, str(version.pk), f"The columns of {version} are gone.", version)
        yield from self._lost_decisions()

    def _broken_file(self) -> Iterator[Finding]:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_key_check")
            for table, count in Counter(str(row[0]) for row in cursor.fetchall()).items():
                yield self._finding(
                    Kind.MISSING, table, f"{count:,} rows of {table} belong to rows that are gone."
                )
            cursor.execute("PRAGMA quick_check(1)")
            if cursor.fetchone() != ("ok",):
                yield self._finding(Kind.CHANGED, "db.sqlite3", "The database file is damaged.")

    def _lost_decisions(self) -> Iterator[Finding]:
        """Tags in a version's receipt that have no decision at all. Decisions are only ever added, so
        somebody removed these.
        """
        for version in settled().iterator(chunk_size=500):
            told = {(column, tag) for column, tags in version.receipt.get("tags", {}).items() for tag in tags}
            if not told:
                continue
            decided = TagDecision.objects.filter(column__appearances__version=version)
            known = set(decided.values_list("column__appearances__name", "tag__fqn"))
            for column, tag in sorted(told - known):
                text = f"The decisions on {tag} of {version} are missing, although its receipt lists them."
                yield self._finding(Kind.MISSING, f"{version.pk}/{column}", text, version)

    def _finding(self, kind: Kind, key: str, text: str, version: Version | None = None) -> Finding:
        return Finding(self.name, kind, key, f"{text} {RESTORE}", version.pk if version else None)
