"""What a request may hold: properties, what must be there, values of enumerations, lengths of names.

The server refuses a property that it does not know, so a client made for another version is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.openmetadata_double.answers import Refused

_NO_DOUBLE_COLON = "^((?!::).)*$"


@dataclass(frozen=True)
class Enumeration:
    java: str
    values: frozenset[str]


@dataclass(frozen=True)
class Shape:
    """One class of the server's API."""

    java: str
    properties: tuple[str, ...]
    required: tuple[str, ...] = ()
    nested: Mapping[str, Shape] = field(default_factory=dict)
    """Property to what it holds, or to what each item of its list holds."""
    lists: frozenset[str] = frozenset()
    enumerations: Mapping[str, Enumeration] = field(default_factory=dict)
    longest_name: int | None = None
    """Of the property `name`; None where the server does not limit it."""


@dataclass(frozen=True)
class _Place:
    """Where in the request's text a value stands, as the server's parser names it."""

    text: str
    chain: tuple[str, ...] = ()

    def within(self, java: str, name: str) -> _Place:
        return _Place(self.text, (*self.chain, f'{java}["{name}"]'))

    def at(self, index: int) -> _Place:
        return _Place(self.text, (*self.chain, f"java.util.ArrayList[{index}]"))

    def refused(self, message: str, near: str) -> Refused:
        """`near` is a pattern; the column is the one after its match, counted from 1."""
        found = re.search(near, self.text)
        column = found.end() + 1 if found else 1
        stream = "org.glassfish.jersey.message.internal.ReaderInterceptorExecutor$UnCloseableInputStream"
        where = f"\n at [Source: ({stream}); line: 1, column: {column}]"
        return Refused(400, f"{message}{where} (through reference chain: {'->'.join(self.chain)})")


def check(shape: Shape, body: object, text: str) -> None:
    """Refuse a body that the shape does not allow: first as the parser does, then as the validator does."""
    _parse(shape, body, _Place(text))
    assert isinstance(body, dict)
    if broken := list(_violations(shape, body)):
        raise Refused(400, f"[{', '.join(broken)}]")


def _parse(shape: Shape, value: object, place: _Place) -> None:
    if not isinstance(value, dict):
        raise place.refused(f"Cannot construct instance of `{shape.java}`", "^")
    for name, held in value.items():
        here = place.within(shape.java, name)
        if name not in shape.properties:
            known = ", ".join(f'"{each}"' for each in shape.properties)
            raise here.refused(
                f'Unrecognized field "{name}" (class {shape.java}), not marked as ignorable '
                f"({len(shape.properties)} known properties: {known}])",
                rf'"{re.escape(name)}"\s*:\s*.',
            )
        if held is not None:
            _parse_property(shape, name, held, here)


def _parse_property(shape: Shape, name: str, held: Any, here: _Place) -> None:
    if name in shape.lists and not isinstance(held, list):
        raise here.refused(
            "Cannot deserialize value of type `java.util.ArrayList`", rf'"{re.escape(name)}"\s*:\s*'
        )
    if allowed := shape.enumerations.get(name):
        for each in held if name in shape.lists else [held]:
            if each not in allowed.values:
                before = rf'[:,\[]\s*(?="{re.escape(str(each))}")'
                raise here.refused(f"Cannot construct instance of `{allowed.java}`, problem: {each}", before)
    if not (inner := shape.nested.get(name)):
        return
    if name not in shape.lists:
        _parse(inner, held, here)
        return
    for index, each in enumerate(held):
        _parse(inner, each, here.at(index))


def _violations(shape: Shape, body: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name} must not be null" for name in shape.required if body.get(name) is None)
    name = body.get("name")
    if shape.longest_name and isinstance(name, str):
        if not re.match(_NO_DOUBLE_COLON, name):
            yield f'name must match "{_NO_DOUBLE_COLON}"'
        if not 1 <= len(name) <= shape.longest_name:
            yield f"name size must be between 1 and {shape.longest_name}"
    for name, inner in shape.nested.items():
        held = body.get(name)
        for each in held if isinstance(held, list) else [held]:
            if isinstance(each, dict):
                yield from _violations(inner, each)
