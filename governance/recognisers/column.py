"""Input and output of recognisers: prepared columns, and candidates with evidence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from governance.recognisers.header_reading import Header, read_header
from governance.recognisers.masking import masked_examples
from governance.recognisers.vocabulary import ANIMAL_WORDS, PLACEHOLDERS

if TYPE_CHECKING:
    import pandas as pd

# Distinct values examined in one column. Shares are then within ±6 points at 95 %, and a column takes a few
# milliseconds.
MAX_VALUES = 250


class ProfiledColumn(Protocol):
    """Fields read from a profile (datasets.tables.profiling.ColumnProfile): counts over the whole column."""

    @property
    def name(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def rows(self) -> int: ...
    @property
    def nulls(self) -> int: ...
    @property
    def distinct(self) -> int: ...


_TIMES = frozenset({"DATE", "TIMESTAMP", "TIME", "DURATION"})


@dataclass(frozen=True, slots=True)
class ColumnView:
    """One column as recognisers see it.

    `values`: at most MAX_VALUES distinct values, trimmed, without placeholders, spread over the sample.
    `type`: the type detected in the file (STRING, INT, FLOAT, BOOLEAN, DATE, TIMESTAMP, TIME, DURATION).
    `distinct_share`: distinct values of the whole column relative to its filled rows, 0–1.
    """

    position: int
    name: str
    header: Header
    type: str
    values: tuple[str, ...]
    rows: int
    distinct: int
    distinct_share: float
    mean_length: float
    words_per_value: float

    @property
    def is_time(self) -> bool:
        """Whether its values are dates, times or durations."""
        return self.type in _TIMES

    def share(self, test: Callable[[str], bool], limit: int = MAX_VALUES) -> float:
        """Share of the first `limit` distinct values (in no order of value) that pass, 0–1."""
        looked_at = self.values[:limit]
        return sum(1 for value in looked_at if test(value)) / len(looked_at) if looked_at else 0.0

    @property
    def empty(self) -> bool:
        return not self.values


@dataclass(frozen=True, slots=True)
class TableView:
    name: str
    subject: Header
    columns: tuple[ColumnView, ...]
    # What was asked about all columns before: each of them asks the same, and a table may have thousands.
    _known: dict[object, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    def has(self, *words: str, beside: ColumnView | None = None) -> bool:
        """Whether the table's name or a column's header has one of the words. `beside`: a column that does
        not count.
        """
        return self.subject.has(*words) or self.a_column_has(*words, beside=beside)

    def a_column_has(self, *words: str, beside: ColumnView | None = None) -> bool:
        places = self._places(words, lambda header: header.has(*words))
        return len(places) > (beside is not None and beside.position in places)

    def names(self, entity: str, clarity: float) -> bool:
        """Whether a column's header names the kind, at least so clearly (0–1)."""
        return bool(self._places((entity, clarity), lambda header: header.clarity(entity) >= clarity))

    def _places(self, asked: object, test: Callable[[Header], bool]) -> frozenset[int]:
        if asked not in self._known:
            self._known[asked] = frozenset(c.position for c in self.columns if test(c.header))
        return self._known[asked]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One interpretation of a column.

    `confidence`: 0–1; below SUGGEST it only serves as a hint for neighbours. `matched`: share of the checked
    distinct values, 0–1. `checksum`: whether a check digit decided; None if the kind has none. `personal`:
    whether it is about a person; for kinds that companies share, the neighbours decide.
    """

    entity: str
    confidence: float
    matched: float = 0.0
    checked: int = 0
    checksum: bool | None = None
    header: str | None = None
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()
    personal: bool = True
    recogniser: str = ""


class Recogniser(Protocol):
    """Recognises one kind of data in a column. `name` is shown with its findings.

    It must not keep values, nor return any: examples go through `masked_example`.
    """

    @property
    def name(self) -> str: ...

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]: ...


@dataclass(slots=True)
class Weight:
    """Adds up evidence for and against one interpretation.

    Independent hints combine as probabilities do: two of 0.6 give 0.84. Evidence against reduces the result
    by its share.
    """

    doubt: float = 1.0
    reasons: list[str] = field(default_factory=list)
    against: list[str] = field(default_factory=list)

    def speaks(self, weight: float, reason: str) -> None:
        if weight > 0:
            self.doubt *= 1 - min(weight, 0.99)
            self.reasons.append(reason)

    def opposes(self, weight: float, reason: str) -> None:
        self.doubt = 1 - (1 - self.doubt) * (1 - weight)
        self.against.append(reason)

    @property
    def confidence(self) -> float:
        return round(min(1 - self.doubt, 0.99), 3)

    def candidates(
        self,
        entity: str,
        column: ColumnView,
        matched: float,
        *,
        checksum: bool | None = None,
        examples: Iterable[str] | None = None,
    ) -> list[Candidate]:
        """The interpretation. None if there is no evidence for it.

        `matched`: share of the values, 0–1. `examples`: values, to be masked; None for the column's own.
        """
        if not self.reasons:
            return []
        return [
            Candidate(
                entity,
                self.confidence,
                matched,
                len(column.values),
                checksum=checksum,
                header=column.header.term(entity),
                reasons=tuple(self.reasons),
                against=tuple(self.against),
                examples=masked_examples(column.values if examples is None else examples),
            )
        ]


def speaks_of_animals(table: TableView) -> bool:
    """Animals have a name, a birthday, a sex and an age, too."""
    return table.has(*ANIMAL_WORDS)


def percent(share: float) -> str:
    return f"{share:.0%}" if share in (0, 1) or 0.01 <= share <= 0.99 else f"{share:.1%}"


def view_table(sample: pd.DataFrame, profiles: Sequence[ProfiledColumn], table_name: str) -> TableView:
    """`sample`: strings, None for null, one column for each profile, in the same order."""
    columns = tuple(
        _view_column(position, profile, sample.iloc[:, position].tolist())
        for position, profile in enumerate(profiles)
    )
    return TableView(name=table_name, subject=read_header(table_name), columns=columns)


def _view_column(position: int, profile: ProfiledColumn, cells: list[str | None]) -> ColumnView:
    distinct = _distinct(cells)
    looked_at = _spread(distinct, MAX_VALUES)
    filled = max(profile.rows - profile.nulls, 1)
    count = max(len(looked_at), 1)
    return ColumnView(
        position=position,
        name=profile.name,
        header=read_header(profile.name),
        type=str(profile.type),
        values=looked_at,
        rows=profile.rows,
        distinct=max(profile.distinct, len(distinct)),
        distinct_share=min(profile.distinct / filled, 1.0),
        mean_length=sum(map(len, looked_at)) / count,
        words_per_value=sum(len(value.split()) for value in looked_at) / count,
    )


def _distinct(cells: list[str | None]) -> list[str]:
    trimmed = dict.fromkeys(cell.strip() for cell in cells if isinstance(cell, str))
    return [value for value in trimmed if value and value.lower() not in PLACEHOLDERS]


def _spread(values: list[str], limit: int) -> tuple[str, ...]:
    """At most `limit` items, spread evenly over the list."""
    stride = max(1, -(-len(values) // limit))
    return tuple(values[::stride])
