"""Questions and answers: the nearest rows, each with where it comes from and what governs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from datasets.models import Dataset, Version
from governance.access import HeldTag, held_tags, may_view_pii, policies
from governance.audit import record
from governance.policies import Access, effective
from promptiq import vector_client
from promptiq.embeddings import get_embedder
from promptiq.rendering import indexed_columns
from promptiq.rows import fetch_rows
from promptiq.vector_client import Hit

Outcome = Literal["answered", "masked", "not_permitted", "not_found", "not_indexed", "abstained"]
MAX_QUESTION = 2_000
# Datasets that one question looks into at most, the newest first: each costs one query of the vector server.
MAX_DATASETS = 50


class QuestionRefused(ValueError):
    """A question that cannot be asked; the text says why and never quotes it."""


@dataclass(frozen=True, slots=True)
class Citation:
    """A row of an answer. `cells`: by column name, masked for this reader. `score`: 0–1, 1 is nearest."""

    dataset: str
    dataset_name: str
    version: int
    row: int
    score: float
    cells: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Governance:
    """What governs one dataset of an answer, at the time of asking.

    `tags`: by column, each {"tag", "state", "source"}. `lineage`: from the file to the index, in order.
    `masked`: by column kept from this reader, the tags that decided. `catalog`: its name there, and version.
    """

    dataset: str
    name: str
    owner: str
    tags: dict[str, list[dict[str, str]]]
    lineage: list[str]
    masked: dict[str, list[str]]
    catalog: dict[str, str]
    as_of: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What every answer carries; see the README for each key of its JSON."""

    outcome: Outcome
    answer: str
    kind: Literal["exact", "lookup"] = "lookup"
    plan: str = ""
    coverage: str = ""
    citations: tuple[Citation, ...] = ()
    governance: tuple[Governance, ...] = ()
    warnings: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Source:
    """One dataset that is looked into, with the reader's rights to it."""

    dataset: Dataset
    version: Version
    tags: dict[str, tuple[HeldTag, ...]]
    access: Access
    view_pii: bool

    def masked(self) -> dict[str, list[str]]:
        if self.view_pii:
            return {}
        return {column.column: list(column.because) for column in self.access.columns if column.masked}


def ask(
    question: str,
    user: User | AnonymousUser,
    dataset: Dataset | None = None,
    limit: int = 8,
) -> Answer:
    """Answer from one dataset, or from the best of all that the user may see.

    A dataset that the user may not see is answered like one that does not exist. Raises QuestionRefused,
    VectorServerUnavailable, EmbeddingUnavailable.
    """
    asked = _checked(question)
    visible = Dataset.objects.all().visible_to(user).for_list()
    if dataset is not None:
        visible = visible.filter(pk=dataset.pk)
    answer = _answer(asked, list(visible[: MAX_DATASETS + 1]), dataset, user, limit)
    record(
        user if isinstance(user, User) else None,
        "asked",
        dataset.pk if dataset else None,
        outcome=answer.outcome,
        rows=len(answer.citations),
        characters=len(asked),
    )
    return answer


def _checked(question: str) -> str:
    asked = " ".join(question.split())
    if not asked:
        raise QuestionRefused("The question is empty. Ask something about the data.")
    if len(asked) > MAX_QUESTION:
        raise QuestionRefused(f"The question is longer than {MAX_QUESTION:,} characters. Ask a shorter one.")
    return asked


def _answer(
    asked: str,
    found: list[Dataset],
    dataset: Dataset | None,
    user: User | AnonymousUser,
    limit: int,
) -> Answer:
    if not found:
        text = "There is no such dataset." if dataset else "There is no dataset that you may ask about yet."
        return Answer("not_found", text)
    ready = [item for item in found[:MAX_DATASETS] if _is_indexed(item)]
    if not ready:
        text = "The index is being built or rebuilt. Ask again when its job has ended."
        return Answer("not_indexed", text, governance=_governance(_sources(found[:1], user), ()))
    sources = _sources(ready, user)
    hits = _nearest(asked, sources, limit)
    if not hits:
        return _abstained(sources if dataset else [])
    citations = _cite(hits)
    used = [source for source, _ in hits]
    warnings = _warnings(found, ready)
    return Answer(
        "masked" if any(source.masked() for source in used) else "answered",
        _in_words(citations, used),
        plan=f"Rows nearest in meaning to the question, among {_count(len(sources), 'dataset')}.",
        coverage=_coverage(citations, sources),
        citations=citations,
        governance=_governance(sources, {str(source.dataset.pk) for source in used}),
        warnings=warnings,
    )


def _is_indexed(dataset: Dataset) -> bool:
    version = dataset.current_version
    return version is not None and version.index_state == Version.Index.READY


def _sources(found: Sequence[Dataset], user: User | AnonymousUser) -> list[_Source]:
    rules = [policy.as_rule() for policy in policies()]
    sources = []
    for dataset in found:
        version = dataset.current_version
        if version is None:
            continue
        columns = list(version.columns.select_related("column").order_by("position"))
        held = held_tags((item.column for item in columns), version)
        tags = {item.name: held[item.column_id] for item in columns}
        fqns = {name: [tag.fqn for tag in those] for name, those in tags.items()}
        sources.append(_Source(dataset, version, tags, effective(fqns, rules), may_view_pii(user, dataset)))
    return sources


def _nearest(asked: str, sources: Sequence[_Source], limit: int) -> list[tuple[_Source, Hit]]:
    """The best rows of all sources, best first. Only collections that the reader has a right to are asked."""
    client = vector_client.connect()
    vector = get_embedder().embed([asked])[0]
    hits = [
        (source, hit)
        for source in sources
        if source.version.vectors
        for hit in client.query(source.version.collection, vector, min(limit, source.version.vectors))
    ]
    return sorted(hits, key=lambda item: -item[1].score)[:limit]


def _cite(hits: Sequence[tuple[_Source, Hit]]) -> tuple[Citation, ...]:
    rows = {
        source.version.pk: fetch_rows(
            source.version,
            [hit.row for other, hit in hits if other is source],
            source.access,
            source.view_pii,
        )
        for source in {id(source): source for source, _ in hits}.values()
    }
    return tuple(
        Citation(
            dataset=str(source.dataset.pk),
            dataset_name=source.dataset.name,
            version=source.version.number,
            row=hit.row,
            score=round(max(0.0, min(1.0, hit.score)), 4),
            cells=rows[source.version.pk][hit.row],
        )
        for source, hit in hits
        if hit.row in rows[source.version.pk]
    )


def _in_words(citations: Sequence[Citation], used: Sequence[_Source]) -> str:
    names = list(dict.fromkeys(citation.dataset_name for citation in citations))
    text = f"The nearest {_count(len(citations), 'row')} of {', '.join(names)}, best first."
    if masked := sorted({name for source in used for name in source.masked()}):
        text += f" Masked for you: {', '.join(masked)}."
    return text


def _coverage(citations: Sequence[Citation], sources: Sequence[_Source]) -> str:
    rows = sum(source.version.rows or 0 for source in sources)
    indexed = sum(source.version.indexed_rows for source in sources)
    text = f"Nearest {len(citations):,} of {_count(rows, 'row')}"
    if indexed < rows:
        text += f"; the index covers {indexed:,} of them"
    return text + ". Rows that read the same are shown once."


def _warnings(found: Sequence[Dataset], ready: Sequence[Dataset]) -> tuple[str, ...]:
    warnings = []
    if waiting := min(len(found), MAX_DATASETS) - len(ready):
        warnings.append(
            f"{_count(waiting, 'dataset')} could not be asked: not indexed yet, or being rebuilt."
        )
    if len(found) > MAX_DATASETS:
        warnings.append(f"Only the {MAX_DATASETS} newest datasets were asked. Choose one to ask another.")
    warnings.append(
        "This is a lookup by meaning, not a computed figure: counts and sums are not answered by it."
    )
    return tuple(warnings)


def _abstained(sources: Sequence[_Source]) -> Answer:
    closed = [source for source in sources if not indexed_columns(source.access)]
    text = (
        "No column of this dataset may be searched by meaning: policies keep all of them out of the index."
        if closed
        else "No row is near the question."
    )
    return Answer("abstained", text, governance=_governance(sources, ()))


def _governance(sources: Sequence[_Source], used: Any) -> tuple[Governance, ...]:
    """For the sources that the answer cites; for all where it cites none."""
    now = timezone.now().isoformat()
    return tuple(
        _governance_of(source, now) for source in sources if not used or str(source.dataset.pk) in used
    )


def _governance_of(source: _Source, now: str) -> Governance:
    version = source.version
    return Governance(
        dataset=str(source.dataset.pk),
        name=source.dataset.name,
        owner=source.dataset.owner.get_username(),
        tags={
            name: [{"tag": tag.fqn, "state": tag.state, "source": tag.source} for tag in tags]
            for name, tags in source.tags.items()
            if tags
        },
        lineage=[
            f"{version.filename} (version {version.number})",
            f"{version.catalog_fqn} (catalog version {version.catalog_version})",
            f"index of {version.indexed_rows:,} rows",
        ],
        masked=source.masked(),
        catalog={"name": version.catalog_fqn, "version": version.catalog_version},
        as_of=now,
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
