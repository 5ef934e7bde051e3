"""Questions over HTTP: who may ask what, and what is no question."""

from collections.abc import Callable
from dataclasses import fields
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from datasets.models import Dataset
from governance.models import AuditEvent
from promptiq.ask import Answer
from promptiq.vector_client import VectorServerUnavailable
from promptiq.web.api import AnswerSerializer
from tests.making import store_typed_copy
from tests.omdplatform.base.web.test_problems import assert_problem

Api = Callable[[User | None], APIClient]
ASK = "/api/v1/ask"


def question(dataset: object, text: str = "Who lives in Utrecht?") -> dict[str, object]:
    return {"question": text, "dataset": str(dataset)}


def test_an_answer_has_the_documented_shape(api: Api, owner: User, people_table: Dataset) -> None:
    """The dataset has no index: that is an answer, with its governance, and no error."""
    store_typed_copy(people_table)
    body = api(owner).post(ASK, question(people_table.pk), format="json").json()
    assert set(body) == {*AnswerSerializer().fields} == {field.name for field in fields(Answer)}
    assert body["outcome"] == "not_indexed"
    (governance,) = body["governance"]
    assert set(governance) == {*AnswerSerializer().fields["governance"].child.fields}
    assert governance["owner"] == "owner"
    assert "Utrecht" not in str(AuditEvent.objects.filter(action="asked").values_list("detail"))


def test_a_foreign_dataset_cannot_be_asked(api: Api, people_table: Dataset, stranger: User) -> None:
    foreign = assert_problem(
        api(stranger).post(ASK, question(people_table.pk), format="json"), 404, "not-found"
    )
    absent = assert_problem(api(stranger).post(ASK, question(uuid4()), format="json"), 404, "not-found")
    assert foreign == absent
    events = AuditEvent.objects.filter(action="asked").order_by("pk")
    assert [(each.actor, each.detail["outcome"]) for each in events] == [(stranger, "not_found")] * 2
    assert events[0].dataset_id == people_table.pk
    assert api(stranger).post(ASK, {"question": "Who?"}, format="json").json()["outcome"] == "not_found"
    assert_problem(api().post(ASK, {"question": "Who?"}, format="json"), 401, "not-authenticated")


@pytest.mark.parametrize(
    "wrong",
    [
        {"question": ""},
        {"question": " \n "},
        {"question": "x" * 2001},
        {"question": "a\0b"},
        {"question": None},
        {"question": "Who?", "dataset": "people"},
        {"question": "Who?", "dataset": ["a"]},
        {"question": "Who?", "limit": 0},
        {"question": "Who?", "limit": 51},
        {"question": "Who?", "limit": "many"},
    ],
)
def test_what_is_no_question(api: Api, owner: User, wrong: dict) -> None:
    assert_problem(api(owner).post(ASK, wrong, format="json"), 400, "invalid")


def test_a_vector_server_that_is_away_is_said_so(api: Api, owner: User) -> None:
    with patch(
        "promptiq.web.api.ask", side_effect=VectorServerUnavailable("The vector server is not running.")
    ):
        response = api(owner).post(ASK, {"question": "Who?"}, format="json")
    assert "not running" in assert_problem(response, 503, "vectors-unavailable")["detail"]
    assert response["Retry-After"] == "30"
