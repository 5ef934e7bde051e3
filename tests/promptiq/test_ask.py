"""Questions to what was ingested: who sees what, where it comes from, what governs it."""

import json
import time
from collections.abc import Sequence
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.test import Client

from datasets.ingestion.pipeline import run
from datasets.ingestion.receiving.uploads import Wish
from datasets.models import Dataset, Job, Version
from datasets.storage import TypedCopyDamaged
from governance.curation.decisions import decide
from governance.models import AuditEvent, Grant, Tag
from governance.policies import MASK
from governance.rights.access import access_of
from promptiq.ask import MAX_QUESTION, Answer, QuestionRefused, ask
from promptiq.index import embeddings, hybrid, routing
from promptiq.index.embeddings import Embedder, Vectors
from promptiq.sources import sources_of
from promptiq.vector_client import VectorServerUnavailable
from tests.ingested import ingest, order, orders_csv, receive_orders, work_off

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]

QUESTION = "Which rows are about a wooden table?"


@pytest.fixture
def orders(owner: User) -> Dataset:
    return ingest(owner).dataset


def let(user: User, dataset: Dataset, view_pii: bool = False) -> None:
    Grant.objects.create(dataset=dataset, user=user, view_pii=view_pii, granted_by=dataset.owner)


def test_the_owner_sees_rows_as_they_are_in_the_file(owner: User, orders: Dataset) -> None:
    answer = ask(QUESTION, owner, orders, limit=3)
    assert (answer.outcome, answer.kind, len(answer.citations)) == ("answered", "lookup", 3)
    for citation in answer.citations:
        assert citation.cells == order(citation.row - 1)
        assert citation.cells["goods"] == "oak table"
        assert (citation.dataset, citation.dataset_name, citation.version) == (str(orders.pk), "orders", 1)
    scores = [citation.score for citation in answer.citations]
    assert scores == sorted(scores, reverse=True)
    assert 0.2 < scores[-1] <= scores[0] <= 1
    assert answer.answer == "The nearest 3 rows of orders, best first."
    assert answer.coverage == "Nearest 3 of 40 rows. Rows that read the same are shown once."
    json.dumps(answer.as_json(), allow_nan=False)


def test_a_viewer_sees_them_masked_and_is_told_so(owner: User, colleague: User, orders: Dataset) -> None:
    let(colleague, orders)
    answer = ask(QUESTION, colleague, orders)
    assert answer.outcome == "masked"
    assert {citation.cells["email"] for citation in answer.citations} == {MASK}
    assert {citation.cells["goods"] for citation in answer.citations} >= {"oak table"}
    assert answer.answer.endswith("Masked for you: email.")
    (governance,) = answer.governance
    assert governance.masked == {
        "email": ["PII.Sensitive", "PersonalData.Personal"]
    } or governance.masked == {"email": list(access_of(orders.versions.get()).get("email").because)}
    assert not [number for number in range(40) if order(number)["email"] in json.dumps(answer.as_json())]


def test_a_viewer_who_may_see_personal_values_sees_them(colleague: User, orders: Dataset) -> None:
    let(colleague, orders, view_pii=True)
    answer = ask(QUESTION, colleague, orders)
    assert answer.outcome == "answered"
    assert all("@post.example" in citation.cells["email"] for citation in answer.citations)


def test_an_admin_sees_them_masked(admin: User, orders: Dataset) -> None:
    """Without a grant nobody sees personal values."""
    assert {citation.cells["email"] for citation in ask(QUESTION, admin, orders).citations} == {MASK}


def test_a_stranger_gets_what_an_absent_dataset_gets(stranger: User, orders: Dataset) -> None:
    foreign = ask(QUESTION, stranger, orders)
    assert foreign == ask(QUESTION, stranger, Dataset())
    assert (foreign.outcome, foreign.citations, foreign.governance) == ("not_found", (), ())
    assert ask(QUESTION, stranger).outcome == "not_found"


def test_asking_by_a_masked_value_finds_nothing_by_it(owner: User, colleague: User, orders: Dataset) -> None:
    """The value is not in the index: a value that no row holds finds the same rows as near."""
    let(colleague, orders)
    found = ask("anna", colleague, orders, limit=50).citations
    assert {item.cells["email"] for item in found} == {MASK}
    # Rows that differ in the masked column alone share one vector, so none of them can be singled out.
    assert len(found) == orders.versions.get().vectors == 30
    assert len({(item.cells["goods"], item.cells["amount"]) for item in found}) == 30


def test_what_governs_the_answer_comes_along(owner: User, orders: Dataset) -> None:
    (governance,) = ask(QUESTION, owner, orders).governance
    version = orders.versions.get()
    assert (governance.dataset, governance.name, governance.owner) == (str(orders.pk), "orders", "owner")
    assert {tag["tag"] for tag in governance.tags["email"]} == {
        "DataKind.Email", "PII.Sensitive", "PersonalData.Personal",
    }  # fmt: skip
    assert {(tag["state"], tag["source"]) for tag in governance.tags["email"]} == {
        ("suggested", "classifier")
    }
    assert governance.lineage == [
        "orders.csv (version 1)", f"{version.catalog_fqn} (catalog version 1)", "index of 40 rows",
    ]  # fmt: skip
    assert governance.catalog == {"name": version.catalog_fqn, "version": "1", "link": ""}
    assert governance.masked == {}


def test_the_best_of_all_that_one_may_see(owner: User, colleague: User, orders: Dataset) -> None:
    tools = ingest(owner, b"tool,metal\n" + b"hammer,iron\nchisel,steel\n" * 5, "tools.csv").dataset
    ingest(colleague, b"tool,metal\n" + b"forge hammer,iron\n" * 5, "smithy.csv")
    answer = ask("a hammer made of iron", owner)
    assert answer.citations[0].dataset == str(tools.pk)
    assert answer.citations[0].row == 1
    assert {citation.dataset_name for citation in answer.citations} <= {"orders", "tools"}
    assert "among 2 datasets" in answer.plan
    assert {item.name for item in answer.governance} == {item.dataset_name for item in answer.citations}
    assert answer.coverage.startswith(f"Nearest {len(answer.citations)} of 50 rows")


def test_not_indexed_while_the_first_version_is_built(owner: User) -> None:
    job = receive_orders(owner)
    answer = ask(QUESTION, owner, job.dataset)
    assert (answer.outcome, answer.citations) == ("not_indexed", ())
    work_off(job)
    assert ask(QUESTION, owner, job.dataset).outcome == "answered"


def test_the_version_before_answers_while_the_next_is_built(
    owner: User, orders: Dataset, settings: LazySettings
) -> None:
    settings.INDEX_SLICE_SECONDS = 0
    job = receive_orders(owner, orders_csv(700, first=40), wish=Wish(on_conflict="new_version"))
    assert job.take()
    run(job, on_yield=lambda job: None)
    assert Job.objects.get(pk=job.pk).state == "queued"
    assert {item.version for item in ask(QUESTION, owner, orders).citations} == {1}
    work_off(Job.objects.get(pk=job.pk))
    assert {item.version for item in ask(QUESTION, owner, orders).citations} == {2}


def test_a_tag_that_tightens_closes_the_index_at_once(owner: User, steward: User, orders: Dataset) -> None:
    other = ingest(owner, b"tool,metal\n" + b"hammer,iron\n" * 5, "tools.csv").dataset
    decide(orders.columns.get(key="goods"), Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward)
    alone = ask(QUESTION, owner, orders)
    assert (alone.outcome, alone.citations) == ("not_indexed", ())
    among = ask(QUESTION, owner)
    assert {item.dataset for item in among.citations} == {str(other.pk)}
    assert among.warnings[0] == "1 dataset could not be asked: not indexed yet, or being rebuilt."


def test_a_dataset_that_policies_keep_out_of_the_index(owner: User) -> None:
    emails = "\n".join(str(order(number)["email"]) for number in range(30))
    dataset = ingest(owner, f"email\n{emails}\n".encode()).dataset
    answer = ask(QUESTION, owner, dataset)
    assert (answer.outcome, answer.citations) == ("abstained", ())
    assert "policies keep all of them out" in answer.answer
    assert answer.governance[0].name == "orders"


def test_coverage_says_what_the_index_left_out(owner: User, settings: LazySettings) -> None:
    settings.INDEX_MAX_ROWS = 10
    dataset = ingest(owner).dataset
    answer = ask(QUESTION, owner, dataset, limit=50)
    beyond = [item.cells["goods"] for item in answer.citations if item.row > 10]
    assert set(beyond) == {"oak table"}, "beyond the index words alone find rows"
    assert "the index covers 10 of them by meaning, 40 were searched by words." in answer.coverage


def test_cells_that_are_no_numbers_are_strict_json(owner: User) -> None:
    rows = b"goods,ratio\noak table,1.5\noak stool,NaN\noak bench,inf\noak shelf,-inf\n"
    answer = ask("oak", owner, ingest(owner, rows).dataset)
    body = json.loads(json.dumps(answer.as_json(), allow_nan=False))
    assert {item["cells"]["goods"] for item in body["citations"]} == {
        "oak table", "oak stool", "oak bench", "oak shelf",
    }  # fmt: skip


@pytest.mark.parametrize("question", ["", " \n\t ", "x" * (MAX_QUESTION + 1)])
def test_what_is_no_question(question: str, owner: User) -> None:
    with pytest.raises(QuestionRefused):
        ask(question, owner)


def test_a_server_that_is_away_is_no_empty_answer(
    owner: User, orders: Dataset, settings: LazySettings
) -> None:
    settings.CHROMA_URL = "http://127.0.0.1:9"
    with pytest.raises(VectorServerUnavailable):
        ask(QUESTION, owner, orders)


def test_of_very_many_the_best_are_asked(
    owner: User, orders: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routing, "ASKED", 1)
    ingest(owner, b"tool,metal\n" + b"hammer,iron\n" * 5, "tools.csv")
    for question, name in (("goods that somebody has ordered", "orders"), ("a tool made of metal", "tools")):
        answer = ask(question, owner)
        assert {item.dataset_name for item in answer.citations} == {name}
        assert "1 of 2 datasets were asked, those whose names," in answer.warnings[-1]


CODES = b"".join(
    b"A-%d,%s\n" % (10_400 + number, b"oak table" if number % 2 else b"wool blanket") for number in range(300)
)


def test_a_code_is_found_where_meaning_does_not_tell_it_from_others(owner: User) -> None:
    dataset = ingest(owner, b"order,goods\n" + CODES, "sales.csv").dataset
    answer = ask("where is A-10423", owner, dataset)
    assert answer.citations[0].cells["order"] == "A-10423"
    assert "rows that hold its words" in answer.plan
    assert answer.citations[0].score == max(citation.score or 0 for citation in answer.citations) <= 1
    assert len({citation.row for citation in answer.citations}) == len(answer.citations) == 8


def test_words_that_take_too_long_are_left_out_with_a_warning(
    owner: User, orders: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hybrid, "WORDS_SECONDS", 0.0)
    answer = ask(QUESTION, owner, orders)
    assert (answer.outcome, len(answer.citations)) == ("answered", 8)
    assert "Words were not searched in 1 dataset: it would have taken too long." in answer.warnings
    assert "words" not in answer.plan


def test_a_model_that_takes_its_time_takes_none_from_words(
    owner: User, orders: Dataset, embedder: Embedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Slow:
        name, dimensions = embedder.name, embedder.dimensions

        def embed(self, texts: Sequence[str]) -> Vectors:
            time.sleep(0.8)
            return embedder.embed(texts)

    monkeypatch.setattr(hybrid, "WORDS_SECONDS", 0.7)
    monkeypatch.setattr(embeddings, "get_row_embedder", Slow)
    assert hybrid.nearest(QUESTION, sources_of([orders], owner), 8).unread == []


def test_a_masked_value_is_not_found_by_its_words_by_anybody(owner: User, colleague: User) -> None:
    """Not even by the owner: what is looked into is the same for all, so that it tells nothing."""
    rows = b"".join(b"p%d@post.example,oak table %d\n" % (number, number) for number in range(60))
    dataset = ingest(owner, b"email,goods\n" + rows, "orders.csv").dataset
    let(colleague, dataset)
    for asker in (owner, colleague):
        sources = sources_of([dataset], asker)
        for email in ("p41@post.example", "p99@post.example"):
            asked = hybrid._Query(f"rows that mention {email}", 8)
            assert asked.by_words(sources[0], []) == []
    assert ask("oak table 41", owner, dataset).citations[0].row == 42


def test_a_server_that_is_away_keeps_no_exact_answer_back(
    owner: User, orders: Dataset, settings: LazySettings
) -> None:
    """Over one dataset, over several, and over so many that the best are chosen first."""
    ingest(owner, b"tool,metal\n" + b"hammer,iron\nchisel,steel\n" * 5, "tools.csv")
    settings.CHROMA_URL = "http://127.0.0.1:9"
    question = "How many rows have the goods oak table?"
    for dataset in (orders, None):
        answer = ask(question, owner, dataset)
        assert (answer.kind, answer.values) == ("exact", ("7",)), answer
    with patch.object(routing, "ASKED", 1):
        answer = ask(question, owner)
        assert (answer.kind, answer.values) == ("exact", ("7",)), answer
        assert "1 of 2 datasets were asked" in answer.warnings[-1]
        with pytest.raises(VectorServerUnavailable):
            ask("something made of wood", owner)


def test_questions_are_audited_without_their_text(owner: User, orders: Dataset) -> None:
    ask("Where does anna.schneider.0@post.example live?", owner, orders)
    event = AuditEvent.objects.get(action="asked")
    assert (event.actor, event.dataset_id) == (owner, orders.pk)
    assert event.detail == {"outcome": "answered", "kind": "lookup", "rows": 8, "characters": 46}


def test_questions_that_end_in_an_error_are_audited_too(
    owner: User, orders: Dataset, settings: LazySettings
) -> None:
    with pytest.raises(QuestionRefused):
        ask("  ", owner, orders)
    settings.CHROMA_URL = "http://127.0.0.1:9"
    with pytest.raises(VectorServerUnavailable):
        ask(QUESTION, owner, orders)
    refused, failed = AuditEvent.objects.filter(action="asked").order_by("pk")
    assert (refused.actor, refused.detail) == (owner, {"outcome": "refused", "characters": 2})
    assert failed.detail == {
        "outcome": "failed", "error": "VectorServerUnavailable", "characters": len(QUESTION),
    }  # fmt: skip


def test_the_page_audits_questions_to_foreign_datasets(stranger: User, orders: Dataset) -> None:
    client = Client()
    client.force_login(stranger)
    assert client.post("/ask/", {"question": "Who?", "dataset": str(orders.pk)}).status_code == 404
    event = AuditEvent.objects.get(action="asked")
    assert (event.actor, event.dataset_id, event.detail["outcome"]) == (stranger, orders.pk, "not_found")


def test_an_answer_carries_every_key_that_it_promises() -> None:
    assert set(Answer("not_found", "").as_json()) == {
        "outcome", "answer", "kind", "plan", "coverage", "citations", "governance", "warnings",
        "values", "sql", "wording", "series", "rows", "selected", "choices", "id", "before", "headline",
        "columns", "is_list", "verified",
    }  # fmt: skip


def test_rows_whose_copy_is_gone_are_an_error_and_no_guess(owner: User, orders: Dataset) -> None:
    Version.objects.update(parquet_key="gone.parquet")
    with pytest.raises(TypedCopyDamaged):
        ask(QUESTION, owner, orders)
