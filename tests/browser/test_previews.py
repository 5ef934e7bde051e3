"""A file before it is kept, as people look at it and correct it in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visitor
from tests.browser.looking import looked_at
from tests.datasets.tables.workbooks import workbook

pytestmark = pytest.mark.browser

# A look starts a process of its own (milliseconds).
LOOKED = 90_000
PAY = """Payroll of March;;;;
Printed on 2024-04-01;;;;
;;;;
name;e-mail;paid;since;active
Anna Meyer;anna.meyer@post.example;1.234,50 €;03.01.2024;ja
Peter Garcia;p.garcia@post.example;99,00 €;04.02.2024;nein
Julia Novak;julia.novak@post.example;n/a;05.03.2024;ja
Elena Rossi;e.rossi@post.example;2.100,00 €;06.04.2024;ja
Total;;3.433,50 €;;
"""


def look_at(page: Page, path: Path) -> None:
    page.goto("/datasets/upload")
    page.get_by_label("Choose a file").set_input_files(path)
    page.wait_for_url(re.compile(r"/datasets/uploads/"), timeout=LOOKED, wait_until="commit")
    page.get_by_role("heading", name=path.name).wait_for(timeout=LOOKED)


def shown_anew(page: Page) -> None:
    """Wait until what was corrected is shown."""
    expect(page.locator("[data-status]")).to_have_text(re.compile("now|cannot"), timeout=LOOKED)
    expect(page.locator("[aria-busy]")).to_have_count(0, timeout=LOOKED)


@pytest.fixture
def pay(tmp_path: Path) -> Path:
    path = tmp_path / "payroll.csv"
    path.write_text(PAY)
    return path


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("view", "width", "height"), [("wide", 1280, 900), ("phone", 390, 844)])
def test_it_fits_and_is_accessible(
    visit: Callable[..., Visitor], pay: Path, theme: str, view: str, width: int, height: int
) -> None:
    page = visit("olga", viewport={"width": width, "height": height}, color_scheme=theme).page
    look_at(page, pay)
    assert looked_at(page, f"preview-{view}-{theme}") == []
    page.get_by_role("button", name="Throw away", exact=True).click()
    page.wait_for_url("**/datasets/upload")


def test_delimiter_header_row_and_type_are_corrected(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    path.write_text("made by hand\ncode|size, in cm|seen\n1001|1,5|01/02/2024\n1002|2,5|03/04/2024\n")
    visitor = visit("olga")
    page = visitor.page
    look_at(page, path)
    table = page.get_by_role("table").first

    page.get_by_label("Separator").select_option(label="comma")
    shown_anew(page)
    expect(table.get_by_role("columnheader")).to_have_count(2)
    page.get_by_label("Separator").select_option(label="vertical bar")
    shown_anew(page)
    expect(table.get_by_role("columnheader")).to_have_count(3)

    page.get_by_label("Lines above the header").fill("2")
    page.keyboard.press("Tab")
    shown_anew(page)
    expect(table).to_contain_text("1002")
    expect(table.get_by_role("columnheader").first).to_contain_text("1001")
    page.get_by_label("Lines above the header").fill("1")
    page.keyboard.press("Enter")
    shown_anew(page)
    expect(table.get_by_role("columnheader").first).to_contain_text("code")

    page.get_by_label("Decimal sign").select_option(label="comma: 1,5")
    shown_anew(page)
    page.get_by_label("Dates in figures").select_option(label="day, month, year")
    shown_anew(page)
    expect(table).to_contain_text("2024-04-03")
    page.get_by_label("Type of code").focus()
    page.get_by_label("Type of code").select_option(label="text")
    shown_anew(page)
    # Where the keyboard was, it stays.
    expect(page.get_by_label("Type of code")).to_be_focused()
    page.get_by_label("Name of code").fill("Code of the tree")
    page.get_by_label("Description of code").fill("As painted on it.")
    page.get_by_label("Name of code").blur()
    shown_anew(page)
    page.get_by_label("Add a tag to seen").select_option("PII.Sensitive")
    shown_anew(page)
    expect(page.get_by_role("row").filter(has=page.get_by_label("Name of seen"))).to_contain_text("masked")
    # A reload forgets nothing.
    page.reload()
    expect(page.get_by_label("Name of code")).to_have_value("Code of the tree", timeout=LOOKED)
    expect(page.get_by_label("Lines above the header")).to_have_value("1")

    page.get_by_role("button", name="Upload as it is shown").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    expect(page.locator("[data-job-state]")).to_have_text("done", timeout=240_000)
    page.get_by_role("link", name="Open codes").click()
    expect(page.get_by_role("rowheader", name=re.compile("Code of the tree"))).to_contain_text("STRING")
    expect(page.get_by_role("row").filter(has_text="seen").first).to_contain_text("PII.Sensitive")


def test_the_sheet_of_a_workbook_is_chosen(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    stations = [["station", "depth"], *([f"S{n}", n + 0.5] for n in range(1, 9))]
    staff = [["shift", "began", "lasted"], ["early", "06:00:00", "7h 30m"], ["late", "14:00:00", "8h"]]
    path = tmp_path / "survey.xlsx"
    path.write_bytes(workbook({"Stations": stations, "Staff & shifts": staff}))
    page = visit("olga").page
    look_at(page, path)
    table = page.get_by_role("table").first
    expect(table.get_by_role("columnheader").first).to_contain_text("station")
    expect(page.get_by_text("the workbook also has 1 other.")).to_be_visible()

    page.get_by_label("Sheet").select_option(label="Staff & shifts")
    shown_anew(page)
    expect(table.get_by_role("columnheader").first).to_contain_text("shift")
    expect(table.get_by_role("columnheader").nth(1)).to_contain_text("time of day")
    expect(table.get_by_role("columnheader").nth(2)).to_contain_text("duration")
    expect(table).to_contain_text("07:30:00")
    expect(table).to_contain_text("7h 30m")
    assert looked_at(page, "preview-sheet") == []

    page.get_by_role("button", name="Upload as it is shown").click()
    page.wait_for_url(re.compile(r"/jobs/"))
    expect(page.locator("[data-job-state]")).to_have_text("done", timeout=240_000)
    page.get_by_role("link", name="Open survey").click()
    expect(page.get_by_role("rowheader", name=re.compile("lasted"))).to_contain_text("DURATION")
