"""A deployment for the tests of this folder, once on each version of OpenMetadata."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.browser.conftest import PASSWORD, browser, visit
from tests.stack.deployment import Deployment, Program

# Fixtures of the browser tests, which find the `platform` of this folder.
__all__ = ["browser", "visit"]
HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder belongs to the stack."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.stack)


@pytest.fixture(scope="package", params=["2.0", "1.12", "1.1"])
def deployment(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """Servers only. A module for which the version does not matter names one in its `pytestmark`."""
    with ExitStack() as opened:
        yield Deployment(tmp_path_factory.mktemp("deployment"), request.param, opened)


class Platform:
    """One web process; `url` ends in a slash."""

    def __init__(self, url: str) -> None:
        self.url = url


@pytest.fixture(scope="module")
def platform(deployment: Deployment) -> Iterator[Platform]:
    """One web process and one worker beside it, for one module: others start and stop theirs."""
    with deployment.worker(), deployment.web() as url:
        yield Platform(url)


@pytest.fixture
def olga(platform: Platform) -> Program:
    """A contributor's program."""
    return Program(platform.url, "olga", PASSWORD)


@pytest.fixture
def vera(platform: Platform) -> Program:
    """A viewer's program."""
    return Program(platform.url, "vera", PASSWORD)
