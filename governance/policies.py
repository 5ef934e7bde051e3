"""Policies: which columns are masked, and how each enters the index. Pure functions."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from governance.redacting.personal_kinds import CARD_IN_GROUPS, KINDS
from governance.redacting.redaction import MASK as MASK
from governance.redacting.redaction import REDACTION_VERSION, redacted

# Classifications whose tags mark personal data.
PERSONAL_CLASSIFICATIONS = frozenset({"PII", "PersonalData"})
# The PII tag that says "not personal".
NO_PERSON = "PII.None"
# Tags of columns that contain such data and are open nevertheless, such as a shop's telephone number.
_JUDGED = {
    "DataKind.Email": {"EMAIL"},
    "DataKind.Phone": {"PHONE"},
    "DataKind.CreditCard": {"CREDIT_CARD", CARD_IN_GROUPS},
    "DataKind.BankAccount": {"IBAN"},
    "DataKind.SocialSecurityNumber": {"US_SSN"},
    "DataKind.NationalId": {"NATIONAL_ID"},
    "DataKind.IpAddress": {"IP_ADDRESS"},
}


class IndexTreatment(StrEnum):
    """How a column's values enter the search index, from the most open to the strictest."""

    INDEX = "index"
    MASK = "mask"
    LEAVE_OUT = "leave_out"


_STRICTNESS = {IndexTreatment.INDEX: 0, IndexTreatment.MASK: 1, IndexTreatment.LEAVE_OUT: 2}


@dataclass(frozen=True, slots=True)
class Rule:
    """What one tag requires.

    `tag`: its full name, such as PII.Sensitive, or PII.* for every tag of a classification. `masked`: values
    are hidden from those without the right to see personal data. `retain_days`: rows are kept this long;
    None: no limit from this tag.
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
    """What applies to one column. `because`: the deciding tags, in alphabetical order; empty if no rule
    applies.

    `redacted`: kinds of personal data masked inside single cells of an open column (see
    governance.redacting): all except those that a tag says it contains, and none for PII.None.
    """

    column: str
    masked: bool
    index: IndexTreatment
    because: tuple[str, ...]
    retain_days: int | None = None
    redacted: frozenset[str] = KINDS


@dataclass(frozen=True)
class Access:
    """What applies to each column of a table, in column order."""

    columns: tuple[ColumnAccess, ...]

    def get(self, name: str) -> ColumnAccess:
        """Raises KeyError for a column without a decision: unknown must never mean open."""
        return self._by_name[name]

    @cached_property
    def _by_name(self) -> dict[str, ColumnAccess]:
        return {column.column: column for column in self.columns}

    def masked_columns(self) -> tuple[str, ...]:
        return tuple(column.column for column in self.columns if column.masked)

    def retain_days(self) -> int | None:
        """The shortest time that any tag allows. None if no tag limits it."""
        limits = [column.retain_days for column in self.columns if column.retain_days is not None]
        return min(limits, default=None)

    def fingerprint(self) -> str:
        """16 hex digits that change exactly when the indexed text would change.

        Column names, their order, the index treatment and the masking inside cells determine that text.
        Readers, deciding tags and retention do not.
        """
        shape = [[column.column, column.index.value] for column in self.columns]
        shape.append(["redaction", str(REDACTION_VERSION)])
        return hashlib.sha256(json.dumps(shape, ensure_ascii=False).encode()).hexdigest()[:16]


def effective(tags: Mapping[str, Collection[str]], rules: Sequence[Rule]) -> Access:
    """`tags`: column name -> tags in force, suggested ones included, in column order. The strictest rule
    wins.
    """
    return Access(tuple(_column_access(column, held, rules) for column, held in tags.items()))


def _column_access(column: str, held: Collection[str], rules: Sequence[Rule]) -> ColumnAccess:
    matches = [(rule, tag) for tag in held for rule in rules if rule.speaks_of(tag)]
    limits = [rule.retain_days for rule, _ in matches if rule.retain_days is not None]
    masked = any(rule.masked for rule, _ in matches)
    # A search finds rows by their values, so masked values are never indexed as they are.
    loosest = IndexTreatment.MASK if masked else IndexTreatment.INDEX
    treatments = [loosest, *(rule.index for rule, _ in matches)]
    return ColumnAccess(
        column=column,
        masked=masked,
        index=max(treatments, key=_STRICTNESS.__getitem__),
        because=tuple(sorted({tag for _, tag in matches})),
        retain_days=min(limits, default=None),
        redacted=_redacted(column, held),
    )


def _redacted(column: str, held: Collection[str]) -> frozenset[str]:
    if NO_PERSON in held:
        return frozenset()
    judged: set[str] = set().union(*(_JUDGED.get(tag, ()) for tag in held))
    return KINDS - (judged | {"CREDIT_CARD"} if _numbers_things(column) else judged)


def _numbers_things(column: str) -> bool:
    from governance.recognisers.header_reading import read_header

    return read_header(column).numbers_things


def mask_value(value: object) -> str:
    """A constant: it shows neither the value nor its length or type, nor whether the cell is empty."""
    return MASK


def mask(row: Mapping[str, Any], access: Access, view_pii: bool) -> dict[str, Any]:
    """The row as a reader may see it. A column that `access` does not know is masked. In the others, what is
    certainly personal is masked inside cells.
    """
    if view_pii:
        return dict(row)
    known = {column.column: column for column in access.columns}
    return {
        name: redacted(value, column.redacted)
        if (column := known.get(name)) and not column.masked
        else mask_value(value)
        for name, value in row.items()
    }


def mask_for_index(row: Mapping[str, Any]) -> dict[str, Any]:
    """Cells of indexed columns as the index may hold them. The index serves every reader of the dataset, so
    everything that is certainly personal is masked, whatever the column's tags.
    """
    return {name: redacted(value) for name, value in row.items()}


def tags_for(
    entity: str,
    mapping: Mapping[str, Sequence[str]],
    personal: bool = True,
    only_when_personal: Collection[str] = PERSONAL_CLASSIFICATIONS,
) -> tuple[str, ...]:
    """The tags of an entity, in the mapping's order. None if the mapping does not have it.

    `personal`: whether the column is about people. If not (a shop's telephone number), tags of the
    classifications in `only_when_personal` are left out.
    """
    named = mapping.get(entity, ())
    if personal:
        return tuple(named)
    return tuple(tag for tag in named if tag.partition(".")[0] not in only_when_personal)
