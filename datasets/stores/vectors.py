"""The vectors: one collection for each index, and the entries that route questions to datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

from django.conf import settings

from datasets.models import Dataset, Version
from datasets.stores.findings import Finding, Held, Kind, Reads, is_in_flight, settled
from governance.curation.staleness import mark_stale
from governance.rights.access import access_of
from promptiq import vector_client
from promptiq.index import routing, sums
from promptiq.index.embeddings import configured_for_texts
from promptiq.index.indexing import close_index, drop_collections


class VectorCollections:
    name = "vectors"

    def held(self) -> Iterator[Held]:
        for name in vector_client.connect().names():
            if vector_client.prefix_of(name):
                yield Held(self.name, name, vector_client.version_of(name), None)

    def look(self, reads: Reads) -> Iterator[Finding]:
        names = vector_client.connect().names()
        ready = Version.Index.READY
        for version in settled().filter(index_state=ready).iterator(chunk_size=500):
            yield from self._of(version, reads)
        claimed = set(Version.objects.exclude(collection="").values_list("collection", flat=True))
        for name in names:
            if vector_client.prefix_of(name) and name not in claimed:
                yield from self._unclaimed(name)
        yield from self._routing(set(names))

    def _of(self, version: Version, reads: Reads) -> Iterator[Finding]:
        if access_of(version).fingerprint() != version.policy_fingerprint:
            text = f"The index of {version} was built under other tags or policies. It is closed and rebuilt."
            yield Finding(
                self.name, Kind.CHANGED, version.collection, text, version.pk,
                lambda: mark_stale([version.dataset_id]),
            )  # fmt: skip
            return
        there = vector_client.connect().count(version.collection)
        if there == version.vectors and not (reads(version.pk) and self._differs(version)):
            return
        if not settled().filter(pk=version.pk, collection=version.collection).exists():
            return  # another index has replaced it meanwhile
        kind = Kind.CHANGED if there else Kind.MISSING
        text = (
            f"The index of {version} has {there:,} vectors of {version.vectors:,}, or others than were "
            "written. It is closed and rebuilt from the typed copy."
        )
        yield Finding(
            self.name, kind, version.collection, text, version.pk, lambda: close_index(version)
        )  # fmt: skip

    def _differs(self, version: Version) -> bool:
        if not version.vector_sums:
            return False  # built before checksums were kept
        found: list[float] = []
        for rows, vectors in vector_client.connect().vectors(version.collection):
            found = sums.add(found, rows, vectors)
        return not sums.same(found, version.vector_sums, version.vectors)

    def _unclaimed(self, name: str) -> Iterator[Finding]:
        version = vector_client.version_of(name)
        row = Version.objects.filter(pk=version).first() if version else None
        if is_in_flight(version) or (row and row.collection == name):
            return
        if row is None and settings.CHROMA_URL:
            return  # of another installation that shares the server
        kind = Kind.ORPHANED if row and row.catalog_version else Kind.UNGOVERNED
        text = "No index of this database is in this collection. It is dropped."
        yield Finding(self.name, kind, name, text, version, lambda: drop_collections([name]))

    # --- What datasets are routed by ----------------------------------------------------------------------

    def _routing(self, names: set[str]) -> Iterator[Finding]:
        name = routing.collection_name(configured_for_texts().name)
        current = Dataset.objects.filter(retired_at=None, current_version__state=Version.State.READY)
        wanted = {str(pk) for pk in current.values_list("pk", flat=True)}
        there = set(vector_client.connect().ids(name)) if name in names else set()
        for pk in sorted(wanted - there):
            text = "Questions to all datasets are not led to this one by meaning. Its entry is written again."
            yield Finding(self.name, Kind.MISSING, f"{name}/{pk}", text, None, _writing(UUID(pk)))
        for pk in sorted(there - wanted):
            if not Dataset.objects.filter(pk=pk).exists():
                text = "Questions are led to a dataset that is not there. Its entry is removed."
                yield Finding(self.name, Kind.ORPHANED, f"{name}/{pk}", text, None, _forgetting(UUID(pk)))


def _writing(dataset: UUID) -> Callable[[], object]:
    return lambda: routing.write([dataset])


def _forgetting(dataset: UUID) -> Callable[[], object]:
    return lambda: routing.forget(dataset)
