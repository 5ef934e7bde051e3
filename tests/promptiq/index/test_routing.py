"""Which datasets a question is put to: those that fit it, of those that its asker may see."""

from __future__ import annotations

from collections.abc import Iterator
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets.ingestion import tasks
from datasets.models import Column, Dataset, VersionColumn
from governance.curation.decisions import decide
from governance.models import Tag
from promptiq.answers import Answer
from promptiq.ask import ask
from promptiq.index import routing
from promptiq.index.embeddings import Embedder, get_embedder
from promptiq.index.routing import ASKED, best_of, collection_name, keep_in_step, write
from promptiq.vector_client import VectorClient
from tests.ingested import ingest
from tests.making import ready_dataset
from tests.noting_embedder import NotingEmbedder

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

SUBJECTS = [
    "railway timetables", "hospital wards", "wine tastings", "football results", "rainfall stations",
    "museum paintings", "lighthouse keepers", "bicycle repairs", "tax returns", "school meals",
    "chess openings", "harbour fees",
]  # fmt: skip


@pytest.fixture(autouse=True)
def no_entries(vectors: VectorClient, embedder: Embedder) -> Iterator[None]:
    """Each test begins without a routing collection; the server is the run's."""
    vectors.drop(collection_name(embedder.name))
    yield
    vectors.drop(collection_name(embedder.name))


@pytest.fixture
def twelve(owner: User) -> dict[str, Dataset]:
    return {subject: ready_dataset(owner, subject) for subject in SUBJECTS}


def chosen(question: str, user: User) -> list[str]:
    found, _ = best_of(question, Dataset.objects.all().visible_to(user))
    return [dataset.name for dataset in found]


def entries(vectors: VectorClient) -> set[str]:
    ids = [str(pk) for pk in Dataset.objects.values_list("pk", flat=True)]
    return set(vectors.entries(collection_name(get_embedder().name), ids))


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("how many goals did the home team score", "football results"),
        ("when does the next train leave", "railway timetables"),
        ("which canvas did the artist paint in oil", "museum paintings"),
        ("millimetres of precipitation last year", "rainfall stations"),
    ],
)
def test_the_best_are_found_by_what_they_are_about(
    question: str, subject: str, owner: User, twelve: dict[str, Dataset]
) -> None:
    keep_in_step()
    found, among = best_of(question, Dataset.objects.all().visible_to(owner))
    assert (len(found), among) == (ASKED, 12)
    assert subject in [dataset.name for dataset in found[:2]]


def test_columns_and_words_of_names_count(owner: User, twelve: dict[str, Dataset]) -> None:
    version = twelve["tax returns"].current_version
    assert version is not None
    column = Column.objects.create(dataset=twelve["tax returns"], key="zq_index", name="zq_index")
    VersionColumn.objects.create(version=version, column=column, position=9, name="zq_index", type="DOUBLE")
    assert chosen("what is the average zq", owner)[0] == "tax returns"
    assert chosen("chess", owner)[0] == "chess openings"


def test_what_one_may_not_see_takes_no_place(
    owner: User, stranger: User, twelve: dict[str, Dataset], vectors: VectorClient
) -> None:
    """However well it fits: the query itself is limited to what is permitted."""
    mine = [ready_dataset(stranger, f"ledger {number}") for number in range(ASKED + 1)]
    keep_in_step()
    assert len(entries(vectors)) == 12 + len(mine)
    real = VectorClient.nearest_entries
    with (
        patch.object(VectorClient, "nearest_entries", autospec=True, side_effect=real) as asked,
        patch.object(routing, "CANDIDATES", 3),
    ):
        found = chosen("which trains are in the railway timetables", stranger)
    assert set(found) <= {dataset.name for dataset in mine}
    assert len(found) == ASKED
    permitted = asked.call_args.args[3]
    assert set(permitted) == {str(dataset.pk) for dataset in mine}
    near = vectors.nearest_entries(
        collection_name(get_embedder().name),
        get_embedder().embed(["railway timetables"])[0],
        [*permitted, "00000000-0000-0000-0000-000000000000"],
        3,
    )
    assert len(near) == 3, "those that are not permitted would have been nearer"
    assert set(near) <= set(permitted)


def test_few_datasets_are_all_asked_without_routing(owner: User, settings: LazySettings) -> None:
    settings.CHROMA_URL = "http://127.0.0.1:9"
    names = [ready_dataset(owner, subject).name for subject in SUBJECTS[:ASKED]]
    assert chosen("anything", owner) == names[::-1]


def test_the_same_number_of_queries_however_many_there_are(owner: User, twelve: dict[str, Dataset]) -> None:
    keep_in_step()
    assert owner.has_perm("governance.upload"), "what a user may do is asked once"
    with CaptureQueriesContext(connection) as few:
        chosen("chess", owner)
    for number in range(20):
        ready_dataset(owner, f"more {number}")
    keep_in_step()
    with CaptureQueriesContext(connection) as many:
        chosen("chess", owner)
    assert len(few) == len(many) <= 5


def test_entries_that_are_missing_are_written_by_the_question(
    owner: User, twelve: dict[str, Dataset], vectors: VectorClient
) -> None:
    """After an upgrade, or where the vector server was reset."""
    assert entries(vectors) == set()
    assert "railway timetables" in chosen("when does the train leave", owner)[:2]
    assert len(entries(vectors)) == 12


def test_one_without_an_entry_is_found_by_its_words(
    owner: User, twelve: dict[str, Dataset], vectors: VectorClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "WRITTEN_AT_ONCE", 3)
    assert chosen("fees of the harbour", owner)[0] == "harbour fees"
    assert len(entries(vectors)) == 3
    assert keep_in_step() == 9
    assert len(entries(vectors)) == 12
    assert keep_in_step() == 0


def test_a_new_name_counts_at_once_and_a_tag_by_the_sweep(
    owner: User, steward: User, twelve: dict[str, Dataset], embedder: Embedder
) -> None:
    keep_in_step()
    dataset = twelve["school meals"]
    Dataset.objects.filter(pk=dataset.pk).update(name="volcanoes", description="Eruptions of lava.")
    assert chosen("magma and ash that come out of a mountain", owner)[0] == "volcanoes"
    assert keep_in_step() == 0, "the question has written it"
    decide(dataset.columns.get(key="city"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    noting = NotingEmbedder(embedder)
    with patch.object(routing, "get_embedder", lambda: noting):
        assert keep_in_step() == 1
    assert noting.texts == ["volcanoes. Eruptions of lava.. Columns: email, city. Tags: PII Sensitive"]


def test_no_value_enters_an_entry(owner: User, embedder: Embedder) -> None:
    """Neither a cell nor what the profile keeps of cells."""
    dataset = ingest(owner, b"goods,order_date\nanvil,2024-05-01\nbellows,2024-05-02\n", "smithy.csv").dataset
    noting = NotingEmbedder(embedder)
    with patch.object(routing, "get_embedder", lambda: noting):
        assert write([dataset.pk]) == 1
    assert noting.texts == ["smithy. Columns: goods, order date"]


def test_a_version_that_becomes_current_is_routed_to(owner: User, vectors: VectorClient) -> None:
    dataset = ingest(owner, b"goods\nanvil\nbellows\n", "smithy.csv").dataset
    assert entries(vectors) == {str(dataset.pk)}
    with patch.object(VectorClient, "put_entries", side_effect=routing.VectorServerUnavailable("away")):
        job = ingest(owner, b"tool\nhammer\nchisel\n", "tools.csv")
    assert job.state == "succeeded"
    assert entries(vectors) == {str(dataset.pk)}
    tasks.sweep()
    assert len(entries(vectors)) == 2


def test_one_that_was_erased_is_taken_out_and_others_stay(
    twelve: dict[str, Dataset], vectors: VectorClient
) -> None:
    keep_in_step()
    gone = twelve["chess openings"]
    routing.forget(gone.pk)
    assert entries(vectors) == {str(each.pk) for each in twelve.values()} - {str(gone.pk)}
    routing.forget(gone.pk)
    assert keep_in_step() == 1


def test_another_embedding_has_a_collection_of_its_own(
    twelve: dict[str, Dataset], vectors: VectorClient, settings: LazySettings, owner: User, embedder: Embedder
) -> None:
    keep_in_step()
    settings.EMBEDDING_MODEL = "tests.promptiq.index.test_reembedding.Letters"
    assert "chess openings" in chosen("chess openings", owner)[:2]
    assert keep_in_step() == 0
    assert collection_name("letters") in vectors.names()
    assert collection_name(embedder.name) not in vectors.names()
    vectors.drop(collection_name("letters"))


def test_while_the_vector_server_is_away_words_decide(
    owner: User, twelve: dict[str, Dataset], settings: LazySettings
) -> None:
    settings.CHROMA_URL = "http://127.0.0.1:9"
    assert chosen("football", owner)[0] == "football results"


def test_a_dataset_that_is_not_ready_is_no_answer_and_takes_no_place(
    owner: User, twelve: dict[str, Dataset]
) -> None:
    Dataset.objects.create(owner=owner, name="chess chess", table_name="x", schema_name="y")
    assert "chess chess" not in chosen("chess", owner)


def test_the_answer_says_how_many_were_asked(owner: User, twelve: dict[str, Dataset]) -> None:
    # Rows without files: nothing is looked for in them here.
    with (
        patch("promptiq.ask.with_intact_copies", lambda sources: (sources, [])),
        patch("promptiq.ask._answer_from", return_value=Answer("abstained", "")),
    ):
        answer = ask("something about chess", owner)
    assert f"{ASKED} of 12 datasets were asked" in answer.warnings[-1]
