"""Ways to reach someone: e-mail addresses, telephone numbers, web and internet addresses."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.vocabulary import VERSION_WORDS

# Addresses that HTML5 accepts, with a dot in the domain.
EMAIL = re.compile(r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9-]+\.)+[a-z]{2,24}", re.IGNORECASE)
_EMAIL_CELL = re.compile(rf"(?:mailto:)?<?{EMAIL.pattern}>?(?:\s*[;,]\s*<?{EMAIL.pattern}>?)*", re.IGNORECASE)
_NAMED_EMAIL = re.compile(rf"[^<>@]{{1,80}}<{EMAIL.pattern}>", re.IGNORECASE)

URL = re.compile(r"(?:https?|ftp)://\S+|www\d?\.[a-z0-9-]+\.\S+", re.IGNORECASE)
_BARE_DOMAIN = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:com|org|net|edu|gov|io|co|info|de|fr|es|it|nl|uk|eu|pt|be|ch|at)(?:/\S*)?",
    re.IGNORECASE,
)

_PHONE_SHAPE = re.compile(
    r"(?:(?:tel|ph|phone|fax)[.:]?\s*)?\+?[\d(][\d\s().\-/–]{4,22}\d"
    r"(?:\s*(?:x|ext\.?|extension|#|-x)\s*\d{1,6})?",
    re.IGNORECASE,
)
_EXTENSION = re.compile(r"x|ext|#|-x", re.IGNORECASE)
_NOT_A_PHONE = re.compile(
    r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}"  # a date
    r"|\d{3}-\d{2}-\d{4}"  # a social security number
    r"|\d{5}-\d{3,4}"  # ZIP+4, CEP
    r"|\d+\.\d+|\d{1,3}(?:\.\d{1,3}){3}"  # a decimal number, an address
    r"|\d{4}[\s-]\d{4}[\s-]\d{4}[\s-]\d{1,7}"  # a card
    r"|(?:19|20)\d\d\s?[-/–]\s?(?:19|20)?\d\d"  # a span of years
    r"|97[89][\s-]?\d.*"  # an ISBN
)
# Groupings that only telephone numbers have: a country or area code, the North American 3-3-4, a trunk 0.
_GROUPED = re.compile(r"^\+|^\(\d|^(?:1[ .-])?\d{3}[ .-]\d{3}[ .-]\d{4}\b|^0\d{1,5}[ ./-]\d|^00\d")
# Regions tried for a number without country code: those that most tables come from.
_REGIONS = ("US", "GB", "DE", "FR", "ES", "IT", "NL", "IN", "BR", "AU", "PT", "CH", "PL", "SE", "MX", "CN")
_PHONES_CHECKED = 40


class EmailRecogniser:
    name = "email"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("EMAIL")
        matched = column.share(is_email)
        if not matched:
            return []
        weight = Weight()
        weight.speaks(min(0.99, 0.6 + matched), f"{percent(matched)} of the values are e-mail addresses")
        weight.speaks(header * 0.8, "the header names e-mail")
        if matched < 0.05 and header < 0.8:
            weight.opposes(0.5, "almost all values are something else")
        return weight.candidates("EMAIL", column, matched, examples=filter(is_email, column.values))


def is_email(value: str) -> bool:
    return "@" in value and bool(_EMAIL_CELL.fullmatch(value) or _NAMED_EMAIL.fullmatch(value))


class PhoneRecogniser:
    name = "phone"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("PHONE")
        shaped = column.share(looks_like_phone)
        if shaped < 0.3 or (shaped < 0.6 and header < 0.8):
            return []
        looked_at = tuple(filter(looks_like_phone, column.values))[:_PHONES_CHECKED]
        grouped = sum(1 for value in looked_at if _GROUPED.search(value)) / len(looked_at)
        if not header and grouped < 0.3:  # bare digits under a header that does not name telephones
            return []
        valid = sum(map(is_dialled_somewhere, looked_at)) / len(looked_at)
        weight = Weight()
        weight.speaks(header * 0.95, "the header names a telephone")
        if header >= 0.8 or grouped >= 0.5:
            weight.speaks(
                0.55 * shaped, f"{percent(shaped)} of the values are written like telephone numbers"
            )
        weight.speaks(
            valid * (0.4 + 0.4 * grouped),
            f"{percent(valid)} of {len(looked_at)} checked are numbers that a country hands out",
        )
        self._oppose(weight, column, header, grouped, valid)
        return weight.candidates("PHONE", column, shaped, examples=looked_at)

    def _oppose(
        self, weight: Weight, column: ColumnView, header: float, grouped: float, valid: float
    ) -> None:
        other = column.header.names_other_than("PHONE", "USERNAME", "EMAIL")
        if other and not header:
            told_by_values = grouped >= 0.9 and valid >= 0.7
            weight.opposes(0.2 if told_by_values else 0.5, f"the header names something else ({other})")
        told = header >= 0.6 and valid >= 0.7
        if header < 0.8 and grouped < 0.3 and not told:
            weight.opposes(0.4, "bare digits may be any number")
        if column.header.aside:
            weight.opposes(0.3, f"the header speaks of something beside it ({column.header.aside})")


def looks_like_phone(value: str) -> bool:
    if not _PHONE_SHAPE.fullmatch(value) or _NOT_A_PHONE.fullmatch(value):
        return False
    digits = sum(map(str.isdigit, value))
    # At most 15 (ITU-T E.164), behind 00, and an extension.
    return 7 <= digits <= (18 if _EXTENSION.search(value) else 17 if value.startswith("00") else 15)


def is_dialled_somewhere(value: str) -> bool:
    """Whether the number is valid in its country, or in a common one if it names none."""
    import phonenumbers

    for region in (None,) if value.startswith("+") else _REGIONS:
        try:
            number = phonenumbers.parse(value, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return True
    return False


class IpAddressRecogniser:
    name = "ip-address"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("IP_ADDRESS")
        matched = column.share(is_ip_address)
        if matched < 0.2:
            return []
        weight = Weight()
        weight.speaks(0.5 + 0.45 * matched, f"{percent(matched)} of the values are internet addresses")
        weight.speaks(header * 0.8, "the header names an internet address")
        if not header and all(map(_may_be_a_version, column.values)):
            weight.opposes(0.8, "all parts are so small that they read as version numbers")
        if column.header.has(*VERSION_WORDS):
            weight.opposes(0.9, "the header speaks of versions")
        return weight.candidates("IP_ADDRESS", column, matched, examples=filter(is_ip_address, column.values))


def is_ip_address(value: str) -> bool:
    if value.count(".") != 3 and value.count(":") < 2:
        return False
    bare = value.partition("/")[0]
    if bare.count(".") == 3 and bare.count(":") == 1:  # with a port
        bare = bare.partition(":")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


def _may_be_a_version(value: str) -> bool:
    parts = value.split(".")
    return all(part.isdigit() and int(part) < 40 for part in parts)


class UrlRecogniser:
    name = "url"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("URL")
        matched = column.share(is_url)
        domains = column.share(lambda value: bool(_BARE_DOMAIN.fullmatch(value))) if header else 0.0
        matched = max(matched, domains)
        if matched < 0.5:
            return []
        weight = Weight()
        weight.speaks(0.4 + 0.5 * matched, f"{percent(matched)} of the values are web addresses")
        weight.speaks(header * 0.6, "the header names a web address")
        return weight.candidates("URL", column, matched, examples=())


def is_url(value: str) -> bool:
    return bool(URL.fullmatch(value))
