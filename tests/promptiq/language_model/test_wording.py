"""Answers in the words of a language model, beside the answers themselves."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from datasets.models import Dataset
from promptiq.ask import ask
from tests.language_model_double import (
    LanguageModelDouble,
    Say,
    Sleep,
)
from tests.pages import as_read
from tests.promptiq.language_model.conftest import staff_csv
from tests.promptiq.language_model.questions import (
    COUNT,
    NEAR,
    PROPOSED,
    QUESTION,
    proposing,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vectors", "embedder")]


def test_what_was_computed_is_put_into_words(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    double.reply = proposing(COUNT, {"wording": "Es sind 15 mit welding."})
    answer = ask(QUESTION, owner, staff)
    assert (answer.headline, answer.wording) == ("15", "Es sind 15 mit welding.")
    assert double.told[-1] == {
        "question": QUESTION,
        "computed": "Count of rows where skill is welding, in staff.",
        "coverage": "Computed over 60 of 60 rows.",
        "values": ["15"],
    }


def test_the_nearest_rows_are_put_into_words(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    double.reply = Say({"wording": "The rows are of people who know about baking."})
    answer = ask(NEAR, owner, staff)
    assert (answer.kind, answer.wording) == ("lookup", "The rows are of people who know about baking.")
    (told,) = double.told
    assert set(told) == {"question", "rows"}
    assert len(told["rows"]) == len(answer.citations) == 8
    assert all(set(row) == {"skill", "desk"} for row in told["rows"])


OTHER_WORDS: list[Any] = [
    "Es sind 16 mit welding.",
    "Es sind 15 mit welding, also 25%.",
    "15 mit welding, mehr auf https://evil.example/?q=15",
    "![15](https://evil.example/15)",
    "<b>15</b> mit welding",
    "15 mit welding, sagt «worker7@post.example».",
    "Es sind viele.",
    "15 " * 300,
    "",
    7,
    ["15"],
    {"text": "15"},
    None,
]


def test_other_words_are_dropped_and_the_answer_stays(
    double: LanguageModelDouble, owner: User, staff: Dataset, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        for wording in OTHER_WORDS:
            double.reply = proposing(COUNT, {"wording": wording})
            answer = ask(QUESTION, owner, staff)
            assert (answer.outcome, answer.headline, answer.wording) == ("answered", "15", "")
            assert "evil" not in caplog.text + json.dumps(answer.as_json())


def test_words_come_within_what_is_left_of_the_time(
    double: LanguageModelDouble, owner: User, staff: Dataset, settings: LazySettings
) -> None:
    settings.LLM_TIMEOUT = 2
    double.reply = lambda body: (
        Sleep(1, Say(COUNT)) if '"tables"' in body["messages"][1]["content"] else Sleep(30)
    )
    start = time.monotonic()
    answer = ask(QUESTION, owner, staff)
    assert (answer.values, answer.wording) == (("15",), "")
    assert time.monotonic() - start < 10, "not the 30 seconds that it would have taken"
    assert ask(QUESTION, owner, staff).values == ("15",), "the server was not away, so it is asked again"


def test_page_program_and_command_show_the_words_beside_the_answer(
    double: LanguageModelDouble,
    owner: User,
    staff: Dataset,
    api: Callable[[User | None], APIClient],
    capsys: pytest.CaptureFixture[str],
) -> None:
    double.reply = proposing(COUNT, {"wording": "Sono 15 persone & non di più."})
    client = Client()
    client.force_login(owner)
    page = as_read(client.post("/ask/", {"question": QUESTION, "dataset": staff.pk}))
    assert "Sono 15 persone &amp; non di più." in page
    assert "In the words of double-1" in page
    assert ">15</p>" in page
    assert PROPOSED in page
    body = (
        api(owner).post("/api/v1/ask", {"question": QUESTION, "dataset": str(staff.pk)}, format="json").json()
    )
    assert (body["headline"], body["wording"]) == ("15", "Sono 15 persone & non di più.")
    call_command("ask", QUESTION, "--as", "owner", "--dataset", str(staff.pk))
    assert "non di più. (in the words of double-1)\n\n15 of 60 rows, 25%.\n" in capsys.readouterr().out


def test_rows_in_plenty_stay_here(double: LanguageModelDouble, owner: User, staff: Dataset) -> None:
    """Of a long answer the first values are told, and how many there are."""
    double.reply = proposing(
        {
            "operation": "lookup",
            "columns": ["desk"],
            "order": {"column": "desk", "direction": "asc", "limit": 60},
        }
    )
    answer = ask("Welche Tische gibt es?", owner, staff)
    assert len(answer.values) == 60
    assert (len(double.told[-1]["values"]), double.told[-1]["number of values"]) == (20, 60)
    assert staff_csv().count(b"\n") == 60
