"""Another embedding: the index is built anew beside the old one, which answers until the swap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.utils import timezone

from datasets.ingestion import tasks
from datasets.ingestion.pipeline import run
from datasets.ingestion.queue import queue_rebuilds, queue_reembedding
from datasets.models import Dataset, Job, Version
from governance.curation.decisions import decide
from governance.models import Tag
from promptiq.ask import ask
from promptiq.index import embeddings, hybrid, vector_server
from promptiq.index.embeddings import EmbeddingUnavailable, Vectors
from promptiq.sources import sources_of
from promptiq.vector_client import VectorClient
from tests.ingested import bytes_below, ingest, orders_csv, run_queue, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder")]

LETTERS = "tests.promptiq.index.test_reembedding.Letters"
SOUNDS = "tests.promptiq.index.test_reembedding.Sounds"
ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


class Letters:
    """Texts are near that have the same letters, whatever they mean."""

    name, dimensions = "letters", len(ALPHABET)

    def embed(self, texts: Sequence[str]) -> Vectors:
        counts = [[text.lower().count(letter) for letter in ALPHABET] for text in texts]
        vectors = np.array(counts, np.float32) + 0.01
        unit: Vectors = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class Sounds(Letters):
    """Of another length, so that a vector of the one never meets the other's."""

    name, dimensions = "sounds", 5

    def embed(self, texts: Sequence[str]) -> Vectors:
        return super().embed(texts)[:, [ALPHABET.index(letter) for letter in "aeiou"]]


@pytest.fixture(autouse=True)
def nothing_is_lost() -> Iterator[None]:
    embeddings._lost.clear()
    yield
    embeddings._lost.clear()


# "sofa" shares no word with the question and its meaning; "chuco" shares letters and no meaning.
GOODS = b"goods\nsofa\nchuco\nfern\nbrick\nanvil\n"
QUESTION = "couch"


def first(user: User, dataset: Dataset | None = None) -> str:
    """The row that is nearest, by meaning alone: no word of the question is in any row."""
    answer = ask(QUESTION, user, dataset)
    assert answer.outcome == "answered", answer
    return str(answer.citations[0].cells["goods"])


@pytest.mark.usefixtures("vectors")
def test_the_old_index_answers_until_the_new_one_is_whole(
    owner: User, settings: LazySettings, vectors: VectorClient
) -> None:
    many = b"".join(b"%d\n" % number for number in range(1_200))
    job = ingest(owner, GOODS + many, "goods.csv")
    before = job.version.collection
    assert (job.version.embedding_name, job.version.embedding_model) == ("all-MiniLM-L6-v2", "")
    assert first(owner, job.dataset) == "sofa"
    assert queue_reembedding() == 0

    settings.EMBEDDING_MODEL, settings.INDEX_SLICE_SECONDS = LETTERS, 0
    assert first(owner, job.dataset) == "sofa", "the old index is asked by the old embedding"
    assert queue_reembedding() == 1
    assert queue_reembedding() == 0
    rebuild = Job.objects.get(kind="rebuild")
    for _ in range(2):
        assert rebuild.take()
        run(rebuild, on_yield=lambda job: None)
        rebuild.refresh_from_db()
        assert rebuild.state == "queued", "the index is half built"
        assert Version.objects.get().index_state == "ready"
        assert first(owner, job.dataset) == "sofa"
    asked_before = sources_of([job.dataset], owner)
    work_off(rebuild)
    version = Version.objects.get()
    assert (rebuild.state, version.index_state) == ("succeeded", "ready")
    assert (version.embedding_name, version.embedding_model) == ("letters", LETTERS)
    assert version.receipt["index"]["embedding"] == "letters"
    assert first(owner, job.dataset) == "chuco"
    (_, hit), *_ = hybrid.nearest(QUESTION, asked_before, 8).hits
    assert hit.row == 2, "a question that was on its way during the swap"
    names = vectors.names()
    assert before not in names
    assert version.collection in names


def test_the_vectors_of_the_old_embedding_leave_the_disk(
    owner: User, settings: LazySettings, tmp_path: Path
) -> None:
    settings.DATA_DIR, settings.CHROMA_URL = tmp_path / "data", ""
    with vector_server.running():
        with patch.object(VectorClient, "upsert", autospec=True, side_effect=VectorClient.upsert) as upsert:
            ingest(owner, GOODS, "goods.csv")
        trace = upsert.call_args.args[3][0].tobytes()[:64]
        assert trace in bytes_below(tmp_path / "data" / "chroma")
        settings.EMBEDDING_MODEL = LETTERS
        tasks.sweep()
        run_queue()
        assert Version.objects.get().embedding_name == "letters"
        assert trace not in bytes_below(tmp_path / "data" / "chroma")
        assert first(owner) == "chuco"


@pytest.mark.usefixtures("vectors")
def test_indexes_of_two_embeddings_are_asked_at_once_and_never_mixed(
    owner: User, settings: LazySettings
) -> None:
    meaning = ingest(owner, GOODS, "goods.csv").dataset
    settings.EMBEDDING_MODEL = SOUNDS
    sounds = ingest(owner, b"goods\nochu\nlamp\nkettle\n", "sounds.csv").dataset
    found = hybrid.nearest(QUESTION, sources_of([meaning, sounds], owner), 8)
    assert {(source.dataset.name, hit.row) for source, hit in found.hits[:2]} == {("goods", 1), ("sounds", 1)}
    assert all(0 < hit.score < 1 for _, hit in found.hits[:2]), "by its own embedding; words say nothing here"
    assert len(found.hits) == 8


@pytest.mark.usefixtures("vectors")
def test_an_embedding_that_is_gone_closes_lookup_until_the_rebuild(
    owner: User, settings: LazySettings
) -> None:
    settings.EMBEDDING_MODEL = SOUNDS
    old = ingest(owner, GOODS, "goods.csv").dataset
    settings.EMBEDDING_MODEL = ""
    new = ingest(owner, b"goods\nlamp\nkettle\nspade\n", "tools.csv").dataset
    with patch.object(Sounds, "name", "sounds 2"):
        alone = ask(QUESTION, owner, old)
        assert (alone.outcome, alone.citations) == ("not_indexed", ())
        assert "built by an embedding that cannot be loaded any more" in alone.answer
        assert alone.governance[0].name == "goods"
        among = ask(QUESTION, owner)
        assert {item.dataset for item in among.citations} == {str(new.pk)}
        assert among.warnings[0].startswith(
            "1 dataset could not be asked. The index was built by an embedding"
        )
        # What can be computed is computed.
        assert ask("How many rows have the goods anvil?", owner, old).values == ("1",)
        assert queue_reembedding() == 1
        run_queue()
        assert first(owner, old) == "sofa"


@pytest.mark.usefixtures("vectors")
def test_what_cannot_be_loaded_is_not_tried_with_each_question(owner: User) -> None:
    gone = embeddings.Embedding("gone", "no.such.Class", "")
    with pytest.raises(EmbeddingUnavailable, match="cannot be imported"):
        gone.load()
    with (
        patch.object(embeddings, "_embedder", side_effect=AssertionError),
        pytest.raises(EmbeddingUnavailable),
    ):
        gone.load()


@pytest.mark.usefixtures("vectors")
def test_a_tag_that_tightens_closes_an_index_that_is_being_swapped(
    owner: User, steward: User, settings: LazySettings
) -> None:
    many = b"".join(b"article %d,x\n" % number for number in range(1_200))
    job = ingest(owner, b"goods,kind\n" + many, "goods.csv")
    settings.EMBEDDING_MODEL, settings.INDEX_SLICE_SECONDS = LETTERS, 0
    queue_reembedding()
    rebuild = Job.objects.get(kind="rebuild")
    assert rebuild.take()
    run(rebuild, on_yield=lambda job: None)
    decide(job.dataset.columns.get(key="goods"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    assert ask(QUESTION, owner, job.dataset).outcome == "not_indexed"
    work_off(Job.objects.get(pk=rebuild.pk))
    version = Version.objects.get()
    assert (version.index_state, version.embedding_name, version.vectors) == ("ready", "letters", 1)


@pytest.mark.usefixtures("vectors")
def test_a_swap_that_fails_leaves_the_old_index_open_and_is_tried_again(
    owner: User, settings: LazySettings
) -> None:
    job = ingest(owner, GOODS, "goods.csv")
    settings.EMBEDDING_MODEL = LETTERS
    queue_reembedding()
    with patch.object(Letters, "embed", side_effect=EmbeddingUnavailable("away")):
        run_queue()
    rebuild = Job.objects.get(kind="rebuild")
    assert rebuild.state == "queued"
    assert rebuild.retry_at is not None
    assert Version.objects.get().index_state == "ready"
    assert first(owner, job.dataset) == "sofa"
    Job.objects.filter(pk=rebuild.pk).update(retry_at=timezone.now())
    work_off(Job.objects.get(pk=rebuild.pk))
    assert first(owner, job.dataset) == "chuco"


@pytest.mark.usefixtures("vectors")
def test_a_setting_that_changes_during_a_build_begins_it_anew(owner: User, settings: LazySettings) -> None:
    many = b"".join(b"%d\n" % number for number in range(1_200))
    job = ingest(owner, GOODS + many, "goods.csv")
    settings.EMBEDDING_MODEL, settings.INDEX_SLICE_SECONDS = LETTERS, 0
    queue_reembedding()
    rebuild = Job.objects.get(kind="rebuild")
    assert rebuild.take()
    run(rebuild, on_yield=lambda job: None)
    settings.EMBEDDING_MODEL = SOUNDS
    work_off(Job.objects.get(pk=rebuild.pk))
    version = Version.objects.get(pk=job.version_id)
    assert (version.embedding_name, version.vectors) == ("sounds", 1_205)


@pytest.mark.usefixtures("vectors")
def test_a_rebuild_that_was_cancelled_is_queued_again(owner: User, steward: User) -> None:
    """Else an index would stay closed for good."""
    job = ingest(owner, orders_csv())
    decide(job.dataset.columns.get(key="goods"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    queue_rebuilds()
    rebuild = Job.objects.get(kind="rebuild")
    Version.objects.update(index_state="building")
    assert rebuild.cancel("Cancelled.")
    assert queue_rebuilds() == 1


def test_what_was_indexed_before_tells_its_embedding(owner: User, vectors: VectorClient) -> None:
    """As the upgrade of the database finds it: by the name of the collection."""
    from importlib import import_module

    from django.apps import apps

    known = ingest(owner, GOODS, "goods.csv").version
    other = ingest(owner, b"goods\nlamp\n", "lamp.csv").version
    Version.objects.update(embedding_name="")
    Version.objects.filter(pk=other.pk).update(collection=f"v-{other.pk.hex}-00000000-{'0' * 16}")
    import_module("datasets.migrations.0003_embedding").recognise(apps, None)
    assert Version.objects.get(pk=known.pk).embedding_name == "all-MiniLM-L6-v2"
    assert Version.objects.get(pk=other.pk).embedding_name == ""
