"""The browser's way through a deployment with DEBUG off: from a file to an answer, and what others see."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.browser.test_journey import INGESTED, PROMISED, ask, messages, numbers, state, upload
from tests.ingested import orders_csv
from tests.stack.deployment import Deployment

pytestmark = pytest.mark.parametrize("deployment", ["2.0"], indirect=True)


def test_from_a_file_to_an_answer(
    deployment: Deployment, visit: Callable[..., Visitor], tmp_path: Path
) -> None:
    path = tmp_path / "journeys.csv"
    path.write_bytes(orders_csv(300))
    page = visit("olga").page
    upload(page, path)
    expect(state(page)).to_have_text("done", timeout=INGESTED)
    assert [text for text in messages(page) if text in PROMISED] == PROMISED
    assert numbers(page) == sorted(set(numbers(page)))

    page.get_by_role("link", name="Open journeys").click()
    email = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=re.compile("email")))
    expect(email).to_contain_text("PII.Sensitive")
    page.get_by_label("Share with").fill("vera")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_text("vera", exact=True)).to_be_visible()
    page.get_by_role("link", name="Ask about it").click()
    ask(page, "Which rows are about a steel kettle?")
    expect(page.locator("table.rows tbody")).to_contain_text("@post.example")

    other = visit("vera").page
    other.get_by_role("link", name="journeys").click()
    other.get_by_role("link", name="Ask about it").click()
    ask(other, "Which rows are about a steel kettle?")
    expect(other.locator("table.rows tbody")).to_contain_text("steel kettle")
    assert "@post.example" not in other.content()
    assert [body["name"] for body in deployment.puts("/api/v1/tables")][-1] == "journeys"
