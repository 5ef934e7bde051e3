"""Pages as people read them."""

from __future__ import annotations

import re
from typing import Any


def as_read(response: Any) -> str:
    """The page's HTML with the blanks that browsers show: one for each run, none beside a tag's brackets."""
    html = re.sub(r"\s+", " ", response.content.decode())
    return re.sub(r"(?<=[<>]) | (?=[<>])", "", html)
