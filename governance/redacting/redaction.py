"""Finds personal data inside single cells of open columns, and masks it there.

A column's tags do not cover a card number in one cell of a hundred, or an address in a remark. Only what is
certainly personal is masked: it has check digits, a unique form, or a word before it that names it. Order
numbers, ISBNs, product codes, dates and amounts stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from governance.redacting.personal_kinds import KINDS as KINDS

MASK = "••••"

# Raise this with every change of what is masked: indexes are then rebuilt.
REDACTION_VERSION = 1

# A quick test: an at sign, or six digits near each other. Every kind has one of these.
_WORTH_A_LOOK = re.compile(r"@|(?:\d\D{0,2}){6}")
# The most common cells with so many digits: dates, timestamps, plain numbers.
_HARMLESS = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?|-?\d{1,13}(?:\.\d*)?"
)


def redact(text: str, kinds: frozenset[str] = KINDS) -> str:
    """The text with MASK in place of each mention of these kinds. Unchanged if there is none.

    Invisible characters and full-width letters do not hide a mention: if they would, they are removed.
    """
    if not kinds or len(text) < 6:
        return text
    if text.isascii():
        return _masked(text, kinds)
    bare = normalised(text)
    masked = _masked(bare, kinds)
    return text if masked == bare else masked


def redacted(value: Any, kinds: frozenset[str] = KINDS) -> Any:
    """A cell as `redact`: texts, and whole numbers as long as a card's. Others are unchanged."""
    if isinstance(value, str):
        return redact(value, kinds)
    if isinstance(value, int | float | Decimal) and 10**13 <= value < 10**19 and value == int(value):
        return MASK if redact(str(int(value)), kinds) != str(int(value)) else value
    return value


def worth_a_look(texts: pa.Array) -> pa.Array:
    """For each text whether `redact` may change it; None for None. True for too many rather than too few."""
    return pc.match_substring_regex(texts, r"@|(?:[0-9][^0-9]{0,2}){6}|[^\x00-\x7f]")


def mentions_any(text: str, kinds: frozenset[str] = KINDS) -> bool:
    return redact(text, kinds) != text


def normalised(text: str) -> str:
    """The text with normalised letters (NFKC) and without invisible characters."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in normal if unicodedata.category(sign) != "Cf")


def _masked(text: str, kinds: frozenset[str]) -> str:
    if not _WORTH_A_LOOK.search(text) or _HARMLESS.fullmatch(text):
        return text
    # Imported here because settings import the policies, and should not load the word lists.
    from governance.redacting.spans import spans_of

    parts: list[str] = []
    place = 0
    for start, end in sorted(spans_of(text, kinds)):
        if end > place:
            parts += [text[place:start], MASK] if start >= place else []
            place = end
    return "".join([*parts, text[place:]])
