"""Names, places and origins as plain sets, read once from packages that carry them (no network).

mimesis keeps first names, surnames, cities and states of 46 languages as JSON files; babel (Unicode CLDR)
names the countries in every language. Entries are folded: lower case, no accents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from governance.recognisers.headers import fold
from governance.recognisers.vocabulary import COUNTRY_ALIASES, STATE_CODES

_COUNTRY_LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "sv",
    "da",
    "nb",
    "fi",
    "pl",
    "cs",
    "el",
    "ru",
)


@dataclass(frozen=True, slots=True)
class People:
    """`origins`: nationalities by people and by language, "dutch", "franzosin", "brasileiro"."""

    first: frozenset[str]
    last: frozenset[str]
    origins: frozenset[str]
    genders: frozenset[str]


@dataclass(frozen=True, slots=True)
class Places:
    """`state_codes` and `country_codes` are upper case, as they are written."""

    cities: frozenset[str]
    states: frozenset[str]
    countries: frozenset[str]
    state_codes: frozenset[str]
    country_codes: frozenset[str]


@cache
def people() -> People:
    first: set[str] = set()
    last: set[str] = set()
    origins: set[str] = set()
    genders: set[str] = set()
    for person in _mimesis("person"):
        first.update(_folded(person.get("names", ())))
        last.update(_folded(person.get("surnames", ())))
        origins.update(_folded(person.get("nationality", ())))
        origins.update(_folded(person.get("language", ())))
        genders.update(word.strip(".") for word in _folded(person.get("gender", ())))
    return People(frozenset(first), frozenset(last), frozenset(origins), frozenset(genders))


@cache
def places() -> Places:
    from babel import Locale

    cities: set[str] = set()
    states: set[str] = set()
    for address in _mimesis("address"):
        cities.update(_folded(address.get("city", ())))
        states.update(_folded(address.get("state", {}).get("name", ())))
    countries: set[str] = set(COUNTRY_ALIASES)
    codes: set[str] = set()
    for language in _COUNTRY_LANGUAGES:
        territories = {str(code): str(name) for code, name in Locale(language).territories.items()}
        countries.update(fold(name) for code, name in territories.items() if code.isalpha())
        codes.update(code for code in territories if code.isalpha() and len(code) == 2)
    return Places(
        frozenset(cities),
        frozenset(states),
        frozenset(countries),
        STATE_CODES,
        frozenset(codes | _three_letter_codes()),
    )


def _three_letter_codes() -> set[str]:
    from babel.core import get_global

    aliases = get_global("territory_aliases")
    return {code for code in aliases if len(code) == 3 and code.isalpha()}


def _mimesis(kind: str) -> Iterator[dict[str, Any]]:
    """The JSON of one kind ("person", "address") for each language."""
    for language in (files("mimesis") / "datasets").iterdir():
        file = language / f"{kind}.json"
        if file.is_file():
            yield json.loads(file.read_text(encoding="utf-8"))


def _folded(node: Any) -> Iterator[str]:
    """All texts below a node of lists and of dicts by gender."""
    if isinstance(node, str):
        yield fold(node)
    elif isinstance(node, dict):
        for below in node.values():
            yield from _folded(below)
    elif isinstance(node, Iterable):
        for below in node:
            yield from _folded(below)
