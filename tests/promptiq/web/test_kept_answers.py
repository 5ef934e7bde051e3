"""Answers that are opened again, gone on from, taken as CSV and verified: page and API, and who gets them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Dataset
from governance.models import AuditEvent
from promptiq.ask import ask
from promptiq.models import KeptQuestion
from tests.omdplatform.base.web.test_problems import assert_problem
from tests.pages import as_read
from tests.promptiq.shop import orders, share, shop

Api = Callable[[User | None], APIClient]
NORTH = "What is the sum of total of North?"
LIST = "List the orders with a total over 250"


@pytest.fixture
def dataset(owner: User) -> Dataset:
    return shop(owner)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def records(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_program_goes_on_by_the_id_of_the_answer_before(api: Api, owner: User, dataset: Dataset) -> None:
    program = api(owner)
    first = program.post("/api/v1/ask", {"question": NORTH, "dataset": str(dataset.pk)}, format="json").json()
    wish = {"question": "and for the South?", "before": first["id"]}
    then = program.post("/api/v1/ask", wish, format="json").json()
    assert (then["headline"], then["before"]) == ("£1,522.50", "Sum of total where region is North.")
    again = program.get(f"/api/v1/ask/{then['id']}").json()
    assert (again["headline"], again["id"]) == (then["headline"], then["id"])


@pytest.mark.parametrize("path", ["", "/answer.csv"])
def test_who_may_not_see_the_dataset_finds_no_answer(
    api: Api, owner: User, stranger: User, dataset: Dataset, path: str
) -> None:
    kept = ask(NORTH, owner, dataset).id
    foreign, absent = (
        assert_problem(api(stranger).get(f"/api/v1/ask/{each}{path}"), 404, "question-not-kept")
        for each in (kept, uuid4())
    )
    assert foreign["detail"] == absent["detail"]
    page = browser(stranger).get(f"/ask/{kept}/")
    assert page.status_code == 404
    assert "North" not in as_read(page)
    assert Client().get(f"/ask/{kept}/").status_code == 302
    assert_problem(
        api(stranger).post("/api/v1/ask", {"question": "only 2024", "before": kept}, format="json"),
        404, "question-not-kept",
    )  # fmt: skip


def test_the_page_of_an_answer_is_computed_anew_and_never_cached(owner: User, dataset: Dataset) -> None:
    kept = ask(NORTH, owner, dataset).id
    page = browser(owner).get(f"/ask/{kept}/")
    assert "£1,732.50" in as_read(page)
    assert page["Cache-Control"] == "no-store"


def test_words_that_may_tell_are_not_shown_to_others(owner: User, colleague: User, dataset: Dataset) -> None:
    kept = ask("What is the total of customer Cora Example7?", owner, dataset).id
    seen = as_read(browser(share(dataset, colleague)).get(f"/ask/{kept}/"))
    assert "Example7" not in seen


def test_a_choice_is_made_by_id_without_the_words(owner: User, dataset: Dataset) -> None:
    kept = ask(NORTH, owner, dataset).id
    page = as_read(browser(owner).post("/ask/", {"again": kept, "meaning": "whatever"}))
    assert "£1,732.50" in page
    assert KeptQuestion.objects.count() == 2


def test_groups_lists_and_figures_are_files_under_the_readers_masks(
    owner: User, colleague: User, dataset: Dataset
) -> None:
    viewer = share(dataset, colleague)
    for user in (owner, viewer):
        client = browser(user)
        of_groups = ask("What is the sum of total by region?", owner, dataset).id
        assert records(client.get(f"/ask/{of_groups}/answer.csv").content) == [
            ["Group", "Figure (GBP)"], ["North", "1732.5"], ["West", "1627.5"], ["South", "1522.5"],
        ]  # fmt: skip
        figure = ask(NORTH, owner, dataset).id
        assert records(client.get(f"/ask/{figure}/answer.csv").content)[1:] == [["1732.5"]]
        listed = records(client.get(f"/ask/{ask(LIST, owner, dataset).id}/answer.csv").content)
        assert listed[:2] == [["Row", "order", "total"], ["24", "SO-24", "252.0"]]
        assert len(listed) == 8
    events = AuditEvent.objects.filter(action="downloaded", actor=viewer, dataset_id=dataset.pk)
    assert [each.detail for each in events.order_by("pk")] == [
        {"what": "answer", "version": 1, "rows": rows, "columns": columns}
        for rows, columns in ((3, 2), (1, 1), (7, 3))
    ]


def test_what_is_masked_stays_masked_in_a_file(owner: User, colleague: User, dataset: Dataset) -> None:
    question = "List the customers with a total over 250"
    kept = ask(question, owner, dataset).id
    assert "Cora Example30" in browser(owner).get(f"/ask/{kept}/answer.csv").content.decode()
    seen = browser(share(dataset, colleague)).get(f"/ask/{kept}/answer.csv").content.decode()
    assert "Example" not in seen


def test_no_cell_of_a_file_is_a_formula(owner: User) -> None:
    rows = [(row[0], row[1], "=1+1" if row[2] == "North" else row[2], *row[3:]) for row in orders()]
    dataset = shop(owner, rows)
    kept = ask("What is the sum of total by region?", owner, dataset).id
    file = browser(owner).get(f"/ask/{kept}/answer.csv")
    assert ["'=1+1", "1732.5"] in records(file.content)
    assert file["Content-Disposition"] == 'attachment; filename="Answer from orders.csv"'


def test_programs_verify_list_and_withdraw(
    api: Api, owner: User, steward: User, stranger: User, dataset: Dataset
) -> None:
    kept = ask(NORTH, owner, dataset).id
    assert_problem(api(owner).post(f"/api/v1/ask/{kept}/verify"), 403, "permission-denied")
    made = api(steward).post(f"/api/v1/ask/{kept}/verify")
    assert made.status_code == 201
    (listed,) = api(owner).get("/api/v1/ask/verified").json()
    assert listed == made.json()
    assert (listed["question"], listed["state"], listed["before"]) == (NORTH, "verified", None)
    assert listed["now"] == {"version": 1, "answer": "Sum of total where region is North: £1,732.50."}
    assert api(stranger).get("/api/v1/ask/verified").json() == []
    address = f"/api/v1/ask/verified/{listed['id']}"
    assert api(stranger).delete(address).status_code == 404
    assert_problem(api(owner).delete(address), 403, "permission-denied")
    assert api(steward).delete(address).status_code == 204
    assert api(owner).get("/api/v1/ask/verified").json() == []


def test_pages_verify_and_withdraw_for_stewards_alone(owner: User, steward: User, dataset: Dataset) -> None:
    kept = ask(NORTH, owner, dataset).id
    assert browser(owner).post(f"/ask/{kept}/verify").status_code == 403
    assert "Verify</button>" not in as_read(browser(owner).get(f"/ask/{kept}/"))
    page = browser(steward)
    assert "Verify</button>" in as_read(page.get(f"/ask/{kept}/"))
    assert "Verified by steward" in as_read(page.post(f"/ask/{kept}/verify", follow=True))
    listed = as_read(browser(owner).get("/ask/verified/"))
    assert NORTH in listed
    assert "Withdraw" not in listed
    pk = dataset.verified_questions.get().pk
    assert browser(owner).post(f"/ask/verified/{pk}/withdraw").status_code == 403
    assert "Nothing is verified yet." in as_read(page.post(f"/ask/verified/{pk}/withdraw", follow=True))
