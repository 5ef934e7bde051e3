"""Stewards review tags in the browser: evidence, decisions in bulk, keyboard, phone, no scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.looking import looked_at
from tests.governance import tables
from tests.governance.tables import many
from tests.running import RunningPlatform

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

NAMES = ["north_staff", "south_staff", "east_staff", "west_staff"]


@pytest.fixture(scope="module", autouse=True)
def staff(platform: RunningPlatform, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Datasets of olga with addresses, names, cities, and a number that is nothing."""
    folder = tmp_path_factory.mktemp("staff")
    for seed, name in enumerate(NAMES):
        columns = [many(make, 20, seed) for make in (tables.email, tables.full_name)]
        cities = ["Berlin", "Paris", "Madrid", "Rome", "London"] * 4
        rows = zip(*columns, cities, map(str, range(20)), strict=True)
        lines = ["email,full_name,city,shelf", *(",".join(row) for row in rows)]
        (folder / f"{name}.csv").write_text("\n".join(lines))
    platform.manage("ingest", *(str(folder / f"{name}.csv") for name in NAMES), "--owner", "olga")


def review(visit: Visit, text: str, **options: object) -> Page:
    """Stella looks at the columns of datasets of that name."""
    return look_at(visit("stella", **options).page, text)


def look_at(page: Page, text: str) -> Page:
    page.get_by_role("link", name="Review").click()
    page.get_by_label("Column or dataset").fill(text)
    page.get_by_role("button", name="Show").click()
    page.get_by_role("heading", name="Review").wait_for()
    return page


def decide(page: Page, action: str, why: str = "", tag: str = "") -> None:
    page.get_by_label("Decision").select_option(action)
    if tag:
        page.get_by_label("Replacement").select_option(tag)
    if why:
        page.get_by_label("Why", exact=True).fill(why)
    page.get_by_role("button", name="Apply").click()


def state_is(page: Page, state: str) -> None:
    page.get_by_label("State").select_option(state)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url(f"**state={state}**")


def test_the_most_doubtful_first_with_their_evidence(visit: Visit) -> None:
    page = review(visit, "staff")
    sure = [float(meter) for meter in page.locator("meter").evaluate_all("all => all.map(m => m.value)")]
    assert len(sure) >= 8
    assert sure == sorted(sure)
    email = page.get_by_role("row").filter(has_text="email").first
    email.get_by_text("All evidence").click()
    expect(email).to_contain_text("e-mail addresses")
    expect(email).to_contain_text("@•••")
    page.get_by_label("Tag", exact=True).select_option("DataKind.Location")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="Review")).to_be_visible()
    assert set(page.locator("tbody th").all_inner_texts()[0].split()) >= {"city"}
    page.get_by_label("Owner").select_option("olga")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr")).not_to_have_count(0)


def test_bulk_edit_over_datasets(visit: Visit) -> None:
    """A whole page is confirmed at once; then tags of two datasets are replaced, and both are found again."""
    page = review(visit, "th_staff")  # north and south
    everything = page.get_by_label("Everything on this page")
    everything.check()
    boxes = page.locator("input[name=item]")
    count = boxes.count()
    expect(page.get_by_role("status").filter(has_text="ticked")).to_contain_text(f"{count} of {count} ticked")
    boxes.first.uncheck()
    expect(everything).not_to_be_checked()
    everything.check()
    expect(page.get_by_label("Replacement")).to_be_hidden()
    decide(page, "confirm")
    expect(page.get_by_text(f"{count} decisions written.")).to_be_visible()
    expect(page.get_by_role("heading", name="Nothing to review")).to_be_visible()

    state_is(page, "confirmed")
    for name in ("north_staff", "south_staff"):
        page.get_by_label(f"PII.Sensitive on email of {name}").check()
    decide(page, "replace", "Shared mailboxes.", "PII.NonSensitive")
    expect(page.get_by_text("4 decisions written.")).to_be_visible()
    for name in ("north_staff", "south_staff"):
        expect(page.get_by_label(f"PII.NonSensitive on email of {name}")).to_be_visible()
    state_is(page, "rejected")
    expect(page.locator("tbody tr")).to_have_count(2)
    expect(page.locator("tbody")).to_contain_text("rejected by stella")
    expect(page.locator("tbody")).to_contain_text("Shared mailboxes.")
    page.get_by_role("link", name="north_staff").click()
    expect(page.get_by_role("row").filter(has_text="email")).to_contain_text("PII.NonSensitive")


def test_a_decision_without_a_reason_is_asked_again(visit: Visit) -> None:
    visitor = visit("stella")
    page = look_at(visitor.page, "east_staff")
    box = page.get_by_label("DataKind.Location on city of east_staff")
    box.check()
    decide(page, "reject")
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    expect(box).to_be_checked()
    assert ["400" in line for line in visitor.said] == [True]  # the browser notes the refusal
    visitor.said.clear()
    decide(page, "reject", "Names of rooms.")
    expect(page.get_by_text("1 decision written.")).to_be_visible()
    expect(box).to_have_count(0)


def test_a_tag_that_was_overlooked_is_added(visit: Visit) -> None:
    page = review(visit, "east_staff")
    state_is(page, "untagged")
    page.get_by_label("no tag on shelf of east_staff").check()
    decide(page, "add", "Says where somebody lives.", "DataKind.Address")
    expect(page.get_by_text("1 decision written.")).to_be_visible()
    state_is(page, "confirmed")
    expect(page.get_by_label("DataKind.Address on shelf of east_staff")).to_be_visible()


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = review(visit, "west_staff")
    page.get_by_label("DataKind.Location on city of west_staff").focus()
    page.keyboard.press("Space")
    page.get_by_label("Decision").focus()
    page.keyboard.type("Rej")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Why", exact=True)).to_be_focused()
    page.keyboard.type("Names of rooms.")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 decision written.")).to_be_visible()


def test_without_scripts(visit: Visit) -> None:
    page = review(visit, "west_staff", java_script_enabled=False)
    page.get_by_label("DataKind.PersonName on full_name of west_staff").check()
    decide(page, "confirm")
    expect(page.get_by_text("1 decision written.")).to_be_visible()


def test_others_find_no_review(visit: Visit) -> None:
    page = visit("olga").page
    expect(page.get_by_role("link", name="Review")).to_have_count(0)


def test_the_dry_run_says_what_would_change(visit: Visit) -> None:
    page = review(visit, "")
    page.get_by_role("link", name="Dry run").click()
    page.get_by_label("Tag").select_option("PII.Sensitive")
    page.get_by_label("In the index").select_option("leave_out")
    page.get_by_role("button", name="What would change?").click()
    expect(page.get_by_role("heading", name="would change")).to_be_visible()
    expect(page.locator("tbody")).to_contain_text("mask → leave_out")
    page.get_by_role("button", name="What would a rescan change?").click()
    expect(page.get_by_role("heading", name="0 columns would change")).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)], ids=["wide", "phone"])
def test_pages_fit_and_are_accessible(visit: Visit, theme: str, width: int, height: int) -> None:
    page = review(visit, "", viewport={"width": width, "height": height}, color_scheme=theme)
    complaints = []
    policy = "/review/dry-run/?try=policy&tag=PII.Sensitive&index=leave_out"
    for address in ("/review/", "/review/?state=confirmed", "/review/?state=untagged", policy):
        page.goto(address)
        name = f"review-{address.strip('/?').replace('/', '-')[:24]}"
        complaints += looked_at(page, f"{name}-{width}-{theme}")
    assert complaints == []
