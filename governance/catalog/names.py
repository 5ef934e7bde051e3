"""Turns people's names into names that the catalog accepts. The same name always gives the same result."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

# OpenMetadata's limits for names of tables and columns: 1 to 128 UTF-16 units (it is written in Java), no
# "::" and no quotes.
MAX_LENGTH = 128
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\"'`<>]")
# What every server accepts as a user's name (1.1: letters, digits, "_", "-" and "."; at most 64 characters).
_NOT_IN_USER_NAMES = re.compile(r"[^\w.-]")
USER_NAME_LENGTH = 64


def catalog_name(text: str) -> str:
    """The text as a valid name; unchanged if it is valid.

    Repeated blanks become one, forbidden characters become "_", and "::" becomes ":". A name that is too long
    is cut and ends in "-" and eight digits of a hash. An empty name becomes "unnamed".
    """
    name = _FORBIDDEN.sub("_", " ".join(text.split()))
    name = re.sub(":{2,}", ":", name)
    if _cut(name, MAX_LENGTH) != name:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = f"{_cut(name, MAX_LENGTH - 9)}-{digest}"
    return name or "unnamed"


def catalog_names(texts: Sequence[str]) -> list[str]:
    """Valid names for a table's columns, in order, unique regardless of case: repeated names are numbered."""
    taken: set[str] = set()
    names = []
    for text in texts:
        base = name = catalog_name(text)
        turn = 2
        while name.casefold() in taken:
            name, turn = f"{_cut(base, MAX_LENGTH - 6)}_{turn}", turn + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def catalog_user(username: str) -> str:
    """A user's name as every server accepts it. If it has to be changed, eight digits of a hash are added."""
    name = _NOT_IN_USER_NAMES.sub("_", username)
    if name == username and len(name) <= USER_NAME_LENGTH:
        return name
    digest = hashlib.sha256(username.encode()).hexdigest()[:8]
    return f"{name[: USER_NAME_LENGTH - 9]}-{digest}"


def _cut(name: str, units: int) -> str:
    """The longest beginning of the name with at most this many UTF-16 units, in whole characters."""
    return name.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def quoted(part: str) -> str:
    """A part of a fully qualified name, in quotes if it has a dot, as OpenMetadata writes it."""
    return f'"{part}"' if "." in part else part


def qualified(*parts: str) -> str:
    """service.database.schema.table, each part in quotes if needed."""
    return ".".join(quoted(part) for part in parts)
