"""Questions with a language model at hand: what it adds, and that nothing is lost without it."""

from __future__ import annotations

import json
import logging
import time
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import User

from datasets.models import Dataset
from governance.models import AuditEvent
from promptiq.ask import ask
from tests.ingested import ingest
from tests.language_model_double import (
    Drip,
    Endless,
    Error,
    HangUp,
    LanguageModelDouble,
    Raw,
    Reply,
    Say,
    Sleep,
)
from tests.promptiq.language_model.conftest import secrets_in
from tests.promptiq.language_model.questions import (
    COUNT,
    FIRST,
    NEAR,
    OURS,
    PROPOSED,
    QUESTION,
    WELDING,
    assert_same,
    proposing,
)
from tests.running import free_port

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("vectors", "embedder")]

# --- proposals


PROPOSALS: list[tuple[str, dict[str, Any], tuple[str, ...]]] = [
    (QUESTION, COUNT, ("15",)),
    (
        "Qual è lo stipendio medio con welding?",
        {"operation": "average", "columns": ["salary"], "filters": WELDING},
        ("41290",),
    ),
    (
        "Chi guadagna di più?",
        {"operation": "lookup", "columns": ["email"], "order": {"column": "salary", "direction": "desc"}},
        ("worker59@post.example",),
    ),
    (
        "Come si distribuiscono le persone?",
        {"operation": "group", "group": {"column": "skill", "measure": "count"}},
        ("typing: 15", "welding: 15", "baking: 15", "singing: 15"),
    ),
    ("C'è qualcuno per saldare?", {"operation": "holds", "filters": WELDING}, ("yes",)),
]


def test_a_proposed_plan_is_run_like_ours_and_says_where_it_is_from(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    for question, said, values in PROPOSALS:
        double.reply = Say("{}")
        assert ask(question, owner, staff).values == (), "without a proposal there is no computed answer"
        double.reply = proposing(said)
        answer = ask(question, owner, staff)
        assert (answer.outcome, answer.kind, answer.values) == ("answered", "exact", values)
        assert answer.warnings[0] == PROPOSED
        assert answer.plan.endswith(", in staff.")
        assert answer.coverage == "Computed over 60 of 60 rows."
        assert answer.sql.startswith("SELECT")
        assert answer.citations
        assert answer.governance[0].owner == "owner"


def test_without_one_configured_nothing_is_asked(
    double: LanguageModelDouble, owner: User, staff: Dataset, settings: LazySettings
) -> None:
    settings.LLM_BASE_URL = ""
    assert ask(QUESTION, owner, staff).kind == "lookup"
    assert double.requests == []


def test_what_our_own_plan_is_sure_of_is_not_proposed(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    double.reply = proposing({"operation": "count"}, {"wording": "There are 15 rows with welding."})
    answer = ask(OURS, owner, staff)
    assert answer.values == ("15",)
    assert PROPOSED not in answer.warnings
    assert ["values" in told for told in double.told] == [True]
    assert answer.wording == "There are 15 rows with welding."


def test_what_is_plainly_looked_up_is_not_proposed(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    double.reply = proposing({"operation": "count"})
    for question in ("bread and cake", NEAR, "parcels of a brass lamp", "Are there rows like those?"):
        assert ask(question, owner, staff).kind == "lookup"
    assert not [told for told in double.told if "tables" in told]


def test_of_several_datasets_the_one_it_chose(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    ingest(owner, b"tool,metal\n" + b"hammer,iron\nsaw,steel\n" * 4, "tools.csv")

    def reply(body: dict[str, Any]) -> Reply:
        told = json.loads(body["messages"][1]["content"])
        for table in told.get("tables", ()):
            if [column["name"] for column in table["columns"]] == ["tool", "metal"]:
                filters = [{"column": "metal", "compare": "=", "value": "Iron"}]
                return Say({"operation": "count", "table": table["table"], "filters": filters})
        return Say("{}")

    double.reply = reply
    answer = ask("Wieviel davon ist aus Eisen?", owner)
    assert (answer.values, answer.governance[0].name) == (("4",), "tools")


def test_a_question_that_can_mean_two_things_is_settled_by_one_of_ours_only(
    double: LanguageModelDouble, owner: User, vectors: object, embedder: object
) -> None:
    rows = b"name,home,office\n" + b"".join(
        b"p%d,%s,%s\n" % (n, [b"Leeds", b"York"][n % 2], [b"Hull", b"Leeds", b"York"][n % 3])
        for n in range(30)
    )
    dataset = ingest(owner, rows, "places.csv").dataset
    question = "How many are in Leeds?"
    alone = ask(question, owner, dataset)
    assert "can mean more than one thing" in alone.answer
    double.reply = proposing(
        {"operation": "count", "filters": [{"column": "office", "compare": "=", "value": "Leeds"}]}
    )
    answer = ask(question, owner, dataset)
    assert (answer.outcome, answer.values) == ("answered", ("10",))
    assert answer.warnings[0] == PROPOSED
    assert any("can also mean: count of rows where home is Leeds" in each for each in answer.warnings)
    double.reply = proposing({"operation": "count"})
    assert_same(ask(question, owner, dataset), alone)


# --- nonsense and silence

NONSENSE: dict[str, Any] = {
    "prose": "I am sorry, but as a language model I cannot do that.",
    "a page": "<html><body>Sign in</body></html>",
    "SQL": "SELECT count(*) FROM data",
    "an empty object": "{}",
    "null": "null",
    "a list": [COUNT],
    "a number": 42,
    "deep nesting": '{"operation": ' * 5_000,
    "nothing": "",
    "a broken plan": json.dumps(COUNT)[:-3],
    "nothing to compute": {"operation": "none"},
    "another operation": {"operation": "delete"},
    "an unknown column": {"operation": "lookup", "columns": ["password"]},
    "another table": {**COUNT, "table": 7},
    "an unknown key": {**COUNT, "sql": "SELECT 1"},
    "another type": {**COUNT, "filters": "skill = welding"},
    "a value of no cell": {**COUNT, "filters": [{"column": "skill", "compare": "=", "value": "Atlantis"}]},
    "a sum of texts": {"operation": "sum", "columns": ["town"]},
    "rows of none": {**COUNT, "filters": [{"column": "desk", "compare": ">", "value": 900}]},
    "too many filters": {"operation": "count", "filters": WELDING * 9},
    "a huge limit": {"operation": "lookup", "columns": ["town"], "order": {**FIRST, "limit": 10**9}},
    "much text": "x" * 200_000,
}  # fmt: skip


def test_nonsense_changes_no_answer(
    double: LanguageModelDouble,
    owner: User,
    staff: Dataset,
    settings: LazySettings,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with_model, settings.LLM_BASE_URL = settings.LLM_BASE_URL, ""
    alone = {question: ask(question, owner, staff) for question in (QUESTION, OURS)}
    settings.LLM_BASE_URL = with_model
    with caplog.at_level(logging.DEBUG):
        for kind, nonsense in NONSENSE.items():
            double.requests.clear()
            double.reply = Say(nonsense)
            for question, answer in alone.items():
                assert_same(ask(question, owner, staff), answer)
            assert len(double.requests) == 3, f"{kind}: a plan for one, words for both"
    said = "\n".join(f"{record.name} {record.getMessage()}" for record in caplog.records)
    for secret in (QUESTION, OURS, "elding", "Atlantis", *secrets_in(said)):
        assert secret not in said


SILENCE: dict[str, Reply] = {
    "sleeps": Sleep(30), "drips": Drip(0.1), "drips headers": Drip(0.1, headers=True), "hangs up": HangUp(),
    "never ends": Endless(), "500": Error(500), "429": Error(429), "401": Error(401),
    "10 MB": Raw(200, b"x" * 10_000_000),
}  # fmt: skip


def test_silence_changes_no_answer_and_is_waited_for_once(
    double: LanguageModelDouble, owner: User, staff: Dataset, settings: LazySettings
) -> None:
    with_model, settings.LLM_BASE_URL, settings.LLM_TIMEOUT = settings.LLM_BASE_URL, "", 1
    alone = {question: ask(question, owner, staff) for question in (QUESTION, OURS, NEAR)}
    start = time.monotonic()
    for question in alone:
        ask(question, owner, staff)
    took = time.monotonic() - start
    for number, kind in enumerate([*SILENCE, "away"]):
        double.requests.clear()
        double.reply = SILENCE.get(kind, Say("{}"))
        settings.LLM_BASE_URL = f"http://127.0.0.1:{free_port()}/v1" if kind == "away" else with_model
        # Another name is another model, whose breaker is closed.
        double.model = settings.LLM_MODEL = f"double-{kind}-{number}"
        start = time.monotonic()
        for question, answer in alone.items():
            assert_same(ask(question, owner, staff), answer)
        # One budget of a second for all three: the first failure keeps the others from asking.
        assert time.monotonic() - start < 3 * took + 4, kind
        assert len(double.requests) <= 2, kind


# --- the record


def test_that_a_model_was_asked_is_in_the_audit_log(
    double: LanguageModelDouble, owner: User, staff: Dataset
) -> None:
    double.reply = proposing(COUNT)
    ask(QUESTION, owner, staff)
    event = AuditEvent.objects.filter(action="asked").latest("at")
    assert event.detail == {
        "outcome": "answered", "kind": "exact", "rows": 8, "characters": len(QUESTION),
        "language_model": "double-1",
    }  # fmt: skip
