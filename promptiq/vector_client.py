"""The only module that uses Chroma. Chroma holds vectors, row numbers and ids, but no texts."""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import numpy as np
from django.conf import settings

from omdplatform.base.errors import Unavailable
from omdplatform.base.measurements import VECTOR_CALLS, timed
from promptiq.index.embeddings import EmbeddingUnavailable, Vectors

# Vectors of one request. The server accepts 5,461 at most.
CHUNK = 1_000
# Deadlines of one call (seconds). 1,000 vectors took a loaded machine about ten.
READ_SECONDS, WRITE_SECONDS = 10.0, 60.0
# A server that did not answer in time is not called for this long (seconds).
HUNG_SECONDS = 5.0
# Ids that one request filters by. The server accepts about 32,000 at most.
IDS = 5_000


class VectorServerUnavailable(Unavailable):
    """The vector server does not answer. The text has its address and what to do."""

    code = "vectors-unavailable"


@dataclass(frozen=True, slots=True)
class Hit:
    """`row`: 1-based row number of the version. `score`: cosine similarity, 1 is the same direction."""

    row: int
    score: float


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a routing collection: a vector, and marks that say what it was made from."""

    id: str
    marks: tuple[str, str]


def address_file() -> Path:
    """The file with the embedded server's address: {"port", "pid"}."""
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
    """A client for the present server, kept for the process.

    Raises VectorServerUnavailable; at once if the server did not answer recently, so that not everybody
    waits.
    """
    url = server_url()
    if time.monotonic() < _hung.get(url, 0.0):
        raise VectorServerUnavailable(f"The vector server at {url} does not answer.")
    with _connecting:
        return _client(url)


# Until when a server that did not answer is not called again, by address and time.monotonic().
_hung: dict[str, float] = {}
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
    """The version prefix of a collection's name. None for a collection that is not ours."""
    match = re.match(r"v-[0-9a-f]{32}-", name)
    return match.group() if match else None


def version_of(name: str) -> UUID | None:
    """The version in the name of an index's collection. None if the collection is not ours."""
    prefix = prefix_of(name)
    return UUID(prefix[2:34]) if prefix else None


class VectorClient:
    """Every method raises VectorServerUnavailable, and EmbeddingUnavailable if vectors do not fit."""

    def __init__(self, url: str) -> None:
        import chromadb
        from chromadb.config import Settings

        self.url = url
        parts = urlsplit(url)
        with self._reaching():
            # Creating Chroma's client has no deadline, so a server that hangs is detected before.
            httpx.get(f"{url}/api/v2/heartbeat", timeout=READ_SECONDS)
            self._chroma = chromadb.HttpClient(
                host=parts.hostname or "127.0.0.1",
                port=parts.port or (443 if parts.scheme == "https" else 80),
                ssl=parts.scheme == "https",
                settings=Settings(anonymized_telemetry=False),
            )
            made: Any = self._chroma
            session: httpx.Client = made._server._session
            session.timeout = httpx.Timeout(READ_SECONDS)
            session.event_hooks = {"request": [_take_longer_over_writing]}
        self._known: dict[str, Any] = {}

    @contextmanager
    def _reaching(self) -> Iterator[None]:
        from chromadb.errors import InternalError, InvalidArgumentError

        try:
            with timed(VECTOR_CALLS, "ok"):
                yield
        except InternalError:
            raise VectorServerUnavailable(
                f"The vector server at {self.url} failed. Its log and the room on its disk may say why."
            ) from None
        except (httpx.HTTPError, ConnectionError) as error:
            _client.cache_clear()
            if isinstance(error, httpx.TimeoutException):
                _hung[self.url] = time.monotonic() + HUNG_SECONDS
            raise VectorServerUnavailable(
                f"The vector server at {self.url} does not answer ({type(error).__name__})."
            ) from None
        except InvalidArgumentError as error:
            if "dimension" not in str(error):
                raise
            raise EmbeddingUnavailable(
                "The embedding's vectors are of another length than those of its name in the index. "
                "Give the embedding another name: then the index is rebuilt."
            ) from None
        except ValueError as error:
            # Chroma's client raises this if it cannot connect at all.
            if "Could not connect" in str(error):
                raise VectorServerUnavailable(f"The vector server at {self.url} does not answer.") from None
            raise

    def _collection(self, name: str) -> Any:
        if name not in self._known:
            self._known[name] = self._chroma.get_collection(name, embedding_function=None)
        return self._known[name]

    def create(self, name: str) -> None:
        """Create an empty collection. An existing one stays as it is."""
        with self._reaching():
            self._known[name] = self._chroma.get_or_create_collection(
                name, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
            )

    def upsert(self, name: str, rows: Sequence[int], vectors: Vectors) -> None:
        """Write one vector for each row number. Existing rows are replaced."""
        with self._reaching():
            collection = self._collection(name)
            for start in range(0, len(rows), CHUNK):
                part = rows[start : start + CHUNK]
                collection.upsert(ids=[str(row) for row in part], embeddings=vectors[start : start + CHUNK])

    def count(self, name: str) -> int:
        """Vectors in the collection; 0 if there is none."""
        return int(self._read(name, "count") or 0)

    def query(self, name: str, vector: Vectors, limit: int) -> list[Hit]:
        """The nearest rows, best first. Empty if the collection is gone."""
        answer = self._read(name, "query", query_embeddings=[vector], n_results=limit, include=["distances"])
        if answer is None:
            return []
        found = zip(answer["ids"][0], answer["distances"][0], strict=True)
        return [Hit(int(row), 1.0 - float(distance)) for row, distance in found]

    def likeness(self, name: str, vector: Vectors, rows: Sequence[int]) -> list[Hit]:
        """Hits for these rows, in no order. Rows without a vector are left out."""
        if not rows:
            return []
        answer = self._read(name, "get", ids=[str(row) for row in rows], include=["embeddings"])
        if answer is None or not answer["ids"]:
            return []
        vectors = np.asarray(answer["embeddings"], np.float32)
        lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(vector)
        scores = vectors @ vector / np.maximum(lengths, np.finfo(np.float32).tiny)
        return [Hit(int(row), float(score)) for row, score in zip(answer["ids"], scores, strict=True)]

    def _read(self, name: str, method: str, **wanted: Any) -> Any:
        """The collection's reply. None if there is no such collection."""
        from chromadb.errors import NotFoundError

        with self._reaching():
            for _ in range(2):
                try:
                    return getattr(self._collection(name), method)(**wanted)
                except NotFoundError:
                    # Another process may have created the collection again with a new id: look it up once
                    # more.
                    self._known.pop(name, None)
            return None

    # --- Entries: one vector for each thing that has an id ----------------------------------------------

    def put_entries(self, name: str, entries: Sequence[Entry], vectors: Vectors) -> None:
        """Write entries; existing ids are replaced. Creates a missing collection."""
        self.create(name)
        for start in range(0, len(entries), CHUNK):
            part = entries[start : start + CHUNK]
            written = {
                "ids": [entry.id for entry in part],
                "embeddings": vectors[start : start + CHUNK],
                "metadatas": [_as_metadata(entry) for entry in part],
            }
            # If the collection was dropped meanwhile, nothing is written: the next sweep writes what is
            # missing.
            self._read(name, "upsert", **written)

    def entries(self, name: str, ids: Sequence[str]) -> dict[str, Entry]:
        """The entries that exist, of these ids."""
        found: dict[str, Entry] = {}
        for part in _parts(ids):
            if answer := self._read(name, "get", ids=part, include=["metadatas"]):
                for key, held in zip(answer["ids"], answer["metadatas"], strict=True):
                    found[key] = _as_entry(key, held)
        return found

    def nearest_entries(self, name: str, vector: Vectors, ids: Sequence[str], limit: int) -> dict[str, float]:
        """The nearest among these ids with their similarity, best first. Other entries do not count."""
        found: dict[str, float] = {}
        for part in _parts(ids):
            answer = self._read(
                name,
                "query",
                query_embeddings=[vector],
                n_results=min(limit, len(part)),
                where={"id": {"$in": part}},
                include=["distances"],
            )
            if answer:
                likeness = [1.0 - float(distance) for distance in answer["distances"][0]]
                found.update(zip(answer["ids"][0], likeness, strict=True))
        return dict(sorted(found.items(), key=lambda item: -item[1])[:limit])

    def remove_entry(self, name: str, entry_id: str) -> bool:
        """Create the collection again without this id: a plain delete leaves the vector on the server's disk.

        Returns False if there is none. An entry that somebody adds meanwhile may be lost.
        """
        if not self.entries(name, [entry_id]):
            return False
        pages = list(self._pages(name))
        self.drop(name)
        for page in pages:
            left = [place for place, key in enumerate(page["ids"]) if key != entry_id]
            entries = [_as_entry(page["ids"][place], page["metadatas"][place]) for place in left]
            self.put_entries(name, entries, np.asarray(page["embeddings"], np.float32)[left])
        return True

    def _pages(self, name: str, include: Sequence[str] = ("embeddings", "metadatas")) -> Iterator[Any]:
        offset = 0
        while page := self._read(name, "get", limit=CHUNK, offset=offset, include=list(include)):
            if not page["ids"]:
                return
            offset += len(page["ids"])
            yield page

    def vectors(self, name: str) -> Iterator[tuple[list[int], Vectors]]:
        """All of a collection of rows, CHUNK at a time: row numbers and their vectors."""
        for page in self._pages(name):
            yield [int(row) for row in page["ids"]], np.asarray(page["embeddings"], np.float32)

    def ids(self, name: str) -> Iterator[str]:
        """All ids in a collection."""
        for page in self._pages(name, include=[]):
            yield from page["ids"]

    def drop(self, name: str) -> None:
        """Remove a collection. Safe if there is none."""
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


def _take_longer_over_writing(request: httpx.Request) -> None:
    if request.method != "GET" and not request.url.path.endswith(("/query", "/get")):
        request.extensions["timeout"] = httpx.Timeout(WRITE_SECONDS).as_dict()


def _parts(ids: Sequence[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), IDS):
        yield list(ids[start : start + IDS])


def _as_metadata(entry: Entry) -> dict[str, str]:
    # The id is stored as metadata, too: queries can be limited by metadata, while a missing id makes them
    # fail.
    return {"id": entry.id, "first": entry.marks[0], "second": entry.marks[1]}


def _as_entry(entry_id: str, metadata: Mapping[str, Any]) -> Entry:
    return Entry(entry_id, (str(metadata["first"]), str(metadata["second"])))
