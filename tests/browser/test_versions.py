"""Several files at once, and the versions of a dataset, as people see them in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visitor
from tests.browser.looking import looked_at
from tests.browser.test_journey import INGESTED, upload

pytestmark = pytest.mark.browser


def in_tray(page: Page, name: str) -> Locator:
    return page.get_by_label("Your uploads").get_by_role("listitem").filter(has_text=name)


def test_a_tray_with_four_files(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    visitor = visit("olga")
    page = visitor.page
    files = [tmp_path / f"{name}.csv" for name in ("north", "south", "east")]
    for number, path in enumerate(files):
        path.write_text("tree,height\n" + "".join(f"{path.stem} {n},{n + number}\n" for n in range(30)))
    letter = tmp_path / "letter.csv"
    letter.write_bytes(b"%PDF-1.7\n" + bytes(100))
    page.goto("/datasets/upload")
    page.get_by_label("Choose a file").set_input_files([*files, letter])
    for path in files:
        expect(in_tray(page, path.name)).to_contain_text("not kept yet", timeout=30_000)
    expect(in_tray(page, "letter.csv")).to_contain_text("refused", timeout=30_000)
    expect(page.locator(".files li")).to_have_count(0)

    # It stays while one moves about, and goes on.
    page.get_by_role("link", name="Datasets", exact=True).click()
    for path in (*files, letter):
        expect(in_tray(page, path.name)).to_have_count(1)
    for path in files[:2]:
        in_tray(page, path.name).get_by_role("button", name=re.compile("Upload as it is")).click()
    expect(in_tray(page, "south.csv")).to_contain_text(re.compile("waiting|running|done"), timeout=30_000)
    page.goto("/ask")
    assert looked_at(page, "tray-wide-light") == []
    in_tray(page, "letter.csv").get_by_role("button", name=re.compile("Dismiss")).click()
    expect(in_tray(page, "letter.csv")).to_have_count(0)

    # The list of datasets is live: nobody loads it again.
    page.get_by_role("link", name="Datasets", exact=True).click()
    for path in files[:2]:
        expect(in_tray(page, path.name)).to_contain_text("done", timeout=INGESTED)
        expect(page.get_by_role("row", name=re.compile(rf"^{path.stem} "))).to_be_visible(timeout=60_000)
    in_tray(page, "east.csv").get_by_role("link", name=re.compile("Look at it")).click()
    page.get_by_role("heading", name="east.csv").wait_for(timeout=90_000)
    page.get_by_role("button", name="Throw away", exact=True).click()
    page.wait_for_url("**/datasets/upload")
    expect(in_tray(page, "east.csv")).to_have_count(0)
    in_tray(page, "north.csv").get_by_role("link", name=re.compile("Open it")).click()
    expect(page.get_by_role("heading", name="north")).to_be_visible()
    visitor.said[:] = [line for line in visitor.said if "422" not in line]


def test_compare_and_go_back(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    page = visit("olga").page
    first, second = tmp_path / "a" / "yields.csv", tmp_path / "b" / "yields.csv"
    first.parent.mkdir()
    second.parent.mkdir()
    first.write_text("plot_no,crop,yield\n" + "".join(f"{n},wheat,{n % 7}\n" for n in range(1, 41)))
    second.write_text(
        "Plot No,yield,sown\n" + "".join(f"{n},{n % 7 + 40},2026-03-01\n" for n in range(1, 61))
    )
    for path in (first, second):
        upload(page, path)
        expect(page.locator("[data-job-state]")).to_have_text("done", timeout=INGESTED)
    page.get_by_role("link", name="Open yields").click()
    page.get_by_role("link", name="What changed", exact=True).click()
    for sentence in (
        "20 more",
        "sown is new, date.",
        "crop is no longer there.",
        "plot_no is now called Plot No. It has kept its tags.",
    ):
        expect(page.get_by_text(sentence)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="yield mean").filter(has_text="moved far")).to_be_visible()
    # The tray lies over a narrow page until it is closed.
    page.get_by_label("Your uploads").locator("summary").click()
    for width, theme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        assert looked_at(page, f"compare-{width}-{theme}") == []
    page.get_by_role("button", name="Go back to version 1").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    expect(page.locator("[data-job-state]")).to_have_text("done", timeout=INGESTED)
    page.get_by_role("link", name="Open yields").click()
    expect(page.get_by_role("rowheader", name=re.compile("crop"))).to_be_visible()
    expect(page.get_by_text("version 1 again")).to_be_visible()
    page.get_by_text("Compare, download, go back").first.click()
    page.get_by_role("button", name="Delete version 2").click()
    expect(page.get_by_text("Version 2 is deleted")).to_be_visible()
