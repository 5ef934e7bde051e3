"""The page for questions: its answers, examples and progress, and who gets them."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import AsyncClient, Client
from rest_framework.throttling import ScopedRateThrottle

from datasets.models import Dataset, Version
from governance.models import Grant
from promptiq.ask import ask
from promptiq.index.embeddings import Embedder
from promptiq.vector_client import VectorClient
from promptiq.web import examples as examples_module
from promptiq.web import streaming
from promptiq.web.examples import examples_of, examples_of_newest
from promptiq.web.streaming import stream
from tests.ingested import ingest
from tests.making import csv_of, ready_dataset
from tests.pages import as_read

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("embedder", "vectors")]
TOWNS = ["Leeds", "York", "Hull", "Bath"]


def sales_csv(rows: int = 80) -> bytes:
    """People who bought something: emails are masked, towns, years and amounts are not."""
    bought = ((f"buyer{n}@post.example", TOWNS[n % 4], 2019 + n % 3, n * 1.5) for n in range(rows))
    return csv_of("email,town,year,amount", bought)


@pytest.fixture
def sales(owner: User, vectors: VectorClient, embedder: Embedder) -> Dataset:
    return ingest(owner, sales_csv(), "sales.csv").dataset


@pytest.fixture
def viewer(sales: Dataset, colleague: User) -> User:
    Grant.objects.create(dataset=sales, user=colleague, view_pii=False, granted_by=sales.owner)
    return colleague


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def asked(user: User, question: str, dataset: Dataset | None = None, **more: str) -> str:
    wish = {"question": question, "dataset": str(dataset.pk) if dataset else "", **more}
    response = signed_in(user).post("/ask/", wish)
    assert response.status_code == 200
    return as_read(response)


# --- Answers ----------------------------------------------------------------------------------------------


def test_groups_are_bars_with_their_figures(owner: User, sales: Dataset) -> None:
    seen = asked(owner, "What is the average amount by town?", sales)
    assert '<table class="bars"' in seen
    assert '<th scope="row">Bath</th>' in seen
    assert '<rect x="0.00%" width="100.00%"' in seen
    assert "Highest: Bath (61.5). Lowest: Leeds (57.0)." in " ".join(seen.split())


def test_years_are_a_line_with_a_table_beside(owner: User, sales: Dataset) -> None:
    seen = asked(owner, "What is the total amount by year?", sales)
    assert 'role="img" aria-label="From 2019 (' in seen
    assert seen.count("<circle") == 3
    assert '<th scope="row">2021</th>' in seen


def test_markup_in_questions_and_groups_is_text(owner: User) -> None:
    rows = b"town,amount\n" + b"<script>alert(1)</script>,1\nYork,2\n" * 5
    dataset = ingest(owner, rows, "odd.csv").dataset
    seen = asked(owner, "What is the average amount by town?", dataset)
    assert "&lt;script&gt;alert(1)" in seen
    seen += asked(owner, "<script>alert(2)</script> by town", dataset)
    assert "<script>alert" not in seen


def test_a_share_is_a_bar(owner: User, sales: Dataset) -> None:
    seen = asked(owner, "What percent of the rows are in Leeds?", sales)
    assert ">25%</p>" in seen
    assert 'aria-label="25% of the whole"' in seen


def test_rows_open_at_their_number_and_all_of_them_by_a_form(owner: User, sales: Dataset) -> None:
    seen = asked(owner, "How many rows have the town York?", sales)
    assert f"/datasets/{sales.pk}/versions/1/rows/?row=6#row-6" in seen
    assert 'name="rows" value="2,6,10,' in seen
    assert "Open all 20 rows behind it" in seen


@pytest.mark.parametrize(
    ("question", "outcome", "step"),
    [
        ("Which email has the highest amount?", "Not permitted", "owner, who owns"),
        ("a buyer from the north", "some values masked", "can give you the right to see what is masked"),
        (
            "How many unicorns are taller than a fridge?",
            "Similar rows",
            "name a column by its header",
        ),
    ],
)
def test_each_outcome_says_what_to_do_next(
    viewer: User, sales: Dataset, question: str, outcome: str, step: str
) -> None:
    seen = asked(viewer, question, sales)
    assert outcome in seen
    assert step in seen
    assert "@post.example" not in seen


def test_rows_near_in_meaning_are_not_called_answered(owner: User, viewer: User, sales: Dataset) -> None:
    seen = asked(owner, "a buyer from the north", sales)
    assert ">Similar rows<" in seen
    assert "Answered" not in seen
    assert "Similar rows, some values masked for you" in asked(viewer, "a buyer from the north", sales)


def test_nothing_to_ask_leads_on(stranger: User) -> None:
    seen = asked(stranger, "How many rows are there?")
    assert "Not found" in seen
    assert 'href="/datasets/upload"' in seen


def test_of_several_meanings_each_is_a_button(owner: User) -> None:
    trees = b"Match,Winner,Loser\n1,Ash,Elm\n2,Elm,Oak\n3,Oak,Elm\n4,Ash,Oak\n"
    dataset = ingest(owner, trees, "trees.csv").dataset
    seen = asked(owner, "how many rows have Elm?", dataset)
    assert "Which one do you mean?" in seen
    meaning = "count of rows where Loser is Elm"
    assert f'name="meaning" value="{meaning}"' in seen
    assert ">2</p>" in asked(owner, "how many rows have Elm?", dataset, meaning=meaning)


def test_the_catalogs_page_is_linked_where_it_has_one(
    owner: User, sales: Dataset, settings: LazySettings
) -> None:
    assert "OpenMetadata" not in asked(owner, "How many rows are there?", sales)
    settings.OPENMETADATA_HOST = "http://127.0.0.1:9/api"
    settings.OPENMETADATA_PUBLIC_URL = "https://catalog.example/"
    fqn = sales.versions.get().catalog_fqn
    assert f'href="https://catalog.example/table/{fqn}"' in asked(owner, "How many rows are there?", sales)


# --- Examples ---------------------------------------------------------------------------------------------


def test_examples_can_be_answered(owner: User, sales: Dataset) -> None:
    found = [example.question for example in examples_of(sales)]
    assert len(found) == examples_module.MOST
    for question in found:
        answer = ask(question, owner, sales)
        assert (answer.outcome, answer.kind) == ("answered", "exact"), question


def test_examples_name_nothing_that_is_masked(owner: User, sales: Dataset) -> None:
    """Not for the owner either, who may see it: somebody may look over a shoulder."""
    page = as_read(signed_in(owner).get(f"/ask/?dataset={sales.pk}"))
    assert "What is the average amount by town?" in page
    assert "email" not in page
    assert "@post.example" not in page


def test_examples_are_worked_out_once(owner: User, sales: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    first = examples_of(sales)
    monkeypatch.setattr(examples_module, "describe", None)
    assert examples_of(sales) == first


def test_without_a_dataset_there_are_some_of_the_newest(owner: User, sales: Dataset) -> None:
    ingest(owner, b"tool,metal\n" + b"hammer,iron\nsaw,steel\n" * 4, "tools.csv")
    newest = Dataset.objects.all().visible_to(owner).for_list()
    assert [example.dataset.name for example in examples_of_newest(list(newest))][::2] == ["tools", "sales"]
    page = as_read(signed_in(owner).get("/ask/"))
    assert f'name="dataset" value="{sales.pk}"' in page
    part = as_read(signed_in(owner).get(f"/ask/examples?dataset={sales.pk}"))
    assert "Questions that fit sales" in part


def test_large_datasets_are_read_when_the_page_asks_for_them(
    owner: User, sales: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    Version.objects.update(rows=examples_module.READ_AT_ONCE + 1)
    client = signed_in(owner)
    for address in ("/ask/", f"/ask/?dataset={sales.pk}"):
        assert "What is the average amount by town?" not in as_read(client.get(address))
    part = as_read(client.get(f"/ask/examples?dataset={sales.pk}"))
    assert "What is the average amount by town?" in part
    Version.objects.update(rows=examples_module.READ_LATER + 1)
    assert as_read(client.get(f"/ask/examples?dataset={sales.pk}")).strip() == ""


def test_a_dataset_without_its_copy_has_no_examples(owner: User) -> None:
    assert examples_of(ready_dataset(owner, "gone")) == []


def test_examples_of_others_are_absent(stranger: User, sales: Dataset) -> None:
    client = signed_in(stranger)
    assert client.get(f"/ask/examples?dataset={sales.pk}").status_code == 404
    assert client.get("/ask/examples?dataset=x").status_code == 404
    assert "sales" not in as_read(client.get("/ask/examples"))
    assert Client().get("/ask/examples").status_code == 302


# --- Progress ---------------------------------------------------------------------------------------------


async def told(user: User | None, wish: dict[str, str]) -> tuple[int, list[dict[str, str]]]:
    """The status and the lines of an answer."""
    client = AsyncClient()
    if user is not None:
        await client.aforce_login(user)
    response = await client.post("/ask/stream", wish)
    if not response.streaming:
        return response.status_code, [response.json()]
    whole = b"".join([part async for part in response])
    return response.status_code, [json.loads(line) for line in whole.splitlines()]


async def test_what_is_done_comes_before_the_answer(owner: User, sales: Dataset) -> None:
    wish = {"question": "How many rows have the town York?", "dataset": str(sales.pk)}
    status, lines = await told(owner, wish)
    assert status == 200
    assert [line["message"] for line in lines[:-1]] == [
        "Looking at what governs the data…",
        "Reading the question against 1 dataset…",
        "Computing over 80 rows…",
    ]
    assert lines[-1]["type"] == "answer"
    assert re.search(r">\s*20\s*</p>", lines[-1]["html"])
    assert "csrfmiddlewaretoken" in lines[-1]["html"], "what can be clicked in it can be sent"


async def test_what_is_refused_is_said_so(
    owner: User, stranger: User, sales: Dataset, settings: LazySettings
) -> None:
    _, lines = await told(owner, {"question": "  "})
    assert lines[-1] == {"type": "error", "message": "The question is empty. Ask something about the data."}
    settings.CHROMA_URL = "http://127.0.0.1:9"
    _, lines = await told(owner, {"question": "somewhere quiet"})
    assert lines[-1]["type"] == "error"
    assert "vector server" in lines[-1]["message"].lower()
    status, (problem,) = await told(None, {"question": "Who?"})
    assert (status, "signed out" in problem["detail"]) == (401, True)
    status, (problem,) = await told(stranger, {"question": "Who?", "dataset": str(sales.pk)})
    assert (status, problem["code"]) == (404, "not-found")


async def test_an_unexpected_failure_tells_no_text(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: object, **options: object) -> None:
        raise RuntimeError("secret value")

    monkeypatch.setattr("promptiq.web.views.ask", fail)
    _, lines = await told(owner, {"question": "Who?"})
    assert lines[-1]["type"] == "error"
    assert "secret" not in json.dumps(lines)


def test_a_form_of_another_site_is_refused(owner: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner)
    refused = client.post("/ask/stream", {"question": "Who?"}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()["code"]) == (403, "csrf-failed")


@pytest.mark.parametrize("address", ["/ask/", "/ask/stream"])
def test_questions_of_the_page_are_counted(
    owner: User, sales: Dataset, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.clear()
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"ask": "2/hour"})
    client = signed_in(owner)
    wish = {"question": "How many rows are there?", "dataset": str(sales.pk)}
    statuses = [client.post(address, wish).status_code for _ in range(3)]
    assert statuses == [200, 200, 429]
    refused = client.post(address, wish)
    assert int(refused["Retry-After"]) > 0
    assert "throttled" in as_read(refused)
    cache.clear()


async def test_whoever_goes_away_ends_the_work() -> None:
    """What runs ends at its next step; what waits for its turn is never begun."""
    begun, go_on, ended = threading.Event(), threading.Event(), threading.Event()

    def work(progress: Callable[[str], None]) -> dict[str, object]:
        try:
            begun.set()
            progress("first")
            go_on.wait(10)
            progress("second")
        finally:
            ended.set()
        raise AssertionError("Nobody waits: the work should have ended.")

    lines = stream(work, lambda error: {"type": "error", "message": str(error)})
    assert json.loads(await anext(lines)) == {"type": "progress", "message": "first"}
    await lines.aclose()  # type: ignore[attr-defined]
    assert not ended.is_set()
    go_on.set()
    assert ended.wait(10)


async def test_more_than_there_is_room_for_wait_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streaming, "TURN_SECONDS", 0.05)
    go_on, begun = threading.Event(), []

    def work(progress: Callable[[str], None]) -> dict[str, object]:
        begun.append(1)
        progress("begun")
        go_on.wait(10)
        return {"type": "answer", "html": ""}

    streams = [stream(work, lambda error: {"type": "error"}) for _ in range(streaming.AT_ONCE + 1)]
    try:
        first = [json.loads(await anext(lines))["message"] for lines in streams]
        assert first == ["begun"] * streaming.AT_ONCE + ["Waiting for its turn…"]
        await streams[-1].aclose()  # type: ignore[attr-defined]
    finally:
        go_on.set()
    for lines in streams[:-1]:
        assert json.loads(await anext(lines))["type"] == "answer"
    assert len(begun) == streaming.AT_ONCE
