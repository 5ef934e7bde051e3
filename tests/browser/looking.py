"""What a look at a page finds wrong with it, and a picture of it where that is wanted."""

from __future__ import annotations

import os
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Where to keep the pictures; nowhere unless that is set.
PICTURES = os.environ.get("PICTURES_DIR")


def looked_at(page: Page, name: str) -> list[str]:
    """What axe complains of and what sticks out, once the page is all there. `name`: of the picture too."""
    page.wait_for_load_state()
    sticks_out = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if PICTURES:
        page.screenshot(path=Path(PICTURES) / f"{name}.png", full_page=True)
    # In the page as it is: the policy of the site lets no script in that is not its own.
    found = Axe().run(page).response["violations"]
    wrong = [f"{name}: {rule['id']}: {node['target']}" for rule in found for node in rule["nodes"]]
    return wrong + ([f"{name} is {sticks_out} pixels too wide"] if sticks_out > 0 else [])
