"""The same exchanges with other names, columns, ids and tags: the double must not know the recorded ones."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, unquote

Json = dict[str, Any]

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NOT_FOUND = re.compile(r"\w+ instance for (.+) not found")
# What every server has under the same name, and fields that a change names.
_NOT_OURS = frozenset({"teams", "inheritedRoles", "fieldsAdded", "fieldsUpdated", "fieldsDeleted"})
# Words of the protocol.
_WORDS = frozenset(
    {
        "type",
        "dataType",
        "dataTypeDisplay",
        "source",
        "labelType",
        "state",
        "serviceType",
        "entityType",
        "eventType",
    }
)
# A refusal in the protocol's words alone, one of which a table was called by.
_NAMELESS = "For column data types "


def renamed(exchanges: Sequence[Json]) -> list[Json]:
    """Other names in the same order, since lists are sorted by name and refusals name the first of two."""
    found = {name for exchange in exchanges for name in _names(exchange)}
    other = {name: _other(name, place) for place, name in enumerate(sorted(found))}
    longest_first = sorted(map(re.escape, other), key=len, reverse=True)
    # A contract's full name has its name behind a word of the server's own.
    before = r"(?:(?<![\w-])|(?<=dataContract_))"
    pattern = re.compile(rf"{before}(?:{'|'.join(longest_first)})(?![\w-])")
    ids: dict[str, str] = {}

    def with_others(text: str) -> str:
        text = pattern.sub(lambda match: other[match[0]], text)
        return _ID.sub(lambda match: ids.setdefault(match[0], str(uuid.uuid4())), text)

    kept = {"step", "method", "content_type", "authorization"}

    def changed(key: str, value: Any) -> Any:
        if key in kept:
            return value
        if key == "path" and "%" in value:
            return quote(with_others(unquote(value)), safe="/?&=,")
        return _mapped(value, with_others)

    return [{key: changed(key, value) for key, value in exchange.items()} for exchange in exchanges]


def _other(name: str, place: int) -> str:
    """As long where the length matters, and with the characters that do."""
    marks = "".join(mark for mark in (".", '"', "::", " ", "-") if mark in name)
    new = f"k{place:04d}{marks}x"
    return new.ljust(len(name), "x") if len(name) > 128 else new


def _names(exchange: Json) -> Iterator[str]:
    yield from _names_in(exchange["request"])
    yield from _names_in(exchange["response"])


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _names_in(each)
    if not isinstance(value, dict):
        return
    for key, held in value.items():
        if key in ("name", "displayName") and held:
            yield held
        elif key == "message" and (missing := _NOT_FOUND.fullmatch(held)) and not _ID.fullmatch(missing[1]):
            yield from missing[1].split(".")
        elif key not in _NOT_OURS:
            yield from _names_in(held)


def _mapped(value: Any, text: Any) -> Any:
    """The value with every text changed but the keys and the words of the protocol."""
    if isinstance(value, list):
        return [_mapped(each, text) for each in value]
    if isinstance(value, dict):
        return {
            key: held if key in _WORDS or key in ("teams", "inheritedRoles") else _mapped(held, text)
            for key, held in value.items()
        }
    if not isinstance(value, str):
        return value
    if value.startswith(_NAMELESS):
        return value
    if value[:1] in ("{", "["):
        try:
            return json.dumps(_mapped(json.loads(value), text))
        except ValueError:
            pass  # A message that begins with a bracket.
    return text(value)
