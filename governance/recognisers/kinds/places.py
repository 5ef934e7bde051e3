"""Places: cities, regions, countries, postal codes, coordinates, and street addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.kinds.contact import is_email, is_ip_address, is_url
from governance.recognisers.vocabulary import CODE_WORDS, COORDINATE_WORDS, STREET_ENDS, STREET_WORDS, places

_BOX = re.compile(
    r"\b(?:p\.?\s?o\.?\s?box|postfach|bp|apartado|casella postale|caixa postal|postbus|box)\s*\d+", re.I
)
_NUMBER_WORD = re.compile(r"(?:n[°ºo.]?\s?)?#?\d{1,6}(?:[-/]\d{1,5})?[a-z]?(?:er|bis|ter)?[.,]?", re.I)
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)", re.I)
_POSTAL_CODE = re.compile(
    r"\d{4,6}|\d{5}-\d{4}|\d{5}-\d{3}|\d{3}\s\d{2,3}|\d{2}-\d{3}|\d{4}-\d{3}|\d{4}\s?[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d"
    r"|[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}|[A-Z]{1,2}-\d{4,5}|[A-Z]{1,2}\d[A-Z\d]?|\d{3}-\d{4}",
    re.IGNORECASE,
)
# Of the United Kingdom, Canada and the Netherlands, with their blank: hardly anything else is written so.
_TELLING_POSTAL_CODE = re.compile(
    r"[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}|[A-Z]\d[A-Z]\s\d[A-Z]\d|[1-9]\d{3}\s(?!SA|SD|SS)[A-Z]{2}"
)
_COORDINATE = re.compile(
    r"[-+]?\d{1,3}(?:[.,]\d+)?°?\s?[NSEWO]?|[-+]?\d{1,3}\.\d+\s*[,;]\s*[-+]?\d{1,3}\.\d+"
)
_PLACE_WORD = re.compile(r"[^\W\d_][\w\s.,'’()/&-]{0,60}")
_CODE = re.compile(r"[A-Za-z]{2,3}|[A-Z]{2}-[A-Z0-9]{1,3}")


_IN_BRACKETS = re.compile(r"\s*\([^)]*\)")


def is_place(value: str) -> bool:
    """A known city, state or country, by name."""
    known = places()
    folded = _IN_BRACKETS.sub("", without_accents(value)).strip(" .")
    if folded in known.cities or folded in known.states or folded in known.countries:
        return True
    head, comma, tail = folded.partition(",")  # "Austin, TX", "Paris, France"
    if not comma:
        return False
    tail = tail.strip()
    return head.strip() in known.cities and (tail.upper() in known.state_codes or is_place(tail))


class LocationRecogniser:
    name = "location"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = 0.9 if _is_longitude(column, table) else column.header.clarity("LOCATION")
        weight = Weight()
        matched = self._weigh(weight, column, header)
        self._oppose(weight, column, column.share(is_place))
        return weight.candidates("LOCATION", column, matched)

    def _weigh(self, weight: Weight, column: ColumnView, header: float) -> float:
        """Share of values that are places by name, by code or, if the header says so, by their form."""
        known = column.share(is_place)
        coded = column.share(_is_place_code)
        # Cities have common names: three values of an unnamed column may match by chance.
        if known >= 0.4:
            weight.speaks(
                0.9 * known * min(1.0, (len(column.values) + 1) / 4),
                f"{percent(known)} of the values are known cities, regions or countries",
            )
        if header and coded >= 0.8:
            weight.speaks(0.8 * coded, f"{percent(coded)} of the values are codes of states or countries")
        postal = column.share(lambda value: bool(_TELLING_POSTAL_CODE.fullmatch(value)))
        if postal >= 0.8:
            weight.speaks(0.7 * postal, f"{percent(postal)} of the values are written like postal codes")
        fits = self._fits(column, header) if header >= 0.8 else 0.0
        if fits >= 0.5:
            unknown = not known and column.type == "STRING" and len(column.values) >= _ENOUGH_TO_KNOW_ONE
            surety = 0.6 if unknown and not _names_a_code(column) else 0.55 + 0.3 * fits
            weight.speaks(surety, "the header names a place and the values fit")
        elif header and (known >= 0.25 or coded >= 0.8):
            weight.speaks(header * 0.7, "the header may name a place")
        elif header and column.type == "STRING" and column.share(_is_proper) >= 0.8:
            # Not enough by itself. A city or postal code beside it makes it a place.
            weight.speaks(0.25, "the header may name a place and the values are written like one")
        return max(known, coded if header else 0.0, fits, postal)

    def _fits(self, column: ColumnView, header: float) -> float:
        if column.header.has(*COORDINATE_WORDS):
            written = column.share(lambda value: bool(_COORDINATE.fullmatch(value)))
            return written if column.share(lambda value: "." in value or "," in value) >= 0.3 else 0.0
        if _names_a_code(column):
            return column.share(lambda v: bool(_POSTAL_CODE.fullmatch(v) or _CODE.fullmatch(v)))
        return column.share(_may_be_a_place)

    def _oppose(self, weight: Weight, column: ColumnView, known: float) -> None:
        other = column.header.names_other_than("LOCATION", "ADDRESS")
        if other:
            weight.opposes(0.75, f"the header names something else ({other})")
        if column.header.aside:
            weight.opposes(0.6, f"the header speaks of something beside it ({column.header.aside})")
        if column.type == "BOOLEAN" or column.is_time:
            weight.opposes(0.9, "the values are no places")
        if column.words_per_value > 6:
            weight.opposes(0.5, "the values are longer texts")
        if not column.header.clarity("LOCATION") and column.header.clarity("PERSON") and known < 0.7:
            weight.opposes(0.5, "the header may name a person")
        if column.header.has("team", "teams", "club", "clubs"):
            weight.opposes(0.5, "teams are called by places")


# With so many different places, at least one is in the lists, whichever the country.
_ENOUGH_TO_KNOW_ONE = 20
_POSTAL_ONLY_DIGITS = re.compile(r"[\d\s.-]+")
_LEVEL = re.compile(r"[A-Za-z]\d+")  # "c1", "c2": an experiment's groups


def _may_be_a_place(value: str) -> bool:
    written = bool(_PLACE_WORD.fullmatch(value))
    return written and not _POSTAL_ONLY_DIGITS.fullmatch(value) and not _LEVEL.fullmatch(value)


def _is_longitude(column: ColumnView, table: TableView) -> bool:
    """ "long" beside "lat". Alone it may be any length."""
    return column.header.has("long") and table.a_column_has("lat", "latitude")


def _names_a_code(column: ColumnView) -> bool:
    return any(word in CODE_WORDS for word in (*column.header.words, "".join(column.header.words)))


def _is_proper(value: str) -> bool:
    """Starts with a capital and has no digit: a name, or a code of capitals."""
    return value[0].isupper() and not any(map(str.isdigit, value)) and len(value) <= 60


def _is_place_code(value: str) -> bool:
    known = places()
    code = value.strip(".").upper()
    return (
        code in known.state_codes
        or code in known.country_codes
        or (len(code) > 3 and code[2] in "-_" and code[:2] in known.country_codes)
    )


class AddressRecogniser:
    name = "address"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = max(column.header.clarity("ADDRESS"), 0)
        if column.type != "STRING" and not column.header.has("hausnummer", "housenumber"):
            return []
        matched = column.share(looks_like_address)
        weight = Weight()
        if matched >= 0.3:
            weight.speaks(
                min(0.92, 0.3 + 0.7 * matched), f"{percent(matched)} of the values are written like addresses"
            )
        if header and matched >= 0.15:
            weight.speaks(header, "the header names an address")
        elif header and self._fits(column, header):
            weight.speaks(header * 0.9, "the header names an address and the values fit")
        self._oppose(weight, column)
        return weight.candidates("ADDRESS", column, matched)

    def _fits(self, column: ColumnView, header: float) -> bool:
        """Words, but no mail or internet address, number or code.

        "Site" or "line" above mere words is not an address; "address" is.
        """
        term = column.header.term("ADDRESS") or ""
        if header < 0.8 and not term.startswith(("ad", "osoite")):
            return False
        return column.mean_length >= 5 and column.share(_is_worded, 60) >= 0.6

    def _oppose(self, weight: Weight, column: ColumnView) -> None:
        if column.words_per_value > 14:
            weight.opposes(0.5, "the values are longer texts")
        if column.header.aside:
            weight.opposes(0.6, f"the header speaks of something beside it ({column.header.aside})")
        other = column.header.names_other_than("ADDRESS", "LOCATION", "PERSON")
        if other:
            weight.opposes(0.7, f"the header names something else ({other})")


def _is_worded(value: str) -> bool:
    if is_email(value) or is_ip_address(value) or is_url(value) or value.startswith("0x"):
        return False
    return sum(map(str.isalpha, value)) >= 3 and not any(letter in value for letter in "@{}<>=|")


def looks_like_address(value: str) -> bool:
    """A street word or a street's ending together with a house number, or a post box."""
    if not 5 <= len(value) <= 160:
        return False
    if _BOX.search(value):
        return True
    words = [word.strip(",;()") for word in without_accents(value).split()]
    if not 2 <= len(words) <= 20:
        return False
    numbered = any(_NUMBER_WORD.fullmatch(word) for word in words)
    ordinal = any(_ORDINAL.fullmatch(word) for word in words)
    street = any(
        word.strip(".") in STREET_WORDS or (len(word) > 6 and word.endswith(STREET_ENDS)) for word in words
    )
    return street and (numbered or ordinal)
