"""Answers by meaning: the nearest rows of the indexed datasets, each with where it comes from."""

from __future__ import annotations

from collections.abc import Sequence

from promptiq import vector_client
from promptiq.answers import Answer, Citation, count_of
from promptiq.embeddings import get_embedder
from promptiq.rendering import indexed_columns
from promptiq.sources import Source
from promptiq.vector_client import Hit

NOT_COMPUTED = "This is a lookup by meaning, not a computed figure: counts and sums are not answered by it."

Hits = list[tuple[Source, Hit]]


def nearest(asked: str, sources: Sequence[Source], limit: int) -> Hits:
    """The best rows of all sources, best first. Only collections that the reader has a right to are asked.

    Raises VectorServerUnavailable, EmbeddingUnavailable.
    """
    client = vector_client.connect()
    vector = get_embedder().embed([asked])[0]
    hits = [
        (source, hit)
        for source in sources
        if source.version.vectors
        for hit in client.query(source.version.collection, vector, min(limit, source.version.vectors))
    ]
    return sorted(hits, key=lambda item: -item[1].score)[:limit]


def cite(hits: Hits) -> tuple[Citation, ...]:
    """The rows of the hits, best first."""
    sources = {id(source): source for source, _ in hits}
    cited = {
        (key, citation.row): citation
        for key, source in sources.items()
        for citation in source.cite({hit.row: _score(hit) for other, hit in hits if other is source})
    }
    return tuple(cited[id(source), hit.row] for source, hit in hits if (id(source), hit.row) in cited)


def _score(hit: Hit) -> float:
    return round(max(0.0, min(1.0, hit.score)), 4)


def answer_by_lookup(sources: Sequence[Source], hits: Hits, warnings: tuple[str, ...]) -> Answer:
    """The nearest rows as an answer. `hits`: of these sources, at least one."""
    citations = cite(hits)
    used = [source for source, _ in hits]
    return Answer(
        "masked" if any(source.masked() for source in used) else "answered",
        _in_words(citations, used),
        plan=f"Rows nearest in meaning to the question, among {count_of(len(sources), 'dataset')}.",
        coverage=coverage(citations, sources),
        citations=citations,
        governance=tuple(source.governance() for source in sources if source in used),
        warnings=(*warnings, NOT_COMPUTED),
    )


def _in_words(citations: Sequence[Citation], used: Sequence[Source]) -> str:
    names = list(dict.fromkeys(citation.dataset_name for citation in citations))
    text = f"The nearest {count_of(len(citations), 'row')} of {', '.join(names)}, best first."
    if masked := sorted({name for source in used for name in source.masked()}):
        text += f" Masked for you: {', '.join(masked)}."
    return text


def coverage(citations: Sequence[Citation], sources: Sequence[Source]) -> str:
    rows = sum(source.version.rows or 0 for source in sources)
    indexed = sum(source.version.indexed_rows for source in sources)
    text = f"Nearest {len(citations):,} of {count_of(rows, 'row')}"
    if indexed < rows:
        text += f"; the index covers {indexed:,} of them"
    return text + ". Rows that read the same are shown once."


def nothing_near(sources: Sequence[Source]) -> Answer:
    """No row was found; says where policies are why. `sources`: none where no dataset was named."""
    closed = [source for source in sources if not indexed_columns(source.access)]
    text = (
        "No column of this dataset may be searched by meaning: policies keep all of them out of the index."
        if closed
        else "No row is near the question."
    )
    return Answer("abstained", text, governance=tuple(source.governance() for source in sources))
