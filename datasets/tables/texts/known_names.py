"""Names of people and of places that are known, from the lists that mimesis carries (no network).

They are JSON files with first names, surnames, cities and states of 46 languages. All words are folded: lower
case, no accents.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


def without_accents(text: str) -> str:
    """Lower case without accents: "Straße" -> "strasse", "Année" -> "annee"."""
    lowered = text.lower().replace("ß", "ss").replace("ø", "o").replace("ł", "l").replace("æ", "ae")
    if lowered.isascii():
        return lowered
    decomposed = unicodedata.normalize("NFKD", lowered)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@dataclass(frozen=True, slots=True)
class KnownNames:
    first: frozenset[str]
    last: frozenset[str]
    places: frozenset[str]


@cache
def known_names() -> KnownNames:
    first: set[str] = set()
    last: set[str] = set()
    places: set[str] = set()
    for person in lists_of("person"):
        first.update(folded_texts(person.get("names", ())))
        last.update(folded_texts(person.get("surnames", ())))
    for address in lists_of("address"):
        places.update(folded_texts(address.get("city", ())))
        places.update(folded_texts(address.get("state", {}).get("name", ())))
    return KnownNames(frozenset(first), frozenset(last), frozenset(places))


def lists_of(kind: str) -> Iterator[dict[str, Any]]:
    """The lists of one kind ("person", "address") for each language."""
    for language in (files("mimesis") / "datasets").iterdir():
        file = language / f"{kind}.json"
        if file.is_file():
            yield json.loads(file.read_text(encoding="utf-8"))


def folded_texts(node: Any) -> Iterator[str]:
    """All texts below a node of lists and of dicts by gender."""
    if isinstance(node, str):
        yield without_accents(node)
    elif isinstance(node, dict):
        for below in node.values():
            yield from folded_texts(below)
    elif isinstance(node, Iterable):
        for below in node:
            yield from folded_texts(below)
