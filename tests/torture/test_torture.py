"""Some points of every kind; `make torture` goes through all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.torture.failpoints import MOMENTS
from tests.torture.machine import SMALL_DISK, Machine
from tests.torture.points import embedded, on_a_small_disk
from tests.torture.proxy import Proxy

pytestmark = pytest.mark.slow

# Each moment once, each part in turn, and each part that dies while it has nothing to do.
PARTS = ("worker", "chroma", "web", "worker", "vectorserver")
CHOSEN = [f"{PARTS[place % 5]} killed {moment}" for place, moment in enumerate(MOMENTS)]
CHOSEN += [f"{part} killed while idle, 1" for part in ("worker", "chroma", "vectorserver")]
CHOSEN += ["everything killed after archive", "serve killed before index", "parser killed, 1"]
CHOSEN += ["stopped in order (SIGTERM) before index", "stopped in order (SIGINT) after read"]
CHOSEN += ["database locked for 5 s", "disk full before archive"]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    tortured = Machine(tmp_path_factory.mktemp("torture"), disk=SMALL_DISK)
    yield tortured
    tortured.end()


@pytest.mark.parametrize("name", CHOSEN)
def test_a_job_ends_well_in_spite_of(name: str, machine: Machine) -> None:
    (point,) = [point for point in (*embedded(), *on_a_small_disk()) if point.name == name]
    if name.startswith("disk full") and not machine.disk:
        pytest.skip("mounting is not allowed here")
    machine.ended_well(point.act(machine))


def test_nothing_is_left_that_is_not_governed(machine: Machine) -> None:
    """After all of them, and no current version has lost a vector."""
    assert machine.nothing_ungoverned() == []
    assert machine.vectors_lost() == []
    assert json.loads((Path(machine.data) / "chroma" / "server.json").read_text())


def test_a_proxy_passes_on_what_it_is_given(machine: Machine) -> None:
    """Else its outages would be no outages."""
    import httpx

    proxy = Proxy(machine.platform.port)
    url = f"http://127.0.0.1:{proxy.port}/healthz"
    assert httpx.get(url).text == "ok"
    for mode, error in (
        ("down", httpx.TransportError),
        ("resetting", httpx.TransportError),
        ("hanging", httpx.ReadTimeout),
    ):
        proxy.be(mode)  # type: ignore[arg-type]
        with pytest.raises(error):
            httpx.get(url, timeout=2)
        proxy.be("well")
        assert httpx.get(url, timeout=30).text == "ok"
    proxy.end()
