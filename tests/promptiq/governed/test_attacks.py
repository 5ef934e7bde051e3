"""Attacks on masked values, through every door: nothing comes out, is logged or kept."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from governance.models import AuditEvent
from promptiq.ask import ask
from promptiq.models import ProtectedFigure
from tests.promptiq.governed.attacks import ATTACKS, TWINS, Attack
from tests.promptiq.governed.conftest import World
from tests.promptiq.governed.leaks import as_text, leaks
from tests.promptiq.governed.test_answers import dataset_of

Api = Callable[[User | None], APIClient]


def test_there_are_fifteen_kinds_of_five() -> None:
    assert len({attack.kind for attack in ATTACKS}) == 15
    assert {len(set(attack.phrasings)) for attack in ATTACKS} == {5}


def steps(phrasing: str) -> list[str]:
    return phrasing.split(" | ")


def apart_from(question: str, output: str) -> str:
    """An output without the question itself, which its asker knows and a page shows again."""
    for form in (question, question.replace("'", "&#x27;").replace("<", "&lt;").replace(">", "&gt;")):
        output = output.replace(form, "")
    return output


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.kind)
def test_nothing_gets_out(world: World, api: Api, attack: Attack, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    seen: list[str] = []
    for number, phrasing in enumerate(attack.phrasings):
        outcomes = []
        ProtectedFigure.objects.all().delete()
        for question in steps(phrasing):
            if attack.kind.startswith("an admin"):
                ask(question, world.owner, dataset_of(world, attack.about))
                ask(question, world.admin, None)
            answer = ask(question, world.viewer, dataset_of(world, attack.about))
            outcomes.append(answer.outcome)
            if attack.noisy:
                assert all(value.startswith("about ") for value in answer.values), question
            outputs = [as_text(answer.as_json()), as_text(ask(question, world.viewer).as_json())]
            outputs.append(_through_a_door(number, question, world, api, attack))
            seen += [apart_from(question, output) for output in outputs]
        if attack.refused:
            assert outcomes[-1] == "not_permitted", phrasing
            assert all(outcome == "answered" for outcome in outcomes[:-1]), phrasing
    assert not leaks(*seen)
    assert not leaks(caplog.text)
    words = [question for phrasing in attack.phrasings for question in steps(phrasing)]
    kept = _kept()
    assert not leaks(kept)
    assert not [question for question in words if question in kept + caplog.text]


def _through_a_door(number: int, question: str, world: World, api: Api, attack: Attack) -> str:
    """The answer as a program, a reader of the page and somebody at the command line get it, in turn."""
    dataset = dataset_of(world, attack.about)
    if number % 3 == 0:
        body = {"question": question, **({"dataset": str(dataset.pk)} if dataset else {})}
        response = api(world.viewer).post("/api/v1/ask", body, format="json")
        assert response.status_code == 200, response.content
        return response.content.decode()
    if number % 3 == 1:
        client = Client()
        client.force_login(world.viewer)
        page = client.post("/ask/", {"question": question, "dataset": dataset.pk if dataset else ""})
        assert page.status_code == 200
        return page.content.decode()
    out, err = io.StringIO(), io.StringIO()
    named = ["--dataset", str(dataset.pk)] if dataset else []
    call_command("ask", question, "--as", world.viewer.username, *named, stdout=out, stderr=err)
    return out.getvalue() + err.getvalue()


def _kept() -> str:
    """Every row that asking writes, as text."""
    rows: list[Any] = [*AuditEvent.objects.values(), *ProtectedFigure.objects.values()]
    written = apps.get_app_config("promptiq").get_models()
    return as_text(rows + [row for model in written for row in model.objects.values()])


def without_time(text: str) -> str:
    """Nor with the id of the kept question, which is random."""
    return re.sub(r'"(?:as_of|id)": "[^"]+"', "", text)


@pytest.mark.parametrize(("about", "question", "guesses"), TWINS)
@pytest.mark.parametrize("over_all", [False, True])
def test_right_and_wrong_guesses_are_answered_alike(
    world: World, about: str, question: str, guesses: tuple[str, str], over_all: bool
) -> None:
    dataset = None if over_all else dataset_of(world, about)
    right, wrong = (
        without_time(as_text(ask(question.format(guess), world.viewer, dataset).as_json()))
        for guess in guesses
    )
    assert right == wrong
    assert '"outcome": "not_permitted"' in right


def test_a_private_dataset_and_an_absent_one_look_the_same(world: World, api: Api) -> None:
    from datasets.models import Dataset

    for question in ("How many rows are there?", "Which rows are about a counterparty?"):
        foreign = ask(question, world.viewer, world.merger)
        assert foreign == ask(question, world.viewer, Dataset())
        assert foreign.outcome == "not_found"
    named, unnamed = (
        ask(f"How many milestones has {name}?", world.viewer)
        for name in ("zephyrine merger", "xylophone plan")
    )
    assert (named.outcome, named.answer, named.coverage, named.warnings) == (
        unnamed.outcome, unnamed.answer, unnamed.coverage, unnamed.warnings,
    )  # fmt: skip
    assert {each.name for each in named.governance} == {each.name for each in unnamed.governance}


def test_hostile_text_is_shown_as_text(world: World) -> None:
    client = Client()
    client.force_login(world.viewer)
    page = client.post("/ask/", {"question": "Which notes speak of an image?", "dataset": world.customers.pk})
    seen = page.content.decode()
    assert "<img src=https://collector" not in seen
    assert 'href="https://collector' not in seen
    assert "<script>fetch" not in seen


def test_a_tightened_tag_holds_from_the_next_question_on(world: World, steward_of: User) -> None:
    from governance.curation.decisions import decide
    from governance.models import Tag

    question = "What is the highest spent?"
    assert ask(question, world.viewer, world.customers).values
    spent = world.customers.columns.get(key="spent")
    decide(spent, Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward_of)
    refused = ask(question, world.viewer, world.customers)
    assert (refused.outcome, refused.values) == ("not_permitted", ())
    decide(spent, Tag.objects.get(fqn="PII.Sensitive"), "rejected", world.customers.owner)
    assert ask(question, world.viewer, world.customers).values


@pytest.fixture
def steward_of(world: World) -> User:
    return User.objects.get(username="stella")
