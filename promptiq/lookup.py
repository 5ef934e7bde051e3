"""Answers with the nearest rows, by meaning and by words."""

from __future__ import annotations

from collections.abc import Sequence

from promptiq.answers import Answer, Citation, count_of
from promptiq.index.hybrid import Found
from promptiq.index.rendering import indexed_columns
from promptiq.sources import Source

NOT_COMPUTED = "This is a lookup of rows, not a computed figure: counts and sums are not answered by it."


def answer_by_lookup(found: Found, warnings: tuple[str, ...]) -> Answer:
    """The nearest rows as an answer. `found`: with at least one hit."""
    citations = _cite(found)
    used = [source for source, _ in found.hits]
    return Answer(
        "masked" if any(source.masked() for source in used) else "answered",
        _in_words(citations, used),
        plan=_plan(found),
        coverage=_coverage(citations, found),
        citations=citations,
        governance=tuple(source.governance() for source in found.asked if source in used),
        warnings=(*warnings, NOT_COMPUTED),
    )


def _cite(found: Found) -> tuple[Citation, ...]:
    """The rows of the hits, best first."""
    sources = {id(source): source for source, _ in found.hits}
    cited = {
        (key, citation.row): citation
        for key, source in sources.items()
        for citation in source.cite({hit.row: hit.score for other, hit in found.hits if other is source})
    }
    return tuple(cited[id(source), hit.row] for source, hit in found.hits if (id(source), hit.row) in cited)


def _plan(found: Found) -> str:
    among = f"among {count_of(len(found.asked), 'dataset')}"
    if len(found.unread) == len(found.asked):
        return f"Rows nearest in meaning to the question, {among}."
    return f"Rows nearest in meaning to the question and rows that hold its words, ranked together, {among}."


def _in_words(citations: Sequence[Citation], used: Sequence[Source]) -> str:
    names = list(dict.fromkeys(citation.dataset_name for citation in citations))
    text = f"The nearest {count_of(len(citations), 'row')} of {', '.join(names)}, best first."
    if masked := sorted({name for source in used for name in source.masked()}):
        text += f" Masked for you: {', '.join(masked)}."
    return text


def _coverage(citations: Sequence[Citation], found: Found) -> str:
    rows = sum(source.version.rows or 0 for source in found.asked)
    indexed = sum(source.version.indexed_rows for source in found.asked)
    text = f"Nearest {len(citations):,} of {count_of(rows, 'row')}"
    if indexed < rows:
        read = sum(source.version.rows or 0 for source in found.asked if source not in found.unread)
        text += f"; the index covers {indexed:,} of them by meaning, {read:,} were searched by words"
    return text + ". Rows that read the same are shown once."


def nothing_near(sources: Sequence[Source]) -> Answer:
    """The answer if no row was found. It says whether policies are the reason. `sources`: empty if no dataset
    was named.
    """
    closed = [source for source in sources if not indexed_columns(source.access)]
    text = (
        "No column of this dataset may be searched: policies keep all of them out of the index."
        if closed
        else "No row is near the question."
    )
    return Answer("abstained", text, governance=tuple(source.governance() for source in sources))
