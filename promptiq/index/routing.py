"""Chooses the few datasets to search for a question, from all that the user may see.

Each dataset has one vector, made from its name, description, columns and tags, without any value.
"""

from __future__ import annotations

import hashlib
import logging
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db.models import F, Max, Q
from django.db.models.functions import Left
from django.utils.crypto import salted_hmac

from datasets.models import Dataset, Version, VersionColumn
from datasets.models.tables import DatasetQuerySet
from governance.rights.access import GovernedColumn, columns_by_version
from promptiq import vector_client
from promptiq.exact.words import stem, tokens
from promptiq.index import vector_server
from promptiq.index.embeddings import Embedder, EmbeddingUnavailable, configured_for_texts, get_embedder
from promptiq.index.fusion import fused
from promptiq.index.lexical import terms_of
from promptiq.vector_client import Entry, VectorServerUnavailable

log = logging.getLogger(__name__)

# How many datasets are searched for one question. Columns, vectors and words of each are searched.
ASKED = 8
# How many datasets the search by meaning proposes.
CANDIDATES = 24
# How many missing or outdated entries are written while somebody waits for an answer (about 10 ms each). The
# sweep writes the rest.
WRITTEN_AT_ONCE = 16
# Characters of a description that are used; the model reads about 200 words in all.
DESCRIPTION = 500
_AT_ONCE = 200
# How many entries one sweep writes (about 10 s of embedding). The next sweep continues.
WRITTEN_BY_A_SWEEP = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A visible dataset. `version`: its current one."""

    pk: UUID
    name: str
    description: str
    version: UUID

    def mark(self) -> str:
        """A fingerprint of what the entry is made from. A different one means that the entry is outdated."""
        told = "\0".join((self.name, self.description, str(self.version)))
        return hashlib.sha256(told.encode()).hexdigest()[:16]


# --- Choosing ---------------------------------------------------------------------------------------------


def best_of(question: str, visible: DatasetQuerySet) -> tuple[list[Dataset], int]:
    """The datasets of `visible` that fit the question best, best first, ASKED at most; and how many there
    are.

    If there are no more than that: all of them, newest first. The number of database queries is the same for
    any number of datasets. Without vector server or embedding, words of names and columns decide.
    """
    newest = list(visible.for_list()[: ASKED + 1])
    if len(newest) <= ASKED:
        return newest, len(newest)
    listed = _listed(visible.order_by("-updated_at", "pk"))
    chosen = _ranked(question, listed, visible)
    # Datasets that do not match the question follow by age.
    chosen = list(dict.fromkeys([*chosen, *(each.pk for each in listed)]))[:ASKED]
    found = {dataset.pk: dataset for dataset in Dataset.objects.filter(pk__in=chosen).for_list()}
    return [found[pk] for pk in chosen if pk in found], visible.count()


def _listed(datasets: DatasetQuerySet) -> list[Listed]:
    ready = datasets.exclude(current_version=None)
    rows = ready.values_list("pk", "name", Left("description", DESCRIPTION), "current_version")
    return [Listed(*row) for row in rows]


def _ranked(question: str, listed: Sequence[Listed], visible: DatasetQuerySet) -> list[UUID]:
    rankings = [_by_words(question, listed, visible)]
    try:
        rankings.append(_by_meaning(question, listed))
    except (VectorServerUnavailable, EmbeddingUnavailable) as error:
        log.warning("questions are routed by words only: %s", type(error).__name__)
    return list(fused(rankings, most=2))


def _by_meaning(question: str, listed: Sequence[Listed]) -> dict[UUID, float]:
    """The query covers permitted datasets only, so that others take no place in the result."""
    client, embedder = vector_client.connect(), get_embedder()
    name = collection_name(embedder.name)
    written = client.entries(name, [str(each.pk) for each in listed])
    outdated = [
        each
        for each in listed
        if (entry := written.get(str(each.pk))) is None or entry.marks[0] != each.mark()
    ]
    write([each.pk for each in outdated[:WRITTEN_AT_ONCE]], embedder)
    near = client.nearest_entries(
        name, embedder.embed([question])[0], [str(each.pk) for each in listed], CANDIDATES
    )
    return {UUID(key): likeness for key, likeness in near.items()}


def _by_words(question: str, listed: Sequence[Listed], visible: DatasetQuerySet) -> dict[UUID, float]:
    """IDF-weighted overlap of the question with names, descriptions and columns, 0–1."""
    asked = {stem(token.text): token.text for term in terms_of(question) for token in tokens(term)}
    holding: dict[str, set[UUID]] = {word: set() for word in asked}
    for each in listed:
        for word in asked.keys() & _stems(f"{each.name} {each.description}"):
            holding[word].add(each.pk)
    for pk, column in _columns_like({*asked, *asked.values()}, visible):
        for word in asked.keys() & _stems(column):
            holding[word].add(pk)
    scores: dict[UUID, float] = {}
    for held in holding.values():
        weight = math.log(1 + (len(listed) - len(held) + 0.5) / (len(held) + 0.5))
        for pk in held:
            scores[pk] = scores.get(pk, 0.0) + weight
    return scores


def _columns_like(words: Iterable[str], visible: DatasetQuerySet) -> Iterable[tuple[UUID, str]]:
    """Columns of these datasets that may contain one of the words, each with its dataset. One query."""
    like = Q(pk__in=[])
    for word in words:
        like |= Q(name__icontains=word)
    columns = VersionColumn.objects.filter(like, version__dataset__current_version=F("version"))
    columns = columns.filter(version__dataset__in=visible.order_by().values("pk"))
    return columns.values_list("version__dataset", "name")


@lru_cache(maxsize=20_000)
def _stems(text: str) -> frozenset[str]:
    """Stems of the words; order_date is two words."""
    return frozenset(stem(token.text) for token in tokens(re.sub(r"[_\W]+", " ", text)))


# --- Keeping in step --------------------------------------------------------------------------------------


def collection_name(embedder: str) -> str:
    """One for each embedding and installation: several may share a vector server."""
    return f"{_prefix()}{hashlib.sha256(embedder.encode()).hexdigest()[:8]}"


def _prefix() -> str:
    return f"routing-{salted_hmac('promptiq.index.routing', '').hexdigest()[:8]}-"


def write(datasets: Sequence[UUID], embedder: Embedder | None = None) -> int:
    """Write the entries of these datasets, if they have a current version. Returns how many.

    Raises VectorServerUnavailable, EmbeddingUnavailable.
    """
    if not datasets:
        return 0
    marks = _marks(Dataset.objects.filter(pk__in=datasets))
    current = Version.objects.filter(dataset__in=marks, dataset__current_version=F("pk"))
    versions = list(current.select_related("dataset"))
    entries, texts = [], []
    for version, columns in columns_by_version(versions):
        entries.append(Entry(str(version.dataset_id), marks[version.dataset_id]))
        texts.append(_text(version.dataset, columns))
    if entries:
        embedder = embedder or get_embedder()
        vectors = embedder.embed(texts)
        vector_client.connect().put_entries(collection_name(embedder.name), entries, vectors)
    return len(entries)


def _text(dataset: Dataset, columns: Sequence[GovernedColumn]) -> str:
    """The text for the entry's vector: name, description, columns and tags of the dataset, no values."""
    names = [re.sub(r"[_\W]+", " ", column.item.name).strip() for column in columns]
    tags = dict.fromkeys(name for column in columns for name in column.names)
    parts = [dataset.name, dataset.description[:DESCRIPTION], f"Columns: {', '.join(names)}"]
    if tags:
        parts.append(f"Tags: {', '.join(re.sub(r'[._]', ' ', tag) for tag in tags)}")
    return ". ".join(part for part in parts if part)


def _marks(datasets: DatasetQuerySet) -> dict[UUID, tuple[str, str]]:
    """For each dataset with a current version: the fingerprint of its entry's content, including the last
    decision on a tag.
    """
    current = datasets.filter(retired_at=None)
    said = dict(current.values_list("pk").annotate(said=Max("columns__decisions")))
    return {each.pk: (each.mark(), str(said.get(each.pk))) for each in _listed(current)}


def keep_in_step() -> int:
    """Write missing and outdated entries, and drop collections of former embeddings. Returns how many
    entries.

    Raises VectorServerUnavailable, EmbeddingUnavailable.
    """
    client = vector_client.connect()
    name = collection_name(configured_for_texts().name)
    marks = _marks(Dataset.objects.all())
    there = client.entries(name, [str(pk) for pk in marks])
    outdated = [
        pk for pk, mark in marks.items() if (entry := there.get(str(pk))) is None or entry.marks != mark
    ][:WRITTEN_BY_A_SWEEP]
    for start in range(0, len(outdated), _AT_ONCE):
        write(outdated[start : start + _AT_ONCE])
    for former in client.names():
        if former.startswith(_prefix()) and former != name:
            client.drop(former)
    return len(outdated)


def write_quietly(dataset: UUID) -> None:
    """As write, but an error is only logged: the sweep or the next question writes the entries."""
    try:
        write([dataset])
    except Exception as error:
        log.warning("dataset %s is not routed to yet: %s", dataset, type(error).__name__)


def forget(dataset: UUID) -> None:
    """Remove a deleted dataset's entry from the server and its disk. Raises VectorServerUnavailable."""
    client = vector_client.connect()
    ours = [name for name in client.names() if name.startswith(_prefix())]
    removed = [client.remove_entry(name, str(dataset)) for name in ours]
    if any(removed):
        vector_server.scrub()
