"""Notations of numbers: decimal signs, digit grouping, minus and brackets, currencies, percent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from datasets.tables.values.cell_forms import CURRENCIES, MINUS, SPACES

# pyarrow has no types that mypy reads: an array of strings.
Texts = Any

# A leading zero marks a code, and a leading plus a telephone number: neither is a number.
_WHOLE = r"(?:0|[1-9]\d{0,14})"
INTEGER = r"-?(?:0|[1-9]\d{0,18})"
REAL = rf"-?(?:{_WHOLE}(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d{{1,3}})?"

_AFFIX = "(?i:" + "|".join(re.escape(s) for s in sorted([*CURRENCIES, "%"], key=len, reverse=True)) + ")"
_GROUPED = r"[1-9]\d{{0,2}}(?:(?:{0}\d{{3}})+|(?: \d{{3}})+|(?:'\d{{3}})+)"
_LAKH = r"[1-9]\d?(?:,\d{2})*,\d{3}"


def _notation(decimal: str, grouped: str) -> str:
    """The pattern of a number with its signs and units. "-" with a unit is zero, as in ledgers."""
    body = rf"(?:{grouped}|{_WHOLE})(?:{decimal}\d*)?|{decimal}\d+"
    before, behind = rf"[-(]?\s*[-+(]?\s*(?:{_AFFIX}\s?)?\s*[-+(]?\s*", rf"\s*-?\)?\s*(?:{_AFFIX})?\s*\)?"
    return rf"-?(?:{body})|{before}(?:{body}|-{{1,2}}){behind}"


POINT = _notation(r"\.", rf"(?:{_GROUPED.format(',')}|{_LAKH})")
COMMA = _notation(",", rf"{_GROUPED.format('[.]')}")
# For numbers that fit both notations: the ones that are 1000 times larger in one of them.
_EITHER = r"^\D*[1-9]\d{0,2}[.,]\d{3}\D*$"
# A leading plus makes a number only if other evidence does, too.
_BARE_PLUS = r"^\+\s*\d[\d ]*$"
_NOT_NUMBER = r"[^0-9.,]"


def normal(texts: Texts) -> Texts:
    """With minus signs, blanks and apostrophes of all kinds replaced by the plain ones."""
    if pc.all(pc.string_is_ascii(texts)).as_py() is not False:
        return texts
    plain = pc.replace_substring_regex(texts, f"[{MINUS}]", "-")
    plain = pc.replace_substring_regex(plain, f"[{SPACES}]", " ")
    return pc.replace_substring_regex(plain, "[’´]", "'")


def units_of(distinct: Texts) -> set[str]:
    """The units of the numbers: currency codes or signs, "%"; "" if some have none."""
    words = pc.unique(pc.replace_substring_regex(normal(distinct), r"[-\d.,'()+\s]", ""))
    return {"%" if w == "%" else CURRENCIES.get(w.lower(), "") for w in words.to_pylist() if w is not None}


def scale_of(distinct: Texts, decimal: str) -> int:
    """The largest number of decimal places."""
    places = pc.utf8_length(
        pc.replace_substring_regex(
            pc.replace_substring_regex(normal(distinct), _NOT_NUMBER, ""), f"^[^{decimal}]*[{decimal}]?", ""
        )
    )
    return pc.max(places).as_py() or 0


def fancy(decimal: str, scale: int) -> tuple[pa.DataType, Callable[[Texts], pa.Array]]:
    """Type and conversion of numbers in a notation: exact up to a number of decimal places, else floats."""
    thousands = "," if decimal == "." else "."
    exact = scale <= MAX_SCALE
    kind = pa.decimal128(DECIMAL_DIGITS + MAX_SCALE, scale) if exact and scale else pa.float64()
    if scale == 0:
        kind = pa.int64()

    def convert(texts: Texts) -> pa.Array:
        plain = normal(texts)
        negative = pc.match_substring_regex(plain, r"^[^\d]*[-(]|-\)?\s*\D*$")
        bare = pc.replace_substring_regex(plain, _AFFIX + r"|[^0-9.,]", "")
        bare = pc.replace_substring(bare, thousands, "")
        bare = pc.replace_substring(bare, decimal, ".") if decimal != "." else bare
        bare = pc.replace_substring_regex(bare, r"\.$", "")
        filled = pc.if_else(pc.equal(bare, ""), pa.scalar(None, pa.string()), bare)
        signed = pc.if_else(negative, pc.binary_join_element_wise("-", filled, ""), filled)
        return pc.cast(signed, kind)

    return kind, convert


# Decimals with at most this many places, and without exponent, are kept exact.
MAX_SCALE = 4
DECIMAL_DIGITS = 18


def says_decimal(distinct: Texts, *, point: bool, comma: bool) -> str:
    """The decimal sign that a column's cells show: "." or ","; "=" if both give the same; "?" if a point is
    likely; "" if unknown. `point`, `comma`: whether every cell fits that notation.
    """
    plain = normal(distinct)
    if not (point and comma):
        marked = pc.any(pc.match_substring_regex(plain, "[.,]")).as_py()
        return ("." if point else ",") if marked else "="
    either = plain.filter(pc.match_substring_regex(plain, _EITHER))
    if not len(either):
        return "="
    others = plain.filter(pc.invert(pc.match_substring_regex(plain, "[.,]")))
    digits = pc.utf8_length(pc.replace_substring_regex(others, r"\D", ""))
    if pc.all(pc.match_substring(either, ",")).as_py():
        return "." if len(others) and pc.max(digits).as_py() <= 3 else ""
    return "?"  # "1.234" has a decimal point, unless the file's other numbers have commas


def is_identifier(distinct: Texts) -> bool:
    """Whether numbers are grouped by blanks, of equal length and without a fraction: registers and
    telephones.
    """
    blanks = pc.match_substring_regex(distinct, r"^\d{1,3}( \d{3}){2,}$")
    if not (len(distinct) > 1 and pc.all(blanks).as_py()):
        return False
    return bool(pc.count_distinct(pc.utf8_length(distinct)).as_py() == 1)


def has_bare_plus(distinct: Texts) -> bool:
    return bool(pc.any(pc.match_substring_regex(distinct, _BARE_PLUS)).as_py())
