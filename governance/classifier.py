"""Classifies columns: which kind of data each holds, how certain that is, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from governance.recognisers import BUILT_IN
from governance.recognisers.calling import ask
from governance.recognisers.column import (
    Candidate,
    ColumnView,
    ProfiledColumn,
    Recogniser,
    view_table,
)
from governance.recognisers.context import (
    SUGGEST,
    beside_people,
    most_telling,
    raise_hints,
    speaks_of_people,
    with_neighbours,
)

if TYPE_CHECKING:
    import pandas as pd

# Raised with every change that may change a finding. Each suggestion records the version that made it.
CLASSIFIER_VERSION = "1.6"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The reasons for a finding. Contains no value of the column.

    `matched`: share of the `checked` distinct non-empty values that match, 0–1. `checksum`: whether check
    digits decided; None if the kind has none. `header`: the words of the header that counted. `reasons`,
    `against`: plain sentences. `examples`: masked. `mentions`: for free text, the kinds mentioned, most
    certain first. `recogniser`: the one that found it; None if nothing was found. `type`, `distinct`,
    `distinct_share`: of the whole column; the share is of its filled rows, 0–1.
    """

    matched: float
    checked: int
    checksum: bool | None
    header: str | None
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    examples: tuple[str, ...]
    mentions: tuple[str, ...] = ()
    recogniser: str | None = None
    type: str = ""
    distinct: int = 0
    distinct_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """`confidence`: 0–1; for NONE, how certain it is that there is nothing. `personal`: whether the column is
    about people: a shop's telephone number is PHONE and not personal.
    """

    column: str
    entity: str
    confidence: float
    evidence: Evidence
    personal: bool = False

    def as_json(self) -> dict[str, Any]:
        """Keys column, entity, personal, confidence, evidence (as in Evidence, tuples as lists)."""
        evidence = {key: list(v) if isinstance(v, tuple) else v for key, v in asdict(self.evidence).items()}
        return {
            "column": self.column,
            "entity": self.entity,
            "personal": self.personal,
            "confidence": self.confidence,
            "evidence": evidence,
        }


def classify(
    sample: pd.DataFrame,
    profiles: Sequence[ProfiledColumn],
    table_name: str = "",
    recognisers: Sequence[Recogniser] | None = None,
) -> list[Finding]:
    """One finding for each column, in order; entity NONE if nothing was found.

    `sample`: strings with None for null, rows × columns in the order of `profiles`. `recognisers`: None for
    the platform's own; of two equally certain ones, the earlier wins. One that fails is skipped for that
    column.
    """
    table = view_table(sample, profiles, table_name)
    asked = BUILT_IN if recognisers is None else recognisers
    found = raise_hints(table, [ask(asked, column, table) for column in table.columns])
    best = [most_telling(candidates) for candidates in beside_people(table, found)]
    people = speaks_of_people(table, best)
    return [
        _finding(column, candidate, people) for column, candidate in zip(table.columns, best, strict=True)
    ]


def _finding(column: ColumnView, candidate: Candidate | None, people: str | None) -> Finding:
    if candidate is None or candidate.confidence < SUGGEST:
        return _nothing(column, candidate)
    settled = with_neighbours(column, candidate, people)
    evidence = Evidence(
        matched=round(settled.matched, 4),
        checked=settled.checked,
        checksum=settled.checksum,
        header=settled.header,
        reasons=settled.reasons,
        against=settled.against,
        examples=settled.examples,
        mentions=settled.mentions,
        recogniser=settled.recogniser,
        **_kind(column),
    )
    return Finding(column.name, settled.entity, settled.confidence, evidence, settled.personal)


def _kind(column: ColumnView) -> dict[str, Any]:
    share = round(column.distinct_share, 4)
    return {"type": column.type, "distinct": column.distinct, "distinct_share": share}


def _nothing(column: ColumnView, nearest: Candidate | None) -> Finding:
    against: tuple[str, ...] = ()
    if nearest is not None:
        against = (f"{nearest.entity} came nearest, too unsure to suggest", *nearest.against)
    evidence = Evidence(0.0, len(column.values), None, None, (), against, (), **_kind(column))
    return Finding(column.name, "NONE", round(1 - (nearest.confidence if nearest else 0.0), 3), evidence)
