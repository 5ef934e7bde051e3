"""What tags rule: which columns are masked, and how each enters the index. Pure: data in, data out."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

MASK = "••••"

# Classifications whose tags say that a column speaks of people.
PERSONAL_CLASSIFICATIONS = frozenset({"PII", "PersonalData"})


class IndexTreatment(StrEnum):
    """How a column's values enter the search index, from the loosest to the strictest."""

    INDEX = "index"
    MASK = "mask"
    LEAVE_OUT = "leave_out"


_STRICTNESS = {IndexTreatment.INDEX: 0, IndexTreatment.MASK: 1, IndexTreatment.LEAVE_OUT: 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one tag demands.

    `tag`: its full name, such as PII.Sensitive, or PII.* for every tag of a classification.
    `masked`: values are hidden from those without the right to see personal data.
    `retain_days`: rows are kept this long; None: no limit from this tag.
    """

    tag: str
    index: IndexTreatment
    masked: bool
    retain_days: int | None
    note: str

    def speaks_of(self, tag: str) -> bool:
        if self.tag.endswith(".*"):
            return tag.startswith(self.tag[:-1])
        return self.tag == tag


@dataclass(frozen=True, slots=True)
class ColumnAccess:
    """`because`: the tags whose rules decided, in alphabetical order; empty where no rule applies."""

    column: str
    masked: bool
    index: IndexTreatment
    because: tuple[str, ...]
    retain_days: int | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What holds for each column of one table, in the order of the columns."""

    columns: tuple[ColumnAccess, ...]

    def get(self, name: str) -> ColumnAccess:
        """Raises KeyError for a column nothing was decided about: unknown must never mean open."""
        for column in self.columns:
            if column.column == name:
                return column
        raise KeyError(name)

    def masked_columns(self) -> tuple[str, ...]:
        return tuple(column.column for column in self.columns if column.masked)

    def retain_days(self) -> int | None:
        """The shortest time any tag allows; None where no tag limits it."""
        limits = [column.retain_days for column in self.columns if column.retain_days is not None]
        return min(limits, default=None)

    def fingerprint(self) -> str:
        """16 hex digits that differ exactly when the text that is indexed would differ.

        Column names, their order and the index treatment shape that text; who sees what, which tag
        decided and how long rows are kept do not.
        """
        shape = [[column.column, column.index.value] for column in self.columns]
        return hashlib.sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()[:16]


def effective(tags: Mapping[str, Collection[str]], rules: Sequence[Rule]) -> Access:
    """`tags`: column name -> tags that hold or are suggested, in column order. The strictest rule wins."""
    return Access(tuple(_column_access(column, held, rules) for column, held in tags.items()))


def _column_access(column: str, held: Collection[str], rules: Sequence[Rule]) -> ColumnAccess:
    matches = [(rule, tag) for tag in held for rule in rules if rule.speaks_of(tag)]
    limits = [rule.retain_days for rule, _ in matches if rule.retain_days is not None]
    masked = any(rule.masked for rule, _ in matches)
    # A search over values finds the rows that hold them, so what is masked is never indexed as it is.
    loosest = IndexTreatment.MASK if masked else IndexTreatment.INDEX
    treatments = [loosest, *(rule.index for rule, _ in matches)]
    return ColumnAccess(
        column=column,
        masked=masked,
        index=max(treatments, key=_STRICTNESS.__getitem__),
        because=tuple(sorted({tag for _, tag in matches})),
        retain_days=min(limits, default=None),
    )


def mask_value(value: object) -> str:
    """A constant: neither the value nor its length or type shows, nor whether the cell is empty."""
    return MASK


def mask(row: Mapping[str, Any], access: Access, view_pii: bool) -> dict[str, Any]:
    """The row as a reader may see it. A column that `access` does not know is masked."""
    if view_pii:
        return dict(row)
    known = {column.column: column.masked for column in access.columns}
    return {name: mask_value(value) if known.get(name, True) else value for name, value in row.items()}


def tags_for(
    entity: str,
    mapping: Mapping[str, Sequence[str]],
    personal: bool = True,
    only_when_personal: Collection[str] = PERSONAL_CLASSIFICATIONS,
) -> tuple[str, ...]:
    """The tags an entity leads to, in the mapping's order; none where the mapping does not name it.

    `personal`: whether the column speaks of people. Where it does not (a shop's telephone number), tags of
    the classifications in `only_when_personal` are left out.
    """
    named = mapping.get(entity, ())
    if personal:
        return tuple(named)
    return tuple(tag for tag in named if tag.partition(".")[0] not in only_when_personal)
