"""Recognises cells of a first record that are personal data, not column names, by their form.

Names of people have no form of their own. They are recognised by the cells beside them: a record with an
e-mail address is a person's, whatever its other cells are.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from stdnum import iban, luhn

_EMAIL = re.compile(r"<?[^\s@<>]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}>?")
_PHONE = re.compile(
    r"(?:\+|00)[1-9][\d\s().\-/–]{6,20}\d"  # with the code of a country
    r"|\(0?\d{2,5}\)\s?\d[\d\s.\-/]{4,12}\d"  # with an area code in brackets
    r"|0\d{1,4}[\s/.-]\d[\d\s./-]{4,12}\d"  # with a trunk 0
    r"|(?:1[\s.-])?\d{3}[\s.-]\d{3}[\s.-]\d{4}"  # North America
)
_SOCIAL_SECURITY = re.compile(r"\d{3}-\d{2}-\d{4}")
_GROUPS = re.compile(r"[\s-]")
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d")


def is_personal_value(cell: str) -> bool:
    """An e-mail address, or a telephone, bank account, payment card or social security number.

    Dates do not count: tables are often laid out by dates, which are then column names.
    """
    text = cell.strip()
    if not text or _DATE.fullmatch(text):
        return False
    if _EMAIL.fullmatch(text) or _PHONE.fullmatch(text) or _SOCIAL_SECURITY.fullmatch(text):
        return True
    compact = _GROUPS.sub("", text)
    if compact.isdigit():
        return 14 <= len(compact) <= 19 and compact[0] in "23456" and luhn.is_valid(compact)
    return len(compact) >= 15 and bool(iban.is_valid(compact, check_country=False))


def is_row_of_values(cells: Sequence[str]) -> bool:
    """Whether a record is a person's: it has such a value, or a single date (of birth) among words. A record
    with several dates may be a header.
    """
    if any(map(is_personal_value, cells)):
        return True
    dates = [place for place, cell in enumerate(cells) if _DATE.fullmatch(cell.strip())]
    return len(dates) == 1 and 0 < dates[0] < len(cells) - 1


def without_value(header: str) -> str:
    """The header, or "" if it is a personal value: the column is then named by its position."""
    return "" if is_personal_value(header) else header
