"""Kinds without a checksum: the header must name them, and the values must fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.kinds.identifiers import DOCUMENT
from governance.recognisers.vocabulary import CARRIERS, DRIVERS, VEHICLES, word_file

# Clarity of a header that names a kind clearly. A hint has less.
CLEARLY = 0.8
_HINTED = 0.6


@dataclass(frozen=True, slots=True)
class ByHeaderRecogniser:
    """`spoken`: the kind's name in evidence. `needed`: share of the values that must fit, 0–1. `secret`:
    values so short that their form alone would reveal much, so no examples are given. `beside`: words of
    other headers or of the table's name that make a hint in the header enough.
    """

    name: str
    entity: str
    spoken: str
    fits: Callable[[str], bool]
    needed: float = 0.6
    secret: bool = False
    beside: frozenset[str] = frozenset()

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        if not self._named(column, table):
            return []
        matched = column.share(self.fits)
        if matched < self.needed:
            return []
        weight = Weight()
        weight.speaks(
            0.6 + 0.3 * matched, f"the header names {self.spoken} and {percent(matched)} of the values fit"
        )
        return weight.candidates(self.entity, column, matched, examples=() if self.secret else None)

    def _named(self, column: ColumnView, table: TableView) -> bool:
        clarity = column.header.clarity(self.entity)
        if clarity >= CLEARLY or not clarity:
            return clarity > 0
        if table.names(self.entity, CLEARLY):
            return False  # another column holds it
        return table.has(*self.beside, beside=column)


def _shaped(expression: str) -> Callable[[str], bool]:
    shape = re.compile(expression, re.IGNORECASE)
    return lambda value: bool(shape.fullmatch(value))


_PLATE = _shaped(r"(?=.*\d)(?=.*[A-ZÄÖÜÅ])[A-ZÄÖÜÅ0-9]{1,8}(?:[\s.·-]{1,3}[A-ZÄÖÜÅ0-9]{1,5}){0,3}")


# Network addresses, UUIDs of advertising, the digits of handsets (15 or 16) and of their cards (19 or 20).
_DEVICE = _shaped(
    r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
    r"|\d{2}-?\d{6}-?\d{6}-?\d{1,2}|89\d{17,18}|[0-9a-f]{12}|[0-9a-f]{14}|[0-9a-f]{16}|[0-9a-f]{32}|[0-9a-f]{40}"
)


@cache
def _licence_shapes() -> tuple[re.Pattern[str], ...]:
    shapes = word_file("driver_licenses")["shape"]
    return tuple(re.compile("|".join(shape["forms"]), re.IGNORECASE) for shape in shapes)


def is_licence(value: str) -> bool:
    """Whether a state of the United States or a country of Europe uses this form for driving licences."""
    bare = re.sub(r"[\s-]", "", value)
    return bool(DOCUMENT.fullmatch(value)) or any(shape.fullmatch(bare) for shape in _licence_shapes())


BY_HEADER = (
    ByHeaderRecogniser(
        "card-code", "CVV", "a card verification value", _shaped(r"\d{3,4}"), 0.7, secret=True
    ),
    ByHeaderRecogniser("card-pin", "PIN", "a PIN", _shaped(r"\d{4,6}"), 0.7, secret=True),
    ByHeaderRecogniser("driver-license", "DRIVER_LICENSE", "a driving licence", is_licence, beside=DRIVERS),
    ByHeaderRecogniser("license-plate", "LICENSE_PLATE", "a licence plate", _PLATE, beside=VEHICLES),
    ByHeaderRecogniser("device", "DEVICE_ID", "a device", _DEVICE, beside=CARRIERS),
)


class EmptyColumnRecogniser:
    """An empty column: only a clear header counts, and never with certainty."""

    name = "header"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        if not column.empty:
            return []
        of_a_person = "person" in column.header.about and len(column.header.words) > 1
        return [
            Candidate(
                said.entity,
                0.55,
                header=said.term,
                reasons=("the header names it",),
                against=("there are no values to check",),
            )
            for said in column.header.said
            if said.entity != "ORGANISATION_ID"
            and said.clarity >= (_HINTED if of_a_person and said.entity == "PERSON" else CLEARLY)
        ]
