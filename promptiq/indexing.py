"""Building the index of one version: rows to texts, each distinct text to one vector, in turns."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from django.conf import settings

from datasets.models import Version
from datasets.reading import ROW
from governance.policies import Access
from promptiq import vector_client
from promptiq.embeddings import get_embedder
from promptiq.rendering import indexed_columns, render

# Rows between two looks at the clock: two or three seconds of embedding.
BATCH_ROWS = 512


class IndexMismatch(Exception):
    """The index does not hold what was put there; the text gives the counts."""


class IndexBuild:
    """One build, which may be taken up again from its cursor by another process.

    Rows that render to the same text share the vector of the first of them. The cursor is JSON:
    {"fingerprint", "rows_done", "vectors"}; one of another fingerprint is not gone on with.
    """

    def __init__(self, version: Version, parquet: Path, access: Access, cursor: dict[str, Any]) -> None:
        self.parquet = parquet
        self.columns = indexed_columns(access)
        self.fingerprint = access.fingerprint()
        self.embedder = get_embedder()
        self.collection = vector_client.collection_name(version.pk, self.embedder.name, self.fingerprint)
        self.rows_total = min(version.rows or 0, settings.INDEX_MAX_ROWS)
        goes_on = cursor.get("fingerprint") == self.fingerprint
        self.rows_done = int(cursor["rows_done"]) if goes_on else 0
        self.vectors = int(cursor["vectors"]) if goes_on else 0

    def cursor(self) -> dict[str, Any]:
        return {"fingerprint": self.fingerprint, "rows_done": self.rows_done, "vectors": self.vectors}

    def run(self, seconds: float | None, progress: Callable[[int], None]) -> bool:
        """Go on until the end (True) or until `seconds` have passed (False). Safe to repeat.

        Raises VectorServerUnavailable, EmbeddingUnavailable, and whatever `progress` raises.
        """
        until = time.monotonic() + seconds if seconds is not None else None
        client = vector_client.connect()
        client.create(self.collection)
        seen: set[bytes] = set()
        for numbers, texts in self._texts():
            first = [
                (number, text)
                for number, text in zip(numbers, texts, strict=True)
                if text and _is_new(seen, text)
            ]
            if numbers[-1] <= self.rows_done:
                continue  # a turn before this one embedded them
            if first:
                vectors = self.embedder.embed([text for _, text in first])
                client.upsert(self.collection, [number for number, _ in first], vectors)
            self.rows_done = numbers[-1]
            self.vectors += len(first)
            progress(self.rows_done)
            if until is not None and time.monotonic() >= until and self.rows_done < self.rows_total:
                return False
        return True

    def verify(self) -> None:
        """Raises IndexMismatch where the server counts other than was built."""
        there = vector_client.connect().count(self.collection)
        if there != self.vectors:
            raise IndexMismatch(f"The index holds {there:,} vectors instead of {self.vectors:,}.")

    def _texts(self) -> Iterator[tuple[list[int], list[str]]]:
        """Row numbers and texts, batch by batch, in order, up to `rows_total`."""
        with pq.ParquetFile(self.parquet) as file:
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=[ROW, *self.columns]):
                rows = [row for row in batch.to_pylist() if row[ROW] <= self.rows_total]
                if not rows:
                    return
                numbers = [row.pop(ROW) for row in rows]
                yield numbers, [render(row) for row in rows]


def _is_new(seen: set[bytes], text: str) -> bool:
    digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
    if digest in seen:
        return False
    seen.add(digest)
    return True


def discard_builds(version: Version) -> None:
    """Drop every collection that was ever begun for this version."""
    client = vector_client.connect()
    prefix = vector_client.version_prefix(version.pk)
    for name in client.names():
        if name.startswith(prefix):
            client.drop(name)
