"""Words of headers and values, from the lists in `words/` and from installed packages (no network).

Each list in `words/` says what it is for. mimesis knows names of people and places (see
datasets.tables.texts.known_names); babel (Unicode CLDR) names the countries in every language. All words are
folded: lower case, no accents.
"""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from datasets.tables.texts.known_names import folded_texts, known_names, lists_of, without_accents


@cache
def word_file(name: str) -> dict[str, Any]:
    """The content of `words/NAME.toml`. Raises FileNotFoundError if there is no such file."""
    text = (files("governance.recognisers") / "words" / f"{name}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def words(file: str, key: str) -> frozenset[str]:
    """The words of one list, separated by white space. Raises KeyError if there is no such list."""
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
ABBREVIATIONS: dict[str, str] = dict(pair.split("=") for pair in _HEADERS["abbreviations"].split())
ASIDE_AFTER = words("headers", "aside_after")
ASIDE_BEFORE = words("headers", "aside_before")
NEVER_ASIDE = words("headers", "never_aside")

FIGURES_OF_GROUPS = words("headers", "figures_of_groups")
IDENTIFIERS = words("subjects", "identifier")
IDENTIFIERS_OF_PEOPLE = words("subjects", "identifier_of_a_person")
NUMBERED_PEOPLE = words("subjects", "numbered_people")
THINGS_NUMBERED_ALONE = words("headers", "things_numbered_alone")
THINGS_NUMBERED = words("headers", "things_numbered")
NUMBER_WORDS = words("headers", "number_words")
VERSION_WORDS = words("headers", "version_words")
NAMED_THINGS = words("headers", "named_things")
ACTORS = words("subjects", "actor")

ACTS_ON_ROWS = words("headers", "acts_on_rows")
VEHICLES = words("headers", "vehicles")
DRIVERS = words("headers", "drivers")
PAYROLL = words("headers", "payroll")
CARRIERS = words("headers", "carriers")
COORDINATE_WORDS = words("headers", "coordinate_words")
NAMES_ANYTHING = words("headers", "names_anything")

NOBODYS_ACCOUNTS = words("values", "nobodys_accounts")
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
    """`origins`: nationalities of people and languages, "dutch", "franzosin", "brasileiro"."""

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
    origins: set[str] = set()
    genders: set[str] = set()
    for person in lists_of("person"):
        origins.update(folded_texts(person.get("nationality", ())))
        origins.update(folded_texts(person.get("language", ())))
        genders.update(word.strip(".") for word in folded_texts(person.get("gender", ())))
    known = known_names()
    return People(known.first, known.last, frozenset(origins), frozenset(genders))


@cache
def places() -> Places:
    from babel import Locale

    cities: set[str] = set()
    states: set[str] = set()
    for address in lists_of("address"):
        cities.update(folded_texts(address.get("city", ())))
        states.update(folded_texts(address.get("state", {}).get("name", ())))
    countries: set[str] = set(COUNTRY_ALIASES)
    codes: set[str] = set()
    for language in _COUNTRY_LANGUAGES:
        territories = {str(code): str(name) for code, name in Locale(language).territories.items()}
        countries.update(without_accents(name) for code, name in territories.items() if code.isalpha())
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
