"""Which environment variables the platform reads."""

from __future__ import annotations

import re

from tests.running import PROJECT


def variables_of_settings() -> set[str]:
    """Of the settings, and of the processes that parse, which know none of these."""
    read_in = [
        *(PROJECT / "omdplatform" / "settings").glob("*.py"),
        PROJECT / "datasets" / "tables" / "table.py",
    ]
    texts = [path.read_text() for path in read_in]
    return set(re.findall(r'\b(?:text|flag|number|items)\(\s*"([A-Z0-9_]+)"', "\n".join(texts)))
