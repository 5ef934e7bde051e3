"""National identity, tax and health-insurance numbers of people, checked by python-stdnum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.kinds.identifiers import DOCUMENT
from governance.recognisers.vocabulary import word_file


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """`module`: in python-stdnum. `telling`: letters or grouping that hardly any other number has, so that
    values decide without a header. The others are digits with one or two check digits.
    """

    module: str
    country: str
    shape: re.Pattern[str]
    telling: bool = False

    def is_shaped(self, value: str) -> bool:
        return bool(self.shape.fullmatch(value))

    def is_valid(self) -> Callable[[str], bool]:
        checker: Callable[[str], bool] = import_module(f"stdnum.{self.module}").is_valid

        def passes(value: str) -> bool:
            try:
                return self.is_shaped(value) and checker(value)
            except KeyError:  # of a place that python-stdnum has no county for (cn.ric)
                return False

        return passes


NATIONAL_NUMBERS = tuple(
    NationalNumber(
        number["module"],
        number["country"],
        re.compile(number["shape"], re.IGNORECASE),
        number.get("telling", False),
    )
    for number in word_file("national_numbers")["number"]
)
# National Insurance numbers as HMRC issues them. python-stdnum has no module for them.
_NINO = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?(?:\d{2}\s?){3}[A-D]", re.I
)
_MANY = 20


class NationalIdRecogniser:
    name = "national-id"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("NATIONAL_ID")
        if not 6 <= column.mean_length <= 25 or column.share(lambda v: any(map(str.isdigit, v)), 40) < 0.8:
            return []
        country, passed, telling = self._best(column)
        weight = Weight()
        if passed >= (0.6 if telling or header >= 0.8 else 0.98):
            enough = telling or header or len(column.values) >= _MANY
            weight.speaks(
                (0.4 + 0.55 * passed) if enough else 0.3,
                f"{percent(passed)} of the values are valid numbers of people in {country}",
            )
        documents = column.share(lambda value: bool(DOCUMENT.fullmatch(value)))
        if header >= 0.8 and documents >= 0.6:
            weight.speaks(0.8, "the header names an identity number and the values are written like one")
        elif header:
            weight.speaks(header * 0.5, "the header may name an identity number")
        self._oppose(weight, column, telling)
        return weight.candidates(
            "NATIONAL_ID", column, max(passed, documents if header >= 0.8 else 0.0), checksum=passed >= 0.6
        )

    def _best(self, column: ColumnView) -> tuple[str, float, bool]:
        """Country, share and `telling` of the kind that most values pass."""
        best = ("the United Kingdom", column.share(lambda value: bool(_NINO.fullmatch(value))), True)
        for number in NATIONAL_NUMBERS:
            # The form rules most kinds out after a few values, before any checker is loaded.
            if column.share(number.is_shaped, 12) < 0.6:
                continue
            passed = column.share(number.is_valid())
            if passed > best[1] or (passed == best[1] and number.telling and not best[2]):
                best = (number.country, passed, number.telling)
        return best

    def _oppose(self, weight: Weight, column: ColumnView, telling: bool) -> None:
        other = column.header.names_other_than("NATIONAL_ID", "US_SSN", "PERSON", "PIN", "CVV")
        if other and not telling:
            weight.opposes(0.7, f"the header names something else ({other})")
        if not telling and column.header.has("isbn", "sku", "order", "invoice", "product", "barcode", "ean"):
            weight.opposes(0.6, "the header names a number of things")
