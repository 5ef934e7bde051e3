"""Each server of the stack away in another way, before another step; `make torture` goes through all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.torture.points import on_a_stack
from tests.torture.proxy import Proxy
from tests.torture.stack import StackMachine, stack_behind_proxies

Tortured = tuple[StackMachine, dict[str, Proxy]]

CHOSEN = (
    "database down before profile_columns",
    "cache hanging before classify_columns",
    "objects resetting before archive",
    "vectors slow before index",
    "catalog down before register",
)


@pytest.fixture(scope="module")
def tortured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tortured]:
    with stack_behind_proxies(tmp_path_factory.mktemp("torture")) as found:
        yield found


@pytest.mark.parametrize("name", CHOSEN)
def test_a_job_ends_well_in_spite_of(name: str, tortured: Tortured) -> None:
    machine, proxies = tortured
    (point,) = [point for point in on_a_stack(proxies) if point.name == name]
    machine.ended_well(point.act(machine))


def test_nothing_is_left_that_is_not_governed(tortured: Tortured) -> None:
    machine, _ = tortured
    assert machine.nothing_ungoverned() == []
    assert machine.vectors_lost() == []
