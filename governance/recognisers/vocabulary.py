"""Words of headers and of values, read from the lists in `words/`, which say what each of them is for."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def word_file(name: str) -> dict[str, Any]:
    """The content of `words/NAME.toml`. Raises FileNotFoundError where there is no such file."""
    text = (files("governance.recognisers") / "words" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def words(file: str, key: str) -> frozenset[str]:
    """The words of one list, separated by white space. Raises KeyError where there is no such list."""
    return frozenset(str(word_file(file)[key]).split())


def _terms(vocabulary: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Term without spaces or hyphens -> the kinds it names."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for kind, terms in vocabulary.items():
        for term in terms.split():
            kinds[term.replace("-", "")].append(kind)
    return {term: tuple(found) for term, found in kinds.items()}


_HEADERS = word_file("headers")
CLEAR = _terms(_HEADERS["clear"])
HINTS = _terms(_HEADERS["hints"])
# Word -> "person", "organisation" or "thing".
ABOUT: dict[str, str] = {word: kind for kind, text in _HEADERS["about"].items() for word in text.split()}
ASIDE_AFTER = words("headers", "aside_after")
ASIDE_BEFORE = words("headers", "aside_before")

PLACEHOLDERS = words("values", "placeholders")
HONORIFICS = words("values", "honorifics")
NAME_SUFFIXES = words("values", "name_suffixes")
NAME_PARTICLES = words("values", "name_particles")
NOT_PEOPLE = words("values", "not_people")
STREET_WORDS = words("values", "street_words")
STREET_ENDS = tuple(words("values", "street_ends"))
CALENDAR_WORDS = words("values", "calendar_words")
GENDER_WORDS = words("values", "gender_words")
GENDER_PROOF = (words("values", "proof_of_a_man"), words("values", "proof_of_a_woman"))
GENDER_PROOF_WORDS = frozenset().union(*GENDER_PROOF)
GROUPS_OF_PEOPLE = words("values", "groups_of_people")
ANIMAL_WORDS = words("headers", "animal_words")
CODE_WORDS = words("headers", "code_words")
STATE_CODES = words("values", "state_codes")
COUNTRY_ALIASES = frozenset(" ".join(word_file("values")["country_aliases"].split()).split("|"))
