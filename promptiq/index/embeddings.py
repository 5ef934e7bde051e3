"""Turns texts into vectors, with the packaged models, another model, a site's own class, or a server."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import httpx
import numpy as np
from cachetools import TTLCache
from django.conf import settings
from django.utils.module_loading import import_string

from omdplatform.base.errors import Unavailable

if TYPE_CHECKING:
    from promptiq.index.packaged.minilm import MiniLM

log = logging.getLogger(__name__)

PACKAGED = "all-MiniLM-L6-v2"
# Rows by its static model, and the best of them by itself.
TWO_STAGES = "two-stages"
# Texts of one forward pass of a model by torch. On two cores, more are no faster and need more padding.
BATCH = 32
# Seconds to wait for an embedding that is only a help. After a late one, it is not used for as long.
SOON, PATIENCE = 5.0, 30.0
# The model reads 256 tokens, so longer texts are cut before they reach it (characters).
MAX_CHARACTERS = 2_000
# Seconds before a former embedding that could not be loaded is tried again.
LOST_SECONDS = 60.0
# Vectors of rows that were compared with a question are kept for others: at most so many (1.6 kB each), and
# for so many seconds, because a dataset may be erased meanwhile.
COMPARED, COMPARED_SECONDS = 8_192, 600.0

Vectors = np.ndarray[Any, np.dtype[np.float32]]


class EmbeddingUnavailable(Unavailable):
    """The configured model or server cannot be used. The text says which setting and what to do."""

    code = "embeddings-unavailable"


class Embedder(Protocol):
    """`name` identifies the model: vectors of different names are never compared. `dimensions`: length of a
    vector.
    """

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> Vectors:
        """texts × dimensions, float32, each of unit length, in the order of the texts."""


@dataclass(frozen=True, slots=True)
class Embedding:
    """An embedding by its name and the two settings that load it."""

    name: str
    model: str
    url: str

    def load(self) -> Embedder:
        """The embedder of this name.

        Raises EmbeddingUnavailable if it cannot be loaded any more, and does not try again for a minute.
        """
        if self.name == configured().name:
            return get_row_embedder()
        if time.monotonic() < _lost.get(self, 0.0):
            raise EmbeddingUnavailable(f"The embedding {self.name} cannot be loaded any more.")
        try:
            with _loading:
                embedder = _embedder(self.model or self.name, self.url)
            if self.name != embedder.name:
                raise EmbeddingUnavailable(f"What loads as {self.name} calls itself {embedder.name} now.")
        except EmbeddingUnavailable:
            _lost[self] = time.monotonic() + LOST_SECONDS
            raise
        return embedder


# Until when a former embedding counts as missing, by time.monotonic().
_lost: dict[Embedding, float] = {}


def configured() -> Embedding:
    """The embedding of rows, by the settings. Loads nothing, except a site's own class.

    Raises EmbeddingUnavailable.
    """
    model, url = settings.EMBEDDING_MODEL, settings.EMBEDDING_URL
    name = get_row_embedder().name if not url and _is_dotted(model) else model or PACKAGED
    return Embedding(name, model, url)


def configured_for_texts() -> Embedding:
    """The embedding of all other texts: of those that are few. As configured."""
    return Embedding(PACKAGED, "", "") if _is_two_stages() else configured()


def _is_two_stages() -> bool:
    return bool(settings.EMBEDDING_MODEL == TWO_STAGES and not settings.EMBEDDING_URL)


def get_row_embedder() -> Embedder:
    """This process's embedder of rows, as get_embedder."""
    with _loading:
        return _embedder(settings.EMBEDDING_MODEL or PACKAGED, settings.EMBEDDING_URL)


def get_embedder() -> Embedder:
    """This process's embedder of all texts but rows. The first call loads it, which takes up to half a minute
    on a cold disk.

    Raises EmbeddingUnavailable.
    """
    if not _is_two_stages():
        return get_row_embedder()
    with _loading:
        return _embedder(PACKAGED, "")


_loading = threading.Lock()


@cache
def _embedder(model: str, url: str) -> Embedder:
    if url:
        return ServerEmbedder(url, model)
    if model == TWO_STAGES:
        return TwoStageEmbedder()
    if model == PACKAGED:
        return PackagedEmbedder()
    if not _is_dotted(model):
        return LocalEmbedder(model)
    try:
        return import_string(model)()  # type: ignore[no-any-return]
    except ImportError as error:
        raise EmbeddingUnavailable(f"EMBEDDING_MODEL names {model}, which cannot be imported.") from error
    except Exception as error:  # a site's own class may raise anything
        raise EmbeddingUnavailable(
            f"EMBEDDING_MODEL names {model}, which cannot be made ({type(error).__name__})."
        ) from error


def _is_dotted(model: str) -> bool:
    """Whether the text is the dotted path of a class, not a model name or folder."""
    return "." in model and "/" not in model


class Helper:
    """The embedding for optional uses: after a late reply or an error it pauses for a while."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="embedding")
        self._away_until = 0.0

    def embed(self, texts: Sequence[str]) -> Vectors:
        """As the configured embedder. Raises EmbeddingUnavailable after `SOON` seconds, or at once."""
        if time.monotonic() < self._away_until:
            raise EmbeddingUnavailable("The embedding was late or not to be had a moment ago.")
        try:
            return self._pool.submit(lambda: get_embedder().embed(texts)).result(timeout=SOON)
        except Exception as error:  # late, or any error of a site's own class
            self._away_until = time.monotonic() + PATIENCE
            raise EmbeddingUnavailable(
                f"The embedding is late, or not to be had ({type(error).__name__})."
            ) from None


def helper() -> Helper:
    """The helper of this process and these settings."""
    return _helper(settings.EMBEDDING_MODEL, settings.EMBEDDING_URL)


@cache
def _helper(model: str, url: str) -> Helper:
    return Helper()


def warm_up() -> threading.Thread:
    """Load the model in the background, so that the first question does not wait for it."""
    thread = threading.Thread(target=_warm_up, name="warm-up", daemon=True)
    thread.start()
    return thread


def _warm_up() -> None:
    try:
        get_embedder().embed(["warm"])
        if isinstance(embedder := get_row_embedder(), TwoStageEmbedder):
            embedder.compared(["warm"])
    except Exception as error:
        log.error("The embedding model could not be loaded: %s", type(error).__name__)


class PackagedEmbedder:
    """The packaged all-MiniLM-L6-v2 in this process, without torch."""

    name = PACKAGED

    def __init__(self) -> None:
        from promptiq.index.packaged.minilm import DIMENSIONS, MiniLM

        self.dimensions = DIMENSIONS
        self._model = MiniLM()

    def embed(self, texts: Sequence[str]) -> Vectors:
        return _each_once(self._model.embed, texts)


class TwoStageEmbedder:
    """Rows by the packaged static model; questions, and rows that are compared with them, by the full one."""

    name = TWO_STAGES

    def __init__(self) -> None:
        from promptiq.index.packaged.static_rows import StaticRows

        self._static = StaticRows()
        self.dimensions = self._static.dimensions
        self._compared: TTLCache[bytes, Vectors] = TTLCache(COMPARED, COMPARED_SECONDS)
        self._comparing = threading.Lock()

    def embed(self, texts: Sequence[str]) -> Vectors:
        return self._static.rows([text[:MAX_CHARACTERS] for text in texts])

    def nearby(self, meaning: Vectors) -> Vectors:
        """The full model's vector of a question, as the vectors of rows are compared with."""
        (vector,) = self._static.questions(meaning[None])
        return np.asarray(vector)

    def compared(self, texts: Sequence[str]) -> Vectors:
        """texts × 384, to compare with the full model's vector of a question. Each takes some 5 ms, once."""
        keys = [hashlib.blake2b(text.encode(), digest_size=16).digest() for text in texts]
        with self._comparing:
            held = {key: self._compared[key] for key in keys if key in self._compared}
        new = {key: text[:MAX_CHARACTERS] for key, text in zip(keys, texts, strict=True) if key not in held}
        # One by one: in eight bits, a text's vector depends a little on those beside it.
        held |= {key: _comparing_model().embed([text])[0] for key, text in new.items()}
        with self._comparing:
            self._compared.update({key: held[key] for key in new})
        return np.stack([held[key] for key in keys])


@cache
def _comparing_model() -> MiniLM:
    from promptiq.index.packaged.minilm import MiniLM

    return MiniLM(in_bytes=True)


class LocalEmbedder:
    """A sentence-transformers model in this process. `model`: a name or a path."""

    def __init__(self, model: str) -> None:
        # It brings torch, which takes a gigabyte of memory and seconds to load.
        from sentence_transformers import SentenceTransformer

        self.name = model
        try:
            self._model = SentenceTransformer(model, device="cpu")
        except (OSError, ValueError) as error:
            raise EmbeddingUnavailable(
                f"EMBEDDING_MODEL names {model}, which is not on this machine. "
                "Nothing is downloaded: give a path."
            ) from error
        self.dimensions = len(self.embed(["dimensions"])[0])

    def embed(self, texts: Sequence[str]) -> Vectors:
        return _each_once(self._encode, texts)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        vectors: Vectors = self._model.encode(
            texts, batch_size=BATCH, normalize_embeddings=True, show_progress_bar=False
        )
        return vectors


def _each_once(embed: Callable[[Sequence[str]], Vectors], texts: Sequence[str]) -> Vectors:
    """The texts' vectors, where a text that repeats is embedded once, and long ones are cut."""
    cut = [text[:MAX_CHARACTERS] for text in texts]
    distinct = {text: place for place, text in enumerate(dict.fromkeys(cut))}
    vectors = embed(list(distinct))
    return vectors if len(distinct) == len(cut) else vectors[[distinct[text] for text in cut]]


class ServerEmbedder:
    """Any server with the OpenAI-compatible call POST {url}/embeddings."""

    def __init__(self, url: str, model: str) -> None:
        self.name = model
        self._client = httpx.Client(base_url=url.rstrip("/"), timeout=60)
        self.dimensions = len(self.embed(["dimensions"])[0])

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        parts = [self._ask(texts[start : start + 256]) for start in range(0, len(texts), 256)]
        return np.concatenate(parts)

    def _ask(self, texts: Sequence[str]) -> Vectors:
        body = {"model": self.name, "input": [text[:MAX_CHARACTERS] for text in texts]}
        try:
            response = self._client.post("/embeddings", json=body).raise_for_status().json()
            rows = sorted(response["data"], key=lambda row: row["index"])
            vectors = np.array([row["embedding"] for row in rows], np.float32)
        except (httpx.HTTPError, KeyError, ValueError) as error:
            raise EmbeddingUnavailable(
                f"The server at EMBEDDING_URL did not answer as expected ({type(error).__name__}). "
                "Check that it runs and has the model that EMBEDDING_MODEL names."
            ) from None
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit
