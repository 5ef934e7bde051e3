"""Questions asked by both: the outcome and the value that each must get, and nothing more."""

from __future__ import annotations

import pytest

from datasets.models import Dataset, Version
from promptiq.answers import Answer
from promptiq.ask import ask
from tests.promptiq.governed.conftest import World
from tests.promptiq.governed.leaks import as_text, leaks
from tests.promptiq.governed.questions import QUESTIONS, Asked, Expected


def dataset_of(world: World, about: str) -> Dataset | None:
    return getattr(world, about) if about else None


def check(answer: Answer, expected: Expected) -> None:
    assert answer.outcome == expected.outcome, answer
    if expected.values is not None:
        assert answer.values == expected.values, answer


def test_there_are_more_than_sixty_and_every_outcome_is_among_them() -> None:
    assert len(QUESTIONS) > 60
    outcomes = {asked.viewer.outcome for asked in QUESTIONS}
    assert outcomes == {"answered", "masked", "not_permitted", "not_found", "not_indexed", "abstained"}


@pytest.mark.parametrize("asked", QUESTIONS, ids=lambda asked: asked.text[:60])
def test_both_get_what_they_may(world: World, asked: Asked) -> None:
    if asked.closed:
        Version.objects.update(index_state=Version.Index.STALE)
    dataset = dataset_of(world, asked.about)
    seen = ask(asked.text, world.viewer, dataset)
    assert not leaks(as_text(seen.as_json()).replace(asked.text, ""))
    check(seen, asked.viewer)
    check(ask(asked.text, world.owner, dataset), asked.owner)
