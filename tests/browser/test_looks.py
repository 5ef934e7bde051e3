"""Every page in both themes, wide and narrow: nothing sticks out, and axe finds nothing to complain of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.looking import looked_at
from tests.running import RunningPlatform

pytestmark = pytest.mark.browser

VIEWS = [("wide", 1280, 900), ("phone", 390, 844)]
THEMES = ["light", "dark"]


def pages(page: Page) -> Iterator[str]:
    """Go from page to page; the name of each."""
    page.goto("/")
    yield "datasets"
    page.get_by_role("link", name="customers", exact=True).first.click()
    page.get_by_role("heading", name="customers").wait_for()
    yield "dataset"
    page.locator("a[href*='/jobs/']").first.click()
    page.locator("[data-job-state]").wait_for()
    yield "job"
    page.goto("/datasets/upload")
    yield "upload"
    page.goto("/ask")
    yield "ask"
    page.get_by_label("Question").fill("customers who want to be called in the evening")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("[data-answer]").wait_for(timeout=60_000)
    yield "answer"


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("view", "width", "height"), VIEWS)
def test_pages_fit_and_are_accessible(
    visit: Callable[..., Visitor],
    platform: RunningPlatform,
    theme: str,
    view: str,
    width: int,
    height: int,
) -> None:
    size = {"width": width, "height": height}
    page = visit(*platform.admin, viewport=size, color_scheme=theme).page
    wait_for_sample(page)
    complaints = []
    for name in pages(page):
        complaints += looked_at(page, f"{name}-{view}-{theme}")
    assert complaints == []


def wait_for_sample(page: Page) -> None:
    """The platform ships a dataset, which the worker takes up when it has started."""
    link = page.get_by_role("link", name="customers", exact=True)
    for _ in range(120):
        page.goto("/")
        if link.count():
            return
        page.wait_for_timeout(1_000)
    expect(link).to_be_visible()


def test_the_keyboard_is_enough(visit: Callable[..., Visitor], platform: RunningPlatform) -> None:
    page = visit(*platform.admin).page
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/ask")
    page.get_by_label("Question").focus()
    page.keyboard.type("customers from the north")
    page.keyboard.press("Control+Enter")
    page.locator("[data-answer]").wait_for(timeout=60_000)


def test_light_and_dark_are_kept(visit: Callable[..., Visitor], platform: RunningPlatform) -> None:
    page = visit(*platform.admin, color_scheme="light").page
    page.goto("/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Switch between light and dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.goto("/ask")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_pages_without_scripts_work(
    visit: Callable[..., Visitor], platform: RunningPlatform, tmp_path: Path
) -> None:
    page = visit(*platform.admin, java_script_enabled=False).page
    path = tmp_path / "plain.csv"
    path.write_text("item,amount\nchair,1\n")
    page.goto("/datasets/upload")
    page.get_by_label("Choose a file").set_input_files(path)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.wait_for_url(re.compile(r"/jobs/"))
