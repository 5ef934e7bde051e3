"""The page for questions in the browser: charts, rows, progress, history, without scripts, on a phone."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import MAKE_PEOPLE, PASSWORD, Visitor
from tests.browser.looking import looked_at
from tests.running import RunningPlatform
from tests.slow_embedder import SLOWLY

pytestmark = pytest.mark.browser
Visit = Callable[..., Visitor]

TOWNS = ["Leeds", "York", "Hull", "Bath"]
ROWS = 120
READY = 90_000
SHARE = """
from django.contrib.auth.models import User
from datasets.models import Dataset
from governance.rights.grants import share
dataset = Dataset.objects.get(name="sales")
share(dataset, User.objects.get(username="vera"), dataset.owner, view_pii=False)
"""


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    """One of its own, whose embedding may be slow. olga has `sales`, which vera may look at."""
    folder = tmp_path_factory.mktemp("asking")
    running = RunningPlatform(folder / "data", EMBEDDING_MODEL="tests.slow_embedder.SlowEmbedder")
    try:
        running.manage("shell", "-c", MAKE_PEOPLE)
        file = folder / "sales.csv"
        lines = [
            f"buyer{n}@post.example,{TOWNS[n % 4]},{2018 + n % 5}-0{n % 9 + 1}-11,{n * 1.5}"
            for n in range(ROWS)
        ]
        file.write_text("\n".join(["email,town,day,amount", *lines]))
        running.manage("ingest", str(file), "--owner", "olga")
        running.manage("shell", "-c", SHARE)
        yield running
    finally:
        running.stop()


def ask_about(page: Page, question: str, dataset: str = "sales (olga)") -> None:
    page.goto("/ask/")
    page.get_by_label("Dataset").select_option(label=dataset)
    put(page, question)


def put(page: Page, question: str) -> None:
    """Ask, and wait for the answer to this question."""
    page.get_by_label("Question").fill(question)
    page.get_by_role("button", name="Ask", exact=True).click()
    answered(page, question)


def answered(page: Page, question: str) -> None:
    expect(page.get_by_role("heading", name=f"Answer to: {question}")).to_be_focused(timeout=READY)


def asked_before(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("[data-past] button").all_inner_texts()]


def test_groups_come_as_a_chart(visit: Visit) -> None:
    page = visit("olga").page
    ask_about(page, "What is the average amount by town?")
    bars = page.get_by_role("table", name="Each group with its figure")
    expect(bars.get_by_role("row")).to_have_count(4)
    expect(bars.get_by_role("row").first).to_contain_text("Bath")
    boxes = [bar.bounding_box() for bar in bars.locator("rect").all()]
    widths = [box["width"] for box in boxes if box]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 150
    expect(page.get_by_text("Computed over 120 of 120 rows.")).to_be_visible()
    put(page, "What is the total amount by year?")
    expect(page.get_by_role("img", name=re.compile("^From 2018"))).to_be_visible()
    page.get_by_text("As a table").click()
    expect(page.get_by_role("rowheader", name="2020")).to_be_visible()


def test_a_citation_opens_its_row(visit: Visit) -> None:
    page = visit("olga").page
    ask_about(page, "How many rows have the town York?")
    expect(page.locator(".answer.figure")).to_have_text("30")
    page.get_by_role("link", name="Open row 22", exact=True).click()
    found = page.locator("tr[aria-current]")
    expect(found).to_be_focused()
    expect(found).to_be_in_viewport()
    expect(found).to_contain_text("buyer21@post.example")
    page.go_back()
    put(page, "How many rows have the town York?")
    page.get_by_role("button", name="Open all 30 rows behind it").click()
    expect(page.get_by_role("heading", name="1 to 30 of 30 rows behind the answer")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(30)
    assert "?" not in page.url


def test_a_colleague_sees_masks_and_what_to_do(visit: Visit) -> None:
    page = visit("vera").page
    ask_about(page, "Which email has the highest amount?")
    expect(page.get_by_text("Not permitted")).to_be_visible()
    expect(page.get_by_text("olga, who owns")).to_be_visible()
    put(page, "How many rows are there?")
    expect(page.locator("table.rows .masked").first).to_have_text("••••")
    seen = page.content()
    page.get_by_role("link", name="Open row 6", exact=True).click()
    expect(page.locator("tr[aria-current] .masked")).to_have_text("••••")
    assert "@post.example" not in seen + page.content()


def test_examples_fit_and_are_answered_at_a_click(visit: Visit) -> None:
    page = visit("olga").page
    page.goto("/ask/")
    page.get_by_label("Dataset").select_option(label="sales (olga)")
    examples = page.get_by_role("list", name="Examples for sales").get_by_role("button")
    expect(page.get_by_role("heading", name="Questions that fit sales")).to_be_visible()
    for example in examples.all_inner_texts():
        page.get_by_role("list", name="Examples for sales").get_by_role("button", name=example).click()
        answered(page, example)
        expect(page.locator("[data-answer]")).to_have_attribute("data-answer", "answered")
        expect(page.get_by_text("Computed over the data")).to_be_visible()


def test_a_slow_answer_says_what_it_does(visit: Visit) -> None:
    page = visit("olga").page
    page.goto("/ask/")
    page.get_by_label("Question").fill(f"somebody who lives {SLOWLY}")
    page.get_by_role("button", name="Ask", exact=True).click()
    steps = page.locator("[data-steps]")
    expect(steps).to_be_visible(timeout=3_000)
    expect(steps).to_contain_text("Looking at what governs the data…")
    expect(steps.locator("li").last).to_contain_text("Looking for the nearest rows in 1 dataset…")
    expect(page.get_by_role("status")).to_contain_text("Looking for the nearest rows")
    assert SLOWLY not in steps.inner_text()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_disabled()
    answered(page, f"somebody who lives {SLOWLY}")
    expect(steps).to_be_hidden()
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()


def test_a_quick_answer_shows_no_steps(visit: Visit) -> None:
    page = visit("olga").page
    ask_about(page, "How many rows are there?")
    page.evaluate("""() => {
        window.shown = 0;
        new MutationObserver(() => { window.shown += !document.querySelector("[data-working]").hidden; })
            .observe(document.querySelector("[data-working]"), { attributes: true });
    }""")
    put(page, "How many rows have the town York?")
    assert page.evaluate("window.shown") == 0


def test_waiting_can_be_given_up(visit: Visit, platform: RunningPlatform) -> None:
    page = visit("olga").page
    page.goto("/ask/")
    page.get_by_label("Question").fill(f"somebody who eats {SLOWLY}")
    page.get_by_role("button", name="Ask", exact=True).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("status")).to_have_text("Cancelled.")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_enabled()
    expect(page.locator("[data-answer]")).to_have_count(0)
    put(page, "How many rows are there in sales?")
    assert "Traceback" not in platform.log
    assert "ERROR" not in platform.log


def test_refusals_are_told_in_the_page(visit: Visit) -> None:
    olga = visit("olga")
    page = olga.page
    page.goto("/ask/")
    page.get_by_label("Question").fill("   ")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The question is empty.")
    # Signed out meanwhile, as in another tab.
    olga.context.request.get("/ask/")
    olga.context.clear_cookies(name="sessionid")
    page.get_by_label("Question").fill("How many rows are there?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("You are signed out.")
    expect(page.get_by_role("alert").get_by_role("link", name="Sign in")).to_have_attribute(
        "href", "/accounts/login/?next=/ask/"
    )
    olga.said[:] = [line for line in olga.said if "401" not in line]


def test_questions_are_kept_for_whoever_asked_them_alone(visit: Visit) -> None:
    olga = visit("olga")
    page = olga.page
    ask_about(page, "How many rows have the town Hull?")
    put(page, "What is the average amount?")
    page.reload()
    assert asked_before(page) == [
        "What is the average amount?", "How many rows have the town Hull?",
    ]  # fmt: skip
    # By keyboard alone.
    page.locator("[data-past]").get_by_role("button", name="How many rows have the town Hull?").focus()
    page.keyboard.press("Enter")
    answered(page, "How many rows have the town Hull?")
    expect(page.locator(".answer.figure")).to_have_text("30")
    assert len(asked_before(page)) == 2
    # Of another dataset there is nothing.
    page.get_by_label("Dataset").select_option("")
    assert len(asked_before(page)) == 2

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").wait_for()
    assert page.evaluate("localStorage.getItem('questions')") is None
    # Somebody else, at the same browser, whose pages came before anything was wiped.
    of_another = {"user": "1", "items": [{"question": "Hull?", "dataset": "", "name": ""}]}
    page.evaluate("(kept) => localStorage.setItem('questions', JSON.stringify(kept))", of_another)
    page.get_by_label("Username").fill("vera")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="Datasets", exact=True).wait_for()
    page.goto("/ask/")
    expect(page.get_by_text("Asked before")).to_be_hidden()
    assert "Hull" not in json.dumps(page.evaluate("localStorage.getItem('questions')"))


def test_questions_can_be_forgotten(visit: Visit) -> None:
    page = visit("olga").page
    ask_about(page, "How many rows have the town Hull?")
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Asked before")).to_be_hidden()
    page.reload()
    expect(page.get_by_text("Asked before")).to_be_hidden()
    assert page.evaluate("localStorage.getItem('questions')") is None


def test_it_works_without_scripts(visit: Visit) -> None:
    page = visit("olga", java_script_enabled=False).page
    page.goto("/ask/")
    page.get_by_label("Dataset").select_option(label="sales (olga)")
    page.get_by_label("Question").fill("What is the average amount by town?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_role("table", name="Each group with its figure")).to_be_visible()
    page.get_by_role("list", name="Examples for sales").get_by_role("button").last.click()
    expect(page.locator("[data-answer]")).to_have_attribute("data-answer", "answered")
    page.get_by_role("link", name="Open row").first.click()
    expect(page.locator("tr[aria-current]")).to_have_count(1)


TREES = "Match,Winner,Loser\n1,Ash,Elm\n2,Elm,Oak\n3,Oak,Elm\n4,Ash,Oak\n"


def test_of_several_meanings_one_is_chosen_by_a_click(
    visit: Visit, platform: RunningPlatform, tmp_path: Path
) -> None:
    file = tmp_path / "trees.csv"
    file.write_text(TREES)
    platform.manage("ingest", str(file), "--owner", "olga")
    page = visit("olga").page
    ask_about(page, "how many rows have Elm?", "trees (olga)")
    expect(page.get_by_text("Which one do you mean?")).to_be_visible()
    page.get_by_role("button", name="count of rows where Loser is Elm").click()
    expect(page.locator(".answer.figure")).to_have_text("2", timeout=READY)
    # The choice has an address of its own.
    page.reload()
    expect(page.locator(".answer.figure")).to_have_text("2")


def test_an_answer_is_gone_on_from_and_both_plans_are_shown(visit: Visit) -> None:
    page = visit("olga").page
    ask_about(page, "What is the total amount of York?")
    page.get_by_label("Go on from this answer").fill("and for Hull?")
    page.get_by_role("button", name="Go on").click()
    answered(page, "and for Hull?")
    found = page.locator(".how dd")
    expect(found.first).to_have_text("Sum of amount where town is York.")
    expect(found.last).to_contain_text("Sum of amount where town is Hull")
    page.get_by_label("Go on from this answer").fill("by year instead")
    page.keyboard.press("Enter")
    answered(page, "by year instead")
    expect(page.get_by_role("img", name=re.compile("^From 2018"))).to_be_visible()
    # What goes on from another is no question to be asked again by itself.
    assert not any("Hull?" in text for text in asked_before(page))
    page.go_back()
    answered_again = page.get_by_role("heading", name="Answer to: and for Hull?")
    expect(answered_again).to_be_visible(timeout=READY)


def test_an_answer_is_shared_by_its_address_and_computed_for_whoever_opens_it(visit: Visit) -> None:
    page = visit("olga").page
    ask_about(page, "Which email has the highest amount?")
    expect(page.locator(".answer.figure")).to_have_text("buyer119@post.example")
    address = page.url
    assert re.fullmatch(r".*/ask/[0-9a-f-]{36}/", address)
    page.reload()
    expect(page.locator(".answer.figure")).to_have_text("buyer119@post.example")
    other = visit("vera").page
    other.goto(address)
    expect(other.get_by_text("Not permitted")).to_be_visible()
    expect(other.get_by_text("Asked by olga, answered for")).to_be_visible()
    assert "@post.example" not in other.content()
    ask_about(page, "What is the average amount by town?")
    other.goto(page.url)
    expect(other.get_by_role("table", name="Each group with its figure")).to_be_visible()
    expect(other.get_by_role("heading", name="Answer to: What is the average amount")).to_be_visible()


def test_an_answer_is_taken_as_csv(visit: Visit) -> None:
    page = visit("vera").page
    ask_about(page, "What is the average amount by town?")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download CSV").click()
    assert download.value.suggested_filename == "Answer from sales.csv"
    lines = Path(download.value.path()).read_text("utf-8-sig").splitlines()
    assert lines[:2] == ["Group,Figure", "Bath,91.5"]


def test_a_steward_verifies_and_it_becomes_an_example(visit: Visit) -> None:
    question = "What is the total amount of Leeds?"
    olga = visit("olga").page
    ask_about(olga, question)
    expect(olga.get_by_role("button", name="Verify")).to_have_count(0)
    stella = visit("stella").page
    stella.goto(olga.url)
    stella.get_by_role("button", name="Verify").click()
    expect(stella.get_by_text("Verified by stella on")).to_be_visible()
    vera = visit("vera").page
    vera.goto("/ask/")
    vera.get_by_label("Dataset").select_option(label="sales (olga)")
    vera.get_by_role("list", name="Examples for sales").get_by_role("button", name=question).click()
    answered(vera, question)
    expect(vera.get_by_text("Verified by stella on")).to_be_visible()
    stella.goto("/ask/verified/")
    complaints = looked_at(stella, "verified")
    stella.get_by_role("button", name="Withdraw").click()
    expect(stella.get_by_text("Nothing is verified yet.")).to_be_visible()
    assert complaints == []


STATES = {
    "bars": "What is the average amount by town?",
    "line": "What is the total amount by month?",
    "share": "What percent of the rows are in Leeds?",
    "refused": "Which email has the highest amount?",
    "unknown": "How many unicorns are taller than a fridge?",
}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("view", "width", "height"), [("wide", 1280, 900), ("phone", 390, 844)])
def test_every_answer_fits_and_is_accessible(
    visit: Visit, theme: str, view: str, width: int, height: int
) -> None:
    page = visit("vera", viewport={"width": width, "height": height}, color_scheme=theme).page
    complaints: list[str] = []
    for name, question in STATES.items():
        ask_about(page, question)
        complaints += looked_at(page, f"ask-{name}-{view}-{theme}")
    put(page, "How many rows have the town York?")
    page.get_by_role("link", name="Open row 6", exact=True).click()
    expect(page.locator("tr[aria-current]")).to_have_count(1)
    complaints += looked_at(page, f"rows-{view}-{theme}")
    assert complaints == []


def test_two_tabs_of_one_browser_share_what_was_asked(visit: Visit) -> None:
    olga = visit("olga")
    first, second = olga.page, olga.context.new_page()
    second.goto("/ask/")
    ask_about(first, "How many rows have the town Bath?")
    expect(second.locator("[data-past]")).to_contain_text("How many rows have the town Bath?")
    expect(second.locator("[data-past]")).to_be_visible()
    first.get_by_role("button", name="Sign out").click()
    first.get_by_label("Username").wait_for()
    expect(second.get_by_text("Asked before")).to_be_hidden()
