"""Makes names that the catalog accepts from names that people give. The same name gives the same result."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

# What OpenMetadata takes for a table or a column: 1 to 128 units of UTF-16 (it is written in Java), no "::",
# no quotes.
MAX_LENGTH = 128
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f\"'`<>]")
# What every server takes as a user's name (1.1: letters, digits, "_", "-" and "."; at most 64 characters).
_NOT_IN_USER_NAMES = re.compile(r"[^\w.-]")
USER_NAME_LENGTH = 64


def catalog_name(text: str) -> str:
    """The text as a valid name; unchanged where it is one.

    Runs of blanks become one, forbidden characters become "_", and "::" becomes ":". A name that is too long
    is cut and ends in "-" and eight digits of a hash. An empty name becomes "unnamed".
    """
    name = _FORBIDDEN.sub("_", " ".join(text.split()))
    name = re.sub(":{2,}", ":", name)
    if _cut(name, MAX_LENGTH) != name:
        digest = hashlib.sha256(text.encode()).hexdigest()[:8]
        name = f"{_cut(name, MAX_LENGTH - 9)}-{digest}"
    return name or "unnamed"


def column_names(texts: Sequence[str]) -> list[str]:
    """Valid names for a table's columns, in order, unique whatever their case: doubles are numbered."""
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
    """A user's name as every server takes it; where that changes it, with eight digits of a hash."""
    name = _NOT_IN_USER_NAMES.sub("_", username)
    if name == username and len(name) <= USER_NAME_LENGTH:
        return name
    digest = hashlib.sha256(username.encode()).hexdigest()[:8]
    return f"{name[: USER_NAME_LENGTH - 9]}-{digest}"


def _cut(name: str, units: int) -> str:
    """The longest beginning of the name with at most so many UTF-16 units, in whole characters."""
    return name.encode("utf-16-le")[: 2 * units].decode("utf-16-le", errors="ignore")


def quoted(part: str) -> str:
    """A part of a fully qualified name: in quotes where it holds a dot, as OpenMetadata writes it."""
    return f'"{part}"' if "." in part else part


def qualified(*parts: str) -> str:
    """service.database.schema.table, each part quoted where it must be."""
    return ".".join(quoted(part) for part in parts)
