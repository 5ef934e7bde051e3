"""Free text that mentions personal data: inside sentences, not as whole values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.column import Candidate, ColumnView, TableView, percent
from governance.recognisers.kinds.contact import EMAIL, is_dialled_somewhere, looks_like_phone
from governance.recognisers.kinds.identifiers import is_card_number, is_iban, is_ssn
from governance.recognisers.vocabulary import HONORIFICS, NOT_PEOPLE, people

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,4})?\b")
_CARD = re.compile(r"(?<![\d-])\d{4}(?:[ -]?\d){8,15}(?![\d-])")
_SSN = re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])")
_WORD = re.compile(r"[^\W\d_]{2,}")
_PHONE = re.compile(r"(?<![\w./-])(?:\+\d|\(\d|\d{3}[-. ])[\d\s().\-/]{6,18}\d(?![\w.-])")
# Pairs of neighbouring words, so that "with Mrs Berger" gives "Mrs Berger", too.
_TWO_NAMES = re.compile(
    r"(?<![\w.-])(?=([^\W\d_]{2,20})\.?\s+(?:[A-Z]\.\s+)?([A-ZÀ-Þ][^\W\d_'’-]{1,25}(?:['’-][^\W\d_]+)?))"
)

# One e-mail address in a hundred texts makes a column as personal as one in each. Names are recognised with
# less certainty and must be more than chance.
_ONE_IN_A_HUNDRED = 0.01
_NAMES_NEEDED = 0.15
_MOST_CHARACTERS = 2000


class FreeTextRecogniser:
    name = "free-text"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        if column.type != "STRING" or column.words_per_value < 3.5 or column.mean_length < 20:
            return []
        if column.share(_is_worded, 60) < 0.5:
            return []
        found = dict.fromkeys(("IBAN", "CREDIT_CARD", "US_SSN", "EMAIL", "PHONE", "PERSON"), 0)
        touched = 0
        for value in column.values:
            inside = mentions(value[:_MOST_CHARACTERS])
            touched += bool(inside)
            for entity in inside:
                found[entity] += 1
        count = len(column.values)
        mentioned = tuple(e for e, n in found.items() if n / count >= self._needed(e, count))
        if not mentioned:
            return []
        share = touched / count
        sure = any(entity != "PERSON" for entity in mentioned)
        return [
            Candidate(
                "FREE_TEXT",
                round(min(0.95, (0.7 if sure else 0.5) + 0.3 * share), 3),
                share,
                count,
                checksum=True if {"IBAN", "CREDIT_CARD"} & set(mentioned) else None,
                reasons=(f"{percent(share)} of the texts mention {_listed(mentioned)}",),
                examples=("••• … •••",),
                mentions=mentioned,
            )
        ]

    def _needed(self, entity: str, count: int) -> float:
        return _NAMES_NEEDED if entity == "PERSON" else max(_ONE_IN_A_HUNDRED, 1 / count)


def _is_worded(value: str) -> bool:
    """At least three words of letters: grouped numbers are not text."""
    return len(_WORD.findall(value)) >= 3


_SPOKEN = {
    "IBAN": "bank accounts",
    "CREDIT_CARD": "card numbers",
    "US_SSN": "social security numbers",
    "EMAIL": "e-mail addresses",
    "PHONE": "telephone numbers",
    "PERSON": "people by name",
}


def _listed(mentioned: tuple[str, ...]) -> str:
    return ", ".join(_SPOKEN[entity] for entity in mentioned)


def mentions(text: str) -> set[str]:
    """The kinds of personal data inside a text."""
    found: set[str] = set()
    if "@" in text and EMAIL.search(text):
        found.add("EMAIL")
    if any(map(str.isdigit, text)):
        if any(is_iban(match[0]) for match in _IBAN.finditer(text)):
            found.add("IBAN")
        if any(is_card_number(match[0]) for match in _CARD.finditer(text)):
            found.add("CREDIT_CARD")
        if any(is_ssn(match[0]) for match in _SSN.finditer(text)):
            found.add("US_SSN")
        if any(_is_phone(match[0].strip()) for match in _PHONE.finditer(text)):
            found.add("PHONE")
    if any(_names_someone(match[1], match[2]) for match in _TWO_NAMES.finditer(text)):
        found.add("PERSON")
    return found


def _is_phone(text: str) -> bool:
    return looks_like_phone(text) and is_dialled_somewhere(text)


def _names_someone(first: str, second: str) -> bool:
    """ "Frau Berger", or a known first name before a known surname, both with capitals."""
    left, right = without_accents(first), without_accents(second)
    if left in HONORIFICS:
        return len(left) > 1 and first[0].isupper() and right not in NOT_PEOPLE
    known = people()
    if not first[0].isupper() or first.isupper():
        return False
    return left in known.first and right in known.last and right not in NOT_PEOPLE and left not in NOT_PEOPLE
