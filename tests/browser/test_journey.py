"""From a file to a governed answer, as people do it in a browser."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.ingested import FAMILIES, order
from tests.running import RunningPlatform

pytestmark = pytest.mark.browser

PROMISED = ["Archiving raw data…", "Building semantic index…", "Success!"]
# Every row is indexed by a model on whatever processor there is (milliseconds).
INGESTED = 240_000


def upload(page: Page, path: Path) -> None:
    page.goto("/datasets/upload")
    page.get_by_label("Choose a file").set_input_files(path)
    page.get_by_role("button", name="Upload as it is shown").click(timeout=90_000)
    page.wait_for_url(re.compile(r"/jobs/"))


def messages(page: Page) -> list[str]:
    return [line.strip() for line in page.locator("[data-log] li > span:last-child").all_inner_texts()]


def numbers(page: Page) -> list[int]:
    return [int(item.get_attribute("data-number") or 0) for item in page.locator("[data-log] li").all()]


def state(page: Page) -> Locator:
    return page.locator("[data-job-state]")


@pytest.fixture(scope="package")
def orders_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So many different texts that indexing takes a while, however quick the machine."""
    path = tmp_path_factory.mktemp("files") / "orders.csv"
    orders = [order(number) for number in range(2_500)]
    lines = [f"{each['email']},{each['goods']} lot {number}" for number, each in enumerate(orders)]
    path.write_text("\n".join(["email,goods", *lines]))
    return path


def test_a_file_becomes_a_dataset_that_answers(
    platform: RunningPlatform, visit: Callable[..., Visitor], orders_file: Path
) -> None:
    olga = visit("olga")
    page = olga.page
    upload(page, orders_file)
    expect(page.locator("[data-log]")).to_contain_text("Building semantic index…", timeout=INGESTED)

    # In the middle: a second tab and a reload show all that was said, once.
    second = olga.context.new_page()
    second.goto(page.url)
    page.reload()
    expect(page.locator("[data-log]")).to_contain_text("Archiving raw data…")

    # The web process goes away and comes back; the worker goes on meanwhile.
    for tab in (page, second):
        expect(tab.locator("[data-connection]")).to_have_text("Live", timeout=30_000)
    os.kill(platform.children()["web"], signal.SIGKILL)
    expect(page.locator("[data-connection]")).to_contain_text("connection was lost")
    expect(state(page)).to_have_text("done", timeout=INGESTED)
    for tab in (page, second):
        expect(state(tab)).to_have_text("done", timeout=30_000)
        told = messages(tab)
        assert [text for text in told if text in PROMISED] == PROMISED
        assert numbers(tab) == sorted(set(numbers(tab)))
        expect(tab.locator(".steps .done")).to_have_count(tab.locator(".steps li").count())
    # What a broken socket leaves in the console is no fault of the page.
    olga.said[:] = [line for line in olga.said if "WebSocket" not in line and "ERR_CONNECTION" not in line]

    page.get_by_role("link", name="Open orders").click()
    expect(page.get_by_role("heading", name="orders")).to_be_visible()
    email = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile("email")))
    expect(email).to_contain_text("PII.Sensitive")
    email.get_by_text("Why").click()
    expect(email).to_contain_text("Suggested by the classifier: EMAIL")

    page.get_by_label("Share with").fill("vera")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("vera", exact=True)).to_be_visible()

    page.get_by_role("link", name="Ask about it").click()
    ask(page, "orders of a steel kettle")
    rows = page.locator("table.rows tbody")
    expect(rows).to_contain_text("steel kettle")
    expect(rows).to_contain_text("@post.example")
    expect(page.get_by_label("What governs the answer")).to_contain_text("olga")


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.locator("[data-answer]").wait_for(timeout=60_000)


def test_a_reader_without_the_right_sees_masks(visit: Callable[..., Visitor]) -> None:
    page = visit("vera").page
    page.get_by_role("link", name="orders").click()
    expect(page.get_by_text("personal values are masked for you")).to_be_visible()
    seen = page.content()
    page.get_by_role("link", name="Ask about it").click()
    ask(page, "Which rows are about a steel kettle?")
    expect(page.locator("[data-answer]")).to_have_attribute("data-answer", "masked")
    expect(page.locator("table.rows tbody")).to_contain_text("steel kettle")
    expect(page.locator("table.rows .masked").first).to_have_text("••••")
    seen += page.content()
    assert "@post.example" not in seen
    assert not [family for family in FAMILIES if family.lower() in seen.lower()]


def test_a_refused_file_says_what_to_do(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    olga = visit("olga")
    page = olga.page
    picture = tmp_path / "picture.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(3_000))
    page.goto("/datasets/upload")
    page.get_by_label("Choose a file").set_input_files(picture)
    item = page.get_by_label("Your uploads").get_by_role("listitem").filter(has_text="picture.csv")
    expect(item).to_contain_text(re.compile("image|picture|PNG"), timeout=20_000)
    page.goto("/datasets/")
    expect(item).to_contain_text("refused")
    item.get_by_role("button", name="Dismiss").click()
    expect(item).to_have_count(0)
    olga.said[:] = [line for line in olga.said if "Failed to load resource" not in line]


def test_the_same_name_again_asks_and_makes_a_version(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    olga = visit("olga")
    page = olga.page
    first, second = tmp_path / "a" / "stock.csv", tmp_path / "b" / "stock.csv"
    for path, amount in ((first, 1), (second, 2)):
        path.parent.mkdir()
        path.write_text("item,amount\n" + "".join(f"thing {n},{amount}\n" for n in range(20)))
    upload(page, first)
    expect(state(page)).to_have_text("done", timeout=INGESTED)
    page.goto("/datasets/upload")
    page.get_by_label("Choose a file").set_input_files(second)
    expect(page.get_by_label("A new version of stock")).to_be_checked(timeout=90_000)
    page.get_by_role("button", name="Upload as it is shown").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    expect(state(page)).to_have_text("done", timeout=INGESTED)
    page.get_by_role("link", name="Open stock").click()
    page.get_by_role("link", name="Version 1", exact=True).click()
    expect(page.get_by_text("This is version 1, not the current one")).to_be_visible()
    olga.said[:] = [line for line in olga.said if "409" not in line]
