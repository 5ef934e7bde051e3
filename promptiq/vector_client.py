"""The only module that speaks to Chroma. It holds vectors and row numbers; texts never get there."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from django.conf import settings

from promptiq.embeddings import Vectors

# Vectors of one request; the server takes 5,461 at most.
CHUNK = 1_000


class VectorServerUnavailable(Exception):
    """The vector server does not answer; the text says where it was looked for and what to do."""


@dataclass(frozen=True, slots=True)
class Hit:
    """`row`: 1-based row number of the version. `score`: cosine similarity, 1 is the same direction."""

    row: int
    score: float


def address_file() -> Path:
    """Where the embedded server writes its address: {"port", "pid"}."""
    return Path(settings.DATA_DIR) / "chroma" / "server.json"


def server_url() -> str:
    """CHROMA_URL, or the address of the embedded server. Raises VectorServerUnavailable."""
    if settings.CHROMA_URL:
        return str(settings.CHROMA_URL)
    try:
        port = json.loads(address_file().read_text())["port"]
    except (OSError, ValueError, KeyError):
        raise VectorServerUnavailable(
            "The vector server is not running. Start the platform with make run, or set CHROMA_URL."
        ) from None
    return f"http://127.0.0.1:{port}"


def connect() -> VectorClient:
    """A client for the server of now; kept for the process. Raises VectorServerUnavailable."""
    url = server_url()
    with _connecting:
        return _client(url)


_connecting = threading.Lock()


@cache
def _client(url: str) -> VectorClient:
    return VectorClient(url)


def collection_name(version_id: UUID, embedder: str, fingerprint: str) -> str:
    """One collection for each version, model and effect of the policies."""
    model = hashlib.sha256(embedder.encode()).hexdigest()[:8]
    return f"{version_prefix(version_id)}{model}-{fingerprint}"


def version_prefix(version_id: UUID) -> str:
    return f"v-{version_id.hex}-"


def prefix_of(name: str) -> str | None:
    """The version_prefix of a collection's name; None where the collection is none of ours."""
    match = re.match(r"v-[0-9a-f]{32}-", name)
    return match.group() if match else None


class VectorClient:
    """Every method raises VectorServerUnavailable."""

    def __init__(self, url: str) -> None:
        import chromadb
        from chromadb.config import Settings

        self.url = url
        parts = urlsplit(url)
        with self._reaching():
            self._chroma = chromadb.HttpClient(
                host=parts.hostname or "127.0.0.1",
                port=parts.port or (443 if parts.scheme == "https" else 80),
                ssl=parts.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )
        self._known: dict[str, Any] = {}

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        try:
            yield
        except (httpx.HTTPError, ConnectionError) as error:
            _client.cache_clear()
            raise VectorServerUnavailable(
                f"The vector server at {self.url} does not answer ({type(error).__name__})."
            ) from None
        except ValueError as error:
            # Chroma's client says so where it cannot connect at all.
            if "Could not connect" in str(error):
                raise VectorServerUnavailable(f"The vector server at {self.url} does not answer.") from None
            raise

    def _collection(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._chroma.get_collection(name, embedding_function=None)
        return self._known[name]

    def create(self, name: str) -> None:
        """An empty collection; one that exists stays as it is."""
        with self._reaching():
            self._known[name] = self._chroma.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )

    def upsert(self, name: str, rows: Sequence[int], vectors: Vectors) -> None:
        """One vector for each row number; the same rows again replace themselves."""
        with self._reaching():
            collection = self._collection(name)
            for start in range(0, len(rows), CHUNK):
                part = rows[start : start + CHUNK]
                collection.upsert(ids=[str(row) for row in part], embeddings=vectors[start : start + CHUNK])

    def count(self, name: str) -> int:
        """Vectors in the collection; 0 where there is none."""
        from chromadb.errors import NotFoundError

        with self._reaching():
            try:
                return int(self._chroma.get_collection(name, embedding_function=None).count())
            except NotFoundError:
                return 0

    def query(self, name: str, vector: Vectors, limit: int) -> list[Hit]:
        """The nearest rows, best first; none where the collection is gone."""
        from chromadb.errors import NotFoundError

        with self._reaching():
            try:
                answer = self._query(name, vector, limit)
            except NotFoundError:
                return []
        found = zip(answer["ids"][0], answer["distances"][0], strict=True)
        return [Hit(int(row), 1.0 - float(distance)) for row, distance in found]

    def _query(self, name: str, vector: Vectors, limit: int) -> Any:
        from chromadb.errors import NotFoundError

        wanted = {"query_embeddings": [vector], "n_results": limit, "include": ["distances"]}
        try:
            return self._collection(name).query(**wanted)
        except NotFoundError:
            # Another process may have made it anew: then only what we knew of it is out of date.
            self._known.pop(name, None)
            return self._collection(name).query(**wanted)

    def drop(self, name: str) -> None:
        """Remove a collection; one that is not there is fine."""
        from chromadb.errors import NotFoundError

        self._known.pop(name, None)
        with self._reaching():
            try:
                self._chroma.delete_collection(name)
            except NotFoundError:
                return

    def names(self) -> list[str]:
        """All collections."""
        with self._reaching():
            names: list[str] = []
            while page := self._chroma.list_collections(limit=1_000, offset=len(names)):
                names += [collection.name for collection in page]
            return names
