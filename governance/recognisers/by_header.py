"""Kinds without a checksum: the header must name them, and the values must fit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.identifiers import DOCUMENT

# A header that names a kind clearly; a hint stays below.
CLEARLY = 0.8
_HINTED = 0.6


@dataclass(frozen=True, slots=True)
class ByHeaderRecogniser:
    """`spoken`: the kind as evidence names it. `needed`: share of the values that must fit, 0–1. `secret`:
    the values are so short that their form alone would tell much of them: no examples."""

    name: str
    entity: str
    spoken: str
    fits: Callable[[str], bool]
    needed: float = 0.6
    secret: bool = False

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        matched = column.share(self.fits)
        if column.header.clarity(self.entity) < CLEARLY or matched < self.needed:
            return []
        weight = Weight()
        weight.speaks(
            0.6 + 0.3 * matched, f"the header names {self.spoken} and {percent(matched)} of the values fit"
        )
        return weight.candidates(self.entity, column, matched, examples=() if self.secret else None)


def _shaped(expression: str) -> Callable[[str], bool]:
    shape = re.compile(expression, re.IGNORECASE)
    return lambda value: bool(shape.fullmatch(value))


BY_HEADER = (
    ByHeaderRecogniser(
        "card-code", "CVV", "a card verification value", _shaped(r"\d{3,4}"), 0.7, secret=True
    ),
    ByHeaderRecogniser("card-pin", "PIN", "a PIN", _shaped(r"\d{4,6}"), 0.7, secret=True),
    ByHeaderRecogniser(
        "driver-license", "DRIVER_LICENSE", "a driving licence", lambda value: bool(DOCUMENT.fullmatch(value))
    ),
)


class EmptyColumnRecogniser:
    """What an empty column can say: its header, if that is clear enough, and never surely."""

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
            if said.clarity >= (_HINTED if of_a_person and said.entity == "PERSON" else CLEARLY)
        ]
