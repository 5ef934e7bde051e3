"""Finds the rows nearest to a question, by meaning and by words, over several datasets at once."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from datasets.storage import local_parquet
from promptiq import vector_client
from promptiq.exact import TooSlow
from promptiq.exact.plans import Uncomputable
from promptiq.exact.words import fold
from promptiq.index.embeddings import Embedder, Embedding, EmbeddingUnavailable, Vectors, configured
from promptiq.index.fusion import fused
from promptiq.index.indexing import close_index, is_whole
from promptiq.index.lexical import Match, search, terms_of
from promptiq.index.rendering import indexed_columns
from promptiq.rows import fetch_whole_and_seen
from promptiq.sources import Source
from promptiq.vector_client import Hit

# Rows that meaning and words each propose from one dataset: enough that rows found by both are among them.
CANDIDATES = 24
# Seconds that the word search may take for one question, in all its datasets together: several times what a
# million rows take.
WORDS_SECONDS = 3.0


@dataclass(slots=True)
class Found:
    """`hits`: best first. Their scores are 0–1; 1 for a row that is first both by meaning and by
    words, and has all words of the question.

    `asked`: the sources searched. `lost`: those whose index is incomplete, or was built by an embedding that
    cannot be loaded any more, and `why` in words. `unread`: those of `asked` whose words were not searched
    for lack of time.
    """

    hits: list[tuple[Source, Hit]] = field(default_factory=list)
    asked: list[Source] = field(default_factory=list)
    lost: list[Source] = field(default_factory=list)
    why: str = ""
    unread: list[Source] = field(default_factory=list)


def nearest(question: str, sources: Sequence[Source], limit: int) -> Found:
    """The best rows of all sources, from collections and files that the reader may search.

    Vectors of two embeddings are never compared: each index is searched with its own embedding, and ranks are
    combined. Raises VectorServerUnavailable, FileNotFoundError, and EmbeddingUnavailable for the configured
    embedding.
    """
    found = Found()
    asked = _Query(question, limit)
    # By embedding: a score for each row, with the position of its source among those asked.
    rankings: dict[str, dict[tuple[int, int], float]] = {}
    # By words: a row with one of a question's five words has little to say against what the row means.
    words: dict[tuple[int, int], float] = {}
    for source in sources:
        try:
            embedder, near = asked.by_meaning(source)
        except _Lost as lost:
            found.lost.append(source)
            found.why = str(lost)
            continue
        place = len(found.asked)
        found.asked.append(source)
        try:
            matched = asked.by_words(source, near)
        except (TooSlow, Uncomputable):
            found.unread.append(source)
            matched = []
        if embedder:
            near += asked.likeness(source, embedder, near, matched)
            rankings.setdefault(embedder.name, {}).update({(place, hit.row): hit.score for hit in near})
        words.update({(place, match.row): match.score for match in matched})
    best = list(fused(list(rankings.values()), most=2, sure=words).items())[:limit]
    found.hits = [(found.asked[place], Hit(row, round(score, 4))) for (place, row), score in best]
    return found


BUILT_OTHERWISE = "The index was built by an embedding that cannot be loaded any more, and is being rebuilt."
NOT_WHOLE = "The index is not whole: the vector server has lost some of it."


class _Lost(Exception):
    """An index cannot be searched; the text says why."""


def _embedder_of(source: Source) -> Embedder | None:
    """The embedding that built the source's index. None if the index is empty.

    Raises _Lost, or EmbeddingUnavailable for the configured embedding.
    """
    version = source.version
    if not version.vectors:
        return None
    built_by = Embedding(version.embedding_name, version.embedding_model, version.embedding_url)
    try:
        return built_by.load()
    except EmbeddingUnavailable:
        if built_by.name == configured().name:
            raise
        raise _Lost(BUILT_OTHERWISE) from None


def _was_swapped(source: Source) -> bool:
    """Whether a newer index has just replaced the one that was searched."""
    version, before = source.version, source.version.collection
    version.refresh_from_db(
        fields=["index_state", "collection", "vectors", "embedding_name", "embedding_model", "embedding_url"]
    )
    return source.is_indexed and version.collection != before


class _Query:
    """A question that is searched in several sources. It is embedded once for each embedding."""

    def __init__(self, question: str, limit: int) -> None:
        self.question = question
        self.candidates = max(limit, CANDIDATES)
        self.terms = terms_of(question)
        # Time for loading a model or waiting for the vector server does not count.
        self.seconds_for_words = WORDS_SECONDS
        self._vectors: dict[str, Vectors] = {}

    def by_meaning(self, source: Source) -> tuple[Embedder | None, list[Hit]]:
        """The nearest rows, and the embedder that built their index; None if it is empty. Raises _Lost."""
        embedder = _embedder_of(source)
        if not is_whole(source.version):
            if not _was_swapped(source):
                raise _Lost(f"{NOT_WHOLE} {close_index(source.version)}")
            embedder = _embedder_of(source)
        return embedder, self._nearest(source, embedder)

    def _nearest(self, source: Source, embedder: Embedder | None) -> list[Hit]:
        if embedder is None:
            return []
        limit = min(self.candidates, source.version.vectors)
        return vector_client.connect().query(source.version.collection, self._vector(embedder), limit)

    def by_words(self, source: Source, near: Sequence[Hit]) -> list[Match]:
        """`near`: rows that need a score, too. Raises TooSlow, FileNotFoundError."""
        columns = indexed_columns(source.access)
        if not self.terms or not columns:
            return []
        if self.seconds_for_words <= 0:
            raise TooSlow("No time is left to search for words.")
        parquet = local_parquet(source.version)
        begun, also = time.monotonic(), [hit.row for hit in near]
        try:
            found = search(parquet, columns, self.terms, self.candidates, also, self.seconds_for_words)
            return found if source.view_pii else self._as_seen(source, columns, found)
        finally:
            self.seconds_for_words -= time.monotonic() - begun

    def _as_seen(self, source: Source, columns: Sequence[str], found: Sequence[Match]) -> list[Match]:
        """Without rows that contain a term only in masked parts of cells, so that a guess finds nothing."""
        rows = [match.row for match in found]
        whole, seen = fetch_whole_and_seen(source.version, rows, source.access)
        return [
            match
            for match in found
            if self._held(whole.get(match.row, {}), columns) == self._held(seen.get(match.row, {}), columns)
        ]

    def _held(self, cells: Mapping[str, Any], columns: Sequence[str]) -> set[str]:
        text = fold(" ".join(str(cells[name]) for name in columns if cells.get(name) is not None))
        return {term for term in self.terms if term in text}

    def likeness(
        self, source: Source, embedder: Embedder, near: Sequence[Hit], matched: Sequence[Match]
    ) -> list[Hit]:
        """The similarity in meaning of rows found by words alone, if the index has them."""
        known = {hit.row for hit in near}
        rows = [match.row for match in matched if match.row not in known]
        return vector_client.connect().likeness(source.version.collection, self._vector(embedder), rows)

    def _vector(self, embedder: Embedder) -> Vectors:
        if embedder.name not in self._vectors:
            self._vectors[embedder.name] = embedder.embed([self.question])[0]
        return self._vectors[embedder.name]
