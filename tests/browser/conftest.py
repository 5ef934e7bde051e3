"""Headless Chromium on a running platform. The browser ends with the package, so that other tests may use
event loops of their own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.running import RunningPlatform

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PASSWORD = "correct-horse-battery-staple"
PEOPLE = {"olga": "contributors", "vera": "viewers", "stella": "stewards"}
MAKE_PEOPLE = f"""
from django.contrib.auth.models import Group, User
for name, group in {PEOPLE!r}.items():
    user = User.objects.create_user(name, password={PASSWORD!r}, is_staff=group == "stewards")
    user.groups.add(Group.objects.get(name=group))
"""


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """One for all browser tests: olga may upload, vera may look, stella curates."""
    running = RunningPlatform(tmp_path_factory.mktemp("platform"))
    try:
        running.manage("shell", "-c", MAKE_PEOPLE)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    assert found, "Chromium is missing: see deploy/install_chromium"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Visitor:
    """A person at a browser. `said`: what pages complained of in the console."""

    context: BrowserContext
    page: Page
    said: list[str]


@pytest.fixture
def visit(platform: RunningPlatform, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """Sign somebody in; options as for a browser context. Complaints in the console fail the test."""
    visitors: list[Visitor] = []

    def sign_in(name: str, password: str = PASSWORD, **options: object) -> Visitor:
        context = browser.new_context(base_url=platform.url, **options)  # type: ignore[arg-type]
        page = context.new_page()
        said: list[str] = []
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        page.goto("/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        page.get_by_role("heading", name="Datasets", exact=True).wait_for()
        visitors.append(Visitor(context, page, said))
        return visitors[-1]

    yield sign_in
    for visitor in visitors:
        visitor.context.close()
    assert [line for visitor in visitors for line in visitor.said] == []
