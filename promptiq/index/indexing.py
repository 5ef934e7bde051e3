"""Builds the index of one version: rows become texts, and each distinct text one vector, in time slices."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings

from datasets.damage import report
from datasets.models import Job, Version
from datasets.tables.table import ROW
from governance.policies import Access, mask_for_index
from omdplatform.base.errors import PlatformError
from promptiq import vector_client
from promptiq.index import postings, vector_server
from promptiq.index.embeddings import configured, get_row_embedder
from promptiq.index.rendering import indexed_columns, masked_columns, render
from promptiq.index.sums import add

# Rows between two looks at the clock: two or three seconds of embedding.
BATCH_ROWS = 512


class IndexMismatch(PlatformError):
    """The index does not contain what was written; the text gives the counts."""


class IndexBuild:
    """One build. Another process may continue it from its cursor.

    Rows with the same text share the first one's vector. The cursor is JSON: {"collection", "rows_done",
    "vectors", "sums"}. A cursor of another collection, after policies or the embedding changed, is not
    continued.
    """

    def __init__(self, version: Version, parquet: Path, access: Access, cursor: dict[str, Any]) -> None:
        self.parquet = parquet
        self.columns = indexed_columns(access)
        self.masked = masked_columns(access)
        self.fingerprint = access.fingerprint()
        self.embedding = configured()
        self.embedder = get_row_embedder()
        self.collection = vector_client.collection_name(version.pk, self.embedder.name, self.fingerprint)
        self.rows_total = min(version.rows or 0, settings.INDEX_MAX_ROWS)
        goes_on = cursor.get("collection") == self.collection
        self.rows_done = int(cursor["rows_done"]) if goes_on else 0
        self.vectors = int(cursor["vectors"]) if goes_on else 0
        self.sums: list[float] = list(cursor.get("sums", ())) if goes_on else []
        # An index that still answers is written over. Remains of any other are not built on.
        self.is_closed = version.index_state != Version.Index.READY

    def cursor(self) -> dict[str, Any]:
        return {
            "collection": self.collection,
            "rows_done": self.rows_done,
            "vectors": self.vectors,
            "sums": self.sums,
        }

    def run(self, seconds: float | None, progress: Callable[[int], None]) -> bool:
        """Build until the end (True) or until `seconds` have passed (False). Safe to repeat.

        Raises VectorServerUnavailable, EmbeddingUnavailable, and whatever `progress` raises.
        """
        until = time.monotonic() + seconds if seconds is not None else None
        client = vector_client.connect()
        if self.is_closed and not self.rows_done:
            client.drop(self.collection)
        client.create(self.collection)
        if client.count(self.collection) < self.vectors:
            # The server has lost what earlier slices had written.
            self.rows_done, self.vectors, self.sums = 0, 0, []
        seen: set[bytes] = set()
        for numbers, texts in self._texts():
            first = [
                (number, text)
                for number, text in zip(numbers, texts, strict=True)
                if text and _is_new(seen, text)
            ]
            if numbers[-1] <= self.rows_done:
                continue  # an earlier slice embedded them
            if first:
                vectors = self.embedder.embed([text for _, text in first])
                rows = [number for number, _ in first]
                client.upsert(self.collection, rows, vectors)
                self.sums = add(self.sums, rows, vectors)
            self.rows_done = numbers[-1]
            self.vectors += len(first)
            progress(self.rows_done)
            if until is not None and time.monotonic() >= until and self.rows_done < self.rows_total:
                return False
        return True

    def verify(self) -> None:
        """Raises IndexMismatch if the server's count differs from what was built. The next build starts
        again.
        """
        there = vector_client.connect().count(self.collection)
        if there != self.vectors:
            drop_collections([self.collection])
            raise IndexMismatch(f"The index held {there:,} vectors instead of {self.vectors:,}. Try again.")

    def _texts(self) -> Iterator[tuple[list[int], list[str]]]:
        """Row numbers and texts, batch by batch, in order, up to `rows_total`."""
        with pq.ParquetFile(self.parquet) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[ROW, *self.columns]):
                rows = [row for row in batch.to_pylist() if row[ROW] <= self.rows_total]
                if not rows:
                    return
                texts = _rendered(rows, self.masked)
                yield list(texts), list(texts.values())


def texts_of(parquet: Path, access: Access, rows: Sequence[int]) -> dict[int, str]:
    """The texts of these rows, as the index has them, by row number."""
    columns = [ROW, *indexed_columns(access)]
    table = pq.read_table(parquet, columns=columns, filters=[(ROW, "in", list(rows))], use_threads=False)
    return _rendered(table.to_pylist(), masked_columns(access))


def _rendered(rows: Sequence[dict[str, Any]], masked: Sequence[str]) -> dict[int, str]:
    """Texts by row number, of rows with the cells of indexed columns."""
    return {row.pop(ROW): render(mask_for_index(row), masked) for row in rows}


def _is_new(seen: set[bytes], text: str) -> bool:
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True


def is_whole(version: Version) -> bool:
    """Whether the server holds as many vectors as were built. Raises VectorServerUnavailable."""
    if not version.vectors:
        return True
    return vector_client.connect().count(version.collection) == version.vectors


def close_index(version: Version) -> str:
    """Close an incomplete index and have it rebuilt. Returns what to tell the person who met it."""
    same = Version.objects.filter(pk=version.pk, collection=version.collection)
    same.filter(index_state=Version.Index.READY).update(index_state=Version.Index.STALE)
    return report(version, "The vector server has lost vectors of this version.")


def discard_builds(version: Version) -> None:
    """Remove the words of this version, and drop every collection ever begun for it."""
    postings.discard(version)
    prefix = vector_client.version_prefix(version.pk)
    drop_collections([name for name in vector_client.connect().names() if name.startswith(prefix)])


def drop_collections(names: Sequence[str]) -> None:
    """Remove collections from the server and from its disk. Missing ones are no error."""
    client = vector_client.connect()
    for name in names:
        client.drop(name)
    vector_server.scrub()


def drop_unclaimed() -> int:
    """Drop collections that no version points to and no open job builds. Returns how many.

    They are left while a server is unavailable. With CHROMA_URL, collections of unknown versions stay: the
    server may be shared.
    """
    begun = {name: vector_client.prefix_of(name) for name in vector_client.connect().names()}
    # In this order, a build that ends meanwhile is seen as open, or as its version's collection.
    open_versions = Job.objects.all().open().values_list("version_id", flat=True)
    building = {vector_client.version_prefix(pk) for pk in open_versions}
    held = dict(Version.objects.values_list("pk", "collection"))
    ours = {vector_client.version_prefix(pk): collection for pk, collection in held.items()}
    left = [
        name
        for name, prefix in begun.items()
        if prefix and prefix not in building and ours.get(prefix) != name
        if prefix in ours or not settings.CHROMA_URL
    ]
    if left:
        drop_collections(left)
    return len(left)
