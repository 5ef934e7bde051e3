"""Too many questions at once: some wait, the rest are told so, and nobody holds a turn that is over."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from promptiq import turns
from promptiq.turns import AT_ONCE, Busy, turn


@pytest.fixture
def all_taken(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(turns, "LONGEST_WAIT", 0.2)
    with ExitStack() as held:
        for _ in range(AT_ONCE):
            held.enter_context(turn())
        yield


def test_who_waits_too_long_is_told(all_taken: None) -> None:
    with pytest.raises(Busy, match="in vain"), turn():
        pass


def test_who_comes_when_too_many_wait_is_told_at_once(
    all_taken: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "MOST_WAITING", 3)
    monkeypatch.setattr(turns, "LONGEST_WAIT", 5.0)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(turns._wait) for _ in range(3)]
        while turns._waiting < 3:
            threading.Event().wait(0.01)
        with pytest.raises(Busy, match="Too many"), turn():
            pass
        monkeypatch.setattr(turns, "LONGEST_WAIT", 0.0)
        assert all(isinstance(one.exception(), Busy) for one in waiting)
    assert turns._waiting == 0


def test_turns_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(AT_ONCE + 1):
        with pytest.raises(ValueError), turn():
            raise ValueError
    with turn():
        pass


@pytest.mark.django_db
def test_a_program_gets_an_honest_503(all_taken: None, owner: User, api: Callable[[User], APIClient]) -> None:
    answer = api(owner).post("/api/v1/ask", {"question": "How many?"}, format="json")
    assert (answer.status_code, answer.json()["code"], answer.headers["Retry-After"]) == (503, "busy", "30")
