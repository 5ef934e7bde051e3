"""Numbers of one person or of what they own, most of them with check digits."""

from __future__ import annotations

import re
from collections.abc import Iterable

from stdnum import iban, luhn

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent

_SEPARATORS = re.compile(r"[\s\-.]")
CARD_SHAPE = re.compile(r"\d{4}(?:[\s-]?\d){8,15}")
# First digits of payment cards by ISO/IEC 7812: 3 (American Express, Diners, JCB), 4 Visa, 2 and 5
# Mastercard, 6 Discover, Maestro, UnionPay.
_CARD_START = re.compile(r"3[0-9]|4|5[0-9]|6[0-9]|2[2-7]")
IBAN_SHAPE = re.compile(r"[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}", re.IGNORECASE)
_SSN_GROUPED = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}")
_SSN_BARE = re.compile(r"\d{9}")
# Document numbers: at least four digits, letters and the usual separators.
DOCUMENT = re.compile(r"(?=(?:.*\d){4})[A-Z0-9][A-Z0-9\s./-]{4,19}", re.IGNORECASE)
_VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}", re.IGNORECASE)


def is_card_number(value: str) -> bool:
    """A number of 13 to 19 digits with a payment card's first digits and the right check digit (Luhn)."""
    return looks_like_card(value) and luhn.is_valid(_SEPARATORS.sub("", value))


def looks_like_card(value: str) -> bool:
    if not CARD_SHAPE.fullmatch(value):
        return False
    digits = _SEPARATORS.sub("", value)
    return 13 <= len(digits) <= 19 and bool(_CARD_START.match(digits)) and len(set(digits)) > 1


# In a mixed column a tenth of the values decides, if there are several and each one of that form is valid.
_TENTH = 0.1
_FEWEST_MIXED = 3


def _is_mixed(column: ColumnView, right: float, shaped: float) -> bool:
    """`right`, `shaped`: shares of the values, 0–1, that pass the checks and that have the form."""
    return right >= _TENTH and right >= 0.9 * shaped and right * len(column.values) >= _FEWEST_MIXED


class CreditCardRecogniser:
    name = "credit-card"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("CREDIT_CARD")
        shaped = column.share(looks_like_card)
        passed = column.share(is_card_number)
        if shaped < 0.5 and not _is_mixed(column, passed, shaped):
            return []
        weight = Weight()
        weight.speaks(header * 0.85, "the header names a payment card")
        if shaped < 0.5:
            weight.speaks(
                0.6, f"{percent(passed)} of the values pass the card checksum, the others are no cards"
            )
        if passed >= 0.5:
            weight.speaks(
                0.3 + 0.69 * passed, f"{percent(passed)} of the values pass the card checksum (Luhn)"
            )
        if len(column.values) < 3 and not header:
            weight.opposes(0.5, "too few values to tell a checksum from chance")
        if column.header.has("imei", "iccid", "isbn", "ean", "gtin", "barcode", "tracking"):
            weight.opposes(0.8, "the header names another number with the same checksum")
        if shaped >= 0.5 > passed:
            weight.against.append(f"only {percent(passed)} pass the checksum that real cards have")
        return weight.candidates(
            "CREDIT_CARD",
            column,
            shaped,
            checksum=passed >= 0.5 or shaped < 0.5,
            examples=filter(looks_like_card, column.values),
        )


class IbanRecogniser:
    """IBANs by their checksum. Other bank account numbers only if the header names them."""

    name = "iban"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("IBAN")
        valid = column.share(is_iban)
        weight = Weight()
        if valid >= 0.2 or _is_mixed(column, valid, valid):
            weight.speaks(
                0.55 + 0.44 * valid, f"{percent(valid)} of the values pass the IBAN checksum (mod 97)"
            )
        shaped = column.share(_may_be_an_account)
        if header >= 0.8 and shaped >= 0.6:
            weight.speaks(0.75, "the header names a bank account and the values are long numbers")
        return weight.candidates(
            "IBAN", column, max(valid, shaped if header >= 0.8 else 0.0), checksum=valid >= _TENTH
        )


def is_iban(value: str) -> bool:
    if not IBAN_SHAPE.fullmatch(value):
        return False
    return bool(iban.is_valid(value, check_country=False))


def _may_be_an_account(value: str) -> bool:
    compact = _SEPARATORS.sub("", value).replace("/", "")
    return 6 <= len(compact) <= 34 and compact.isalnum() and sum(map(str.isdigit, compact)) >= 6


class SsnRecogniser:
    name = "us-ssn"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("US_SSN")
        grouped = column.share(lambda value: bool(_SSN_GROUPED.fullmatch(value)) and is_ssn(value))
        bare = column.share(lambda value: bool(_SSN_BARE.fullmatch(value)) and is_ssn(value))
        matched = max(grouped, bare if header >= 0.8 else 0.0)
        mixed = _is_mixed(column, grouped, column.share(lambda value: bool(_SSN_GROUPED.fullmatch(value))))
        if matched < 0.3 and not mixed:
            return []
        weight = Weight()
        weight.speaks(header * 0.9, "the header names social security")
        weight.speaks(
            max(0.9 * grouped, 0.6 if mixed else 0.0),
            f"{percent(grouped)} of the values are grouped and numbered as social security is",
        )
        return weight.candidates("US_SSN", column, matched)


def is_ssn(value: str) -> bool:
    """Area 001–665 or 667–899, group and serial not zero (Social Security Administration)."""
    digits = _SEPARATORS.sub("", value)
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


class VinRecogniser:
    name = "vin"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        shaped = column.share(is_vin_shaped)
        if shaped < 0.6:
            return []
        header = column.header.clarity("VIN")
        passed = column.share(passes_vin_checksum)
        weight = Weight()
        weight.speaks(header * 0.95, "the header names a vehicle")
        # Only North America requires the check digit. By chance, 1 in 11 passes.
        if passed >= 0.5:
            weight.speaks(0.9 * passed, f"{percent(passed)} of the values pass the vehicle checksum")
        return weight.candidates("VIN", column, shaped, checksum=passed >= 0.5)


_VIN_VALUES = dict(
    zip(
        "ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)],
        strict=True,
    )
)
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


def is_vin_shaped(value: str) -> bool:
    return bool(_VIN.fullmatch(value)) and not value.isdigit() and not value.isalpha()


def passes_vin_checksum(value: str) -> bool:
    """The check digit of 49 CFR 565: position 9, weighted sum modulo 11."""
    if not is_vin_shaped(value):
        return False
    number = value.upper()
    total = sum(_VIN_VALUES[letter] * weight for letter, weight in zip(number, _VIN_WEIGHTS, strict=True))
    return number[8] == "0123456789X"[total % 11]
