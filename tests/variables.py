"""Which environment variables the settings read."""

from __future__ import annotations

import re

from tests.running import PROJECT


def variables_of_settings() -> set[str]:
    texts = [path.read_text() for path in (PROJECT / "omdplatform" / "settings").glob("*.py")]
    return set(re.findall(r'\b(?:text|flag|number|items)\(\s*"([A-Z0-9_]+)"', "\n".join(texts)))
