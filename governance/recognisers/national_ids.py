"""National identity, tax and health-insurance numbers of people, by the checks of python-stdnum."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.contact import header_alone
from governance.recognisers.identifiers import DOCUMENT
from governance.recognisers.masking import masked_examples


@dataclass(frozen=True, slots=True)
class NationalNumber:
    """`module`: in python-stdnum. `telling`: letters or grouping that hardly any other number has, so that
    the values decide without a header; the others are digits with one or two check digits."""

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


def _number(module: str, country: str, shape: str, telling: bool = False) -> NationalNumber:
    return NationalNumber(module, country, re.compile(shape, re.IGNORECASE), telling)


NATIONAL_NUMBERS = (
    _number(
        "it.codicefiscale", "Italy", r"[A-Z]{6}[\dLMNP-V]{2}[A-Z][\dLMNP-V]{2}[A-Z][\dLMNP-V]{3}[A-Z]", True
    ),
    _number("es.dni", "Spain", r"\d{8}[\s-]?[A-Z]", True),
    _number("es.nie", "Spain", r"[XYZ][\s-]?\d{7}[\s-]?[A-Z]", True),
    _number(
        "fr.nir",
        "France",
        r"[1278][\s.]?\d{2}[\s.]?\d{2}[\s.]?[0-9AB]{2}[\s.]?\d{3}[\s.]?\d{3}[\s.]?\d{2}",
        True,
    ),
    _number("mx.curp", "Mexico", r"[A-Z]{4}\d{6}[HM][A-Z]{5}[0-9A-Z]\d", True),
    _number("cn.ric", "China", r"\d{17}[\dX]", True),
    _number("fi.hetu", "Finland", r"\d{6}[-+A-FU-Y]\d{3}[0-9A-Z]", True),
    _number("ch.ssn", "Switzerland", r"756[.\s]?\d{4}[.\s]?\d{4}[.\s]?\d{2}", True),
    _number("ie.pps", "Ireland", r"\d{7}[A-W][A-IW]?", True),
    _number("cl.rut", "Chile", r"\d{1,2}\.?\d{3}\.?\d{3}-[\dK]", True),
    _number("kr.rrn", "South Korea", r"\d{6}-\d{7}", True),
    _number("be.nn", "Belgium", r"\d{2}\.\d{2}\.\d{2}-\d{3}\.\d{2}|\d{11}"),
    _number("br.cpf", "Brazil", r"\d{3}\.\d{3}\.\d{3}-\d{2}", True),
    _number("br.cpf", "Brazil", r"\d{11}"),
    _number("de.idnr", "Germany", r"\d{2}\s?\d{3}\s?\d{3}\s?\d{3}"),
    _number("nl.bsn", "the Netherlands", r"\d{4}\.\d{2}\.\d{3}|\d{8,9}"),
    _number("pl.pesel", "Poland", r"\d{11}"),
    _number("pt.nif", "Portugal", r"\d{3}\s?\d{3}\s?\d{3}"),
    _number("pt.cc", "Portugal", r"\d{8}[\s-]?\d[\s-]?[A-Z0-9]{2}\d", True),
    _number("se.personnummer", "Sweden", r"(?:\d{2})?\d{6}[-+]\d{4}", True),
    _number("se.personnummer", "Sweden", r"\d{10}|\d{12}"),
    _number("dk.cpr", "Denmark", r"\d{6}-\d{4}", True),
    _number("no.fodselsnummer", "Norway", r"\d{6}\s?\d{5}"),
    _number("gb.nhs", "the United Kingdom", r"\d{3}[\s-]?\d{3}[\s-]?\d{4}"),
    _number("ca.sin", "Canada", r"\d{3}[\s-]?\d{3}[\s-]?\d{3}"),
    _number("au.tfn", "Australia", r"\d{3}\s?\d{3}\s?\d{3}"),
    _number("in_.aadhaar", "India", r"\d{4}\s?\d{4}\s?\d{4}"),
    _number("in_.pan", "India", r"[A-Z]{5}\d{4}[A-Z]", True),
    _number("ro.cnp", "Romania", r"\d{13}"),
    _number("cz.rc", "Czechia", r"\d{6}/\d{3,4}", True),
    _number("cz.rc", "Czechia", r"\d{9,10}"),
    _number("bg.egn", "Bulgaria", r"\d{10}"),
    _number("gr.amka", "Greece", r"\d{11}"),
    _number("tr.tckimlik", "Turkey", r"\d{11}"),
    _number("za.idnr", "South Africa", r"\d{13}"),
    _number("hr.oib", "Croatia", r"\d{11}"),
    _number("ee.ik", "Estonia", r"\d{11}"),
    _number("lt.asmens", "Lithuania", r"\d{11}"),
    _number("is_.kennitala", "Iceland", r"\d{6}-?\d{4}"),
    _number("il.idnr", "Israel", r"\d{9}"),
    _number("ar.dni", "Argentina", r"\d{2}\.\d{3}\.\d{3}", True),
    _number("us.itin", "the United States", r"9\d{2}-[5-9]\d-\d{4}", True),
    _number("my.nric", "Malaysia", r"\d{6}-\d{2}-\d{4}", True),
    _number("th.pin", "Thailand", r"\d-\d{4}-\d{5}-\d{2}-\d", True),
)
# National Insurance numbers as HMRC hands them out; python-stdnum has no module for them.
_NINO = re.compile(
    r"(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z]\s?(?:\d{2}\s?){3}[A-D]", re.I
)
_MANY = 20


class NationalIdRecogniser:
    name = "national-id"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("NATIONAL_ID")
        if column.empty:
            return header_alone(column, "NATIONAL_ID")
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
        if not weight.reasons:
            return []
        return [
            Candidate(
                "NATIONAL_ID",
                weight.confidence,
                max(passed, documents if header >= 0.8 else 0.0),
                len(column.values),
                checksum=passed >= 0.6,
                header=column.header.term("NATIONAL_ID"),
                reasons=tuple(weight.reasons),
                against=tuple(weight.against),
                examples=masked_examples(column.values),
            )
        ]

    def _best(self, column: ColumnView) -> tuple[str, float, bool]:
        """Country, share and whether its numbers are telling, of the kind that most values pass."""
        best = ("the United Kingdom", column.share(lambda value: bool(_NINO.fullmatch(value))), True)
        for number in NATIONAL_NUMBERS:
            # Shapes rule most kinds out on a few values, before any checker is loaded.
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
