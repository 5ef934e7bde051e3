"""Names and fully qualified names as the server builds and refuses them."""

from __future__ import annotations

import re

from tests.openmetadata_double.answers import Refused

_QUOTED = re.compile(r'"([^"]+)"')
_PLAIN = re.compile(r'[^"\n\r]*')


def quoted(name: str) -> str:
    """A name as one part of a fully qualified name: in quotes when it holds a dot."""
    if inner := _QUOTED.fullmatch(name):
        return name if "." in inner[1] else inner[1]
    if not _PLAIN.fullmatch(name):
        raise Refused(400, f"Invalid name {name}")
    return f'"{name}"' if "." in name else name


def below(parent: str, name: str) -> str:
    """The fully qualified name of `name` in `parent`, which is one already."""
    return f"{parent}.{quoted(name)}"


def parent_of(fqn: str) -> str:
    """All parts but the last; "" for a name of one part."""
    parts: list[str] = re.findall(r'"[^"]+"|[^."]+', fqn)
    return ".".join(parts[:-1])
