"""Finds the rows nearest to a question, by meaning and by words, over several datasets at once.

Meaning and words each propose some rows. All of these are then compared with the question in meaning: in two
stages, what proposes is a fast static model, and what compares is the full one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from datasets.storage import local_parquet
from promptiq import vector_client
from promptiq.exact import TooSlow
from promptiq.exact.plans import Uncomputable
from promptiq.index import postings
from promptiq.index.embeddings import (
    PACKAGED,
    Embedder,
    Embedding,
    EmbeddingUnavailable,
    TwoStageEmbedder,
    Vectors,
    configured,
)
from promptiq.index.fusion import fused
from promptiq.index.indexing import close_index, is_whole, texts_of
from promptiq.index.lexical import Match, search, terms_of
from promptiq.index.rendering import indexed_columns
from promptiq.sources import Source
from promptiq.vector_client import Hit

# Rows that meaning and words each propose: enough that rows found by both are among them.
CANDIDATES = 24
# Where proposed rows are read and compared, which takes time for each. By bench.retrieval.
COMPARED_BY_MEANING, COMPARED_BY_WORDS = 30, 10
# Seconds that the word search may take for one question, in all its datasets together. It takes them only if
# words have to be listed first.
WORDS_SECONDS = 3.0


# A row: the position of its source among those asked, and its number.
Key = tuple[int, int]


@dataclass(slots=True)
class Found:
    """`hits`: best first. Their scores are 0–1; 1 for a row that means just what the question does, and has
    all its words.

    `asked`: the sources searched. `lost`: those whose index is incomplete, or was built by an embedding that
    cannot be loaded any more, and `why` in words. `unread`: those of `asked` whose words were not searched
    for lack of time.
    """

    hits: list[tuple[Source, Hit]] = field(default_factory=list)
    asked: list[Source] = field(default_factory=list)
    lost: list[Source] = field(default_factory=list)
    why: str = ""
    unread: list[Source] = field(default_factory=list)


@dataclass(slots=True)
class _Proposed:
    """Rows of indexes by one embedding, None for empty indexes, with their similarity in meaning, and with
    the share of the question's words that they have.
    """

    embedder: Embedder | None
    by_meaning: dict[Key, float] = field(default_factory=dict)
    by_words: dict[Key, float] = field(default_factory=dict)


def nearest(question: str, sources: Sequence[Source], limit: int) -> Found:
    """The best rows of all sources, from collections and files that the reader may search.

    Vectors of two embeddings are never compared: each index is searched with its own embedding, and ranks are
    combined. Raises VectorServerUnavailable, FileNotFoundError, and EmbeddingUnavailable for the configured
    embedding.
    """
    found = Found()
    asked = _Query(question, limit)
    groups: dict[str, _Proposed] = {}
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
        group = groups.setdefault(embedder.name if embedder else "", _Proposed(embedder))
        group.by_meaning.update({(place, hit.row): hit.score for hit in near})
        group.by_words.update({(place, match.row): match.score for match in matched})
    rankings = [asked.ranked(group, found.asked) for group in groups.values()]
    scores = {key: score for ranking in rankings for key, score in ranking.items()}
    best = islice(fused(rankings, most=1), limit)
    found.hits = [(found.asked[place], Hit(row, scores[place, row])) for place, row in best]
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
        self.limit = limit
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
        vector, most = self._vector(embedder), self._most(embedder)[0]
        return vector_client.connect().query(
            source.version.collection, vector, min(most, source.version.vectors)
        )

    def _most(self, embedder: Embedder | None) -> tuple[int, int]:
        """How many rows meaning may propose, and how many words."""
        two = (COMPARED_BY_MEANING, COMPARED_BY_WORDS)
        by_meaning, by_words = two if isinstance(embedder, TwoStageEmbedder) else (CANDIDATES, CANDIDATES)
        return max(self.limit, by_meaning), max(self.limit, by_words)

    def by_words(self, source: Source, near: Sequence[Hit]) -> list[Match]:
        """`near`: rows that need a score, too. Raises TooSlow, Uncomputable, FileNotFoundError."""
        columns = indexed_columns(source.access)
        if not self.terms or not columns:
            return []
        if self.seconds_for_words <= 0:
            raise TooSlow("No time is left to search for words.")
        begun, also = time.monotonic(), [hit.row for hit in near]
        try:
            words = postings.ready(source.version, source.access, self.seconds_for_words)
            return search(words, columns, self.terms, max(self.limit, CANDIDATES), also)
        finally:
            self.seconds_for_words -= time.monotonic() - begun

    def ranked(self, group: _Proposed, asked: Sequence[Source]) -> dict[Key, float]:
        """The best of the proposed rows, in no order, with their scores."""
        by_meaning, by_words = self._most(group.embedder)
        proposed = {*_best(group.by_meaning, by_meaning), *_best(group.by_words, by_words)}
        likeness = self._likeness(group, asked, proposed)
        return {
            key: round(score_of(likeness.get(key, 0.0), group.by_words.get(key, 0.0)), 4) for key in proposed
        }

    def _likeness(
        self, group: _Proposed, asked: Sequence[Source], proposed: Iterable[Key]
    ) -> dict[Key, float]:
        """The rows' similarity in meaning. Those that the index does not have may be left out."""
        embedder, known = group.embedder, group.by_meaning
        if embedder is None:
            return {}
        if isinstance(embedder, TwoStageEmbedder):
            known = {}  # that was only good enough for proposing
        rows: dict[int, list[int]] = {}
        for place, row in proposed:
            if (place, row) not in known:
                rows.setdefault(place, []).append(row)
        return known | {
            (place, hit.row): hit.score
            for place, each in rows.items()
            for hit in self._compared(embedder, asked[place], each)
        }

    def _compared(self, embedder: Embedder, source: Source, rows: Sequence[int]) -> list[Hit]:
        if not isinstance(embedder, TwoStageEmbedder):
            client = vector_client.connect()
            return client.likeness(source.version.collection, self._vector(embedder), rows)
        texts = texts_of(local_parquet(source.version), source.access, rows)
        scores = embedder.compared(list(texts.values())) @ self._meaning()
        return [Hit(row, float(score)) for row, score in zip(texts, scores, strict=True)]

    def _vector(self, embedder: Embedder) -> Vectors:
        """The question, as the embedder's vectors of rows are compared with."""
        if isinstance(embedder, TwoStageEmbedder):
            return embedder.nearby(self._meaning())
        return self._embedded(embedder)

    def _meaning(self) -> Vectors:
        """The question by the full model."""
        return self._embedded(Embedding(PACKAGED, "", "").load())

    def _embedded(self, embedder: Embedder) -> Vectors:
        if embedder.name not in self._vectors:
            self._vectors[embedder.name] = embedder.embed([self.question])[0]
        return self._vectors[embedder.name]


def score_of(likeness: float, share: float) -> float:
    """0–1. `likeness`: in meaning, a cosine. `share`: how much of the question's words the row has, 0–1.

    A row with one of the question's five words has little to say against what another one means, and a row
    with all of them much: so the share counts as its square.
    """
    return max(0.0, min((likeness + share**2) / 2, 1.0))


def _best(scores: Mapping[Key, float], most: int) -> list[Key]:
    return sorted(scores, key=lambda key: -scores[key])[:most]
