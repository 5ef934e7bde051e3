"""Matches the columns of a table with those of the version before, and says what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from datasets.models import Column, Version, VersionColumn
from datasets.tables.table import folded


class Named(Protocol):
    """A column of a table or of a version."""

    @property
    def name(self) -> str: ...

    @property
    def position(self) -> int: ...

    @property
    def type(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Pair:
    """A column in both. `column`: its identity."""

    before: VersionColumn
    after: Named
    column: Column

    @property
    def is_renamed(self) -> bool:
        return self.before.name != self.after.name

    @property
    def is_retyped(self) -> bool:
        return self.before.type != str(self.after.type)


@dataclass(frozen=True, slots=True)
class Changes:
    """Columns in the order of the newer table; `dropped` in the order of the older.

    `number`: of the older version. `identities`: the dataset's column for each position of the newer table;
    new columns are left out.
    """

    number: int
    identities: dict[int, Column]
    pairs: tuple[Pair, ...]
    added: tuple[Named, ...]
    dropped: tuple[VersionColumn, ...]

    @property
    def renamed(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.is_renamed]

    @property
    def retyped(self) -> list[Pair]:
        return [pair for pair in self.pairs if pair.is_retyped]

    @property
    def count(self) -> int:
        return len(self.added) + len(self.dropped) + len(self.renamed) + len(self.retyped)

    def __bool__(self) -> bool:
        return self.count > 0

    def as_json(self) -> dict[str, Any]:
        """{"version", "added", "dropped": names; "renamed": [{"before", "after"}]; "retyped": [{"name",
        "before", "after"}]}"""
        return {
            "version": self.number,
            "added": [each.name for each in self.added],
            "dropped": [each.name for each in self.dropped],
            "renamed": [{"before": p.before.name, "after": p.after.name} for p in self.renamed],
            "retyped": [
                {"name": p.after.name, "before": p.before.type, "after": str(p.after.type)}
                for p in self.retyped
            ],
        }


def changes_between(before: Version, after: Sequence[Named]) -> Changes:
    """The changes from a version to a newer table."""
    items = list(before.columns.select_related("column").order_by("position"))
    there = {item.column_id: item for item in items}
    found = identities(list(before.dataset.columns.all()), [each.name for each in after])
    known = {each.position: column for each, column in zip(after, found, strict=True) if column is not None}
    pairs = [
        Pair(there[column.pk], each, column)
        for each in after
        if (column := known.get(each.position)) is not None and column.pk in there
    ]
    kept = {pair.before.pk for pair in pairs}
    stayed = {pair.after.position for pair in pairs}
    return Changes(
        before.number,
        known,
        tuple(pairs),
        tuple(each for each in after if each.position not in stayed),
        tuple(item for item in items if item.pk not in kept),
    )


def identities(known: Sequence[Column], names: Sequence[str]) -> list[Column | None]:
    """The known column that each name refers to; None for a new one.

    A name matches regardless of case. Otherwise the only column that differs in case, blanks and underscores
    alone matches. With several such columns none matches, because tags must not reach a column by chance.
    """
    by_key = {column.key: column for column in known}
    keys = distinct_keys(names)
    taken = {by_key[key].pk for key in keys if key in by_key}
    free = [column for column in known if column.pk not in taken]
    loose = {folded(column.key): column for column in free}
    times = Counter(folded(column.key) for column in free)
    wanted = Counter(folded(key) for key in keys if key not in by_key)
    return [
        by_key.get(key) or (loose.get(form) if times[form] == wanted[form] == 1 else None)
        for key in keys
        for form in [folded(key)]
    ]


def distinct_keys(names: Sequence[str]) -> list[str]:
    """A key for each column name. Names that differ only in blanks get a number at the end."""
    keys: dict[str, None] = {}
    for name in names:
        key, turn = Column.key_of(name), 2
        while key in keys:
            key, turn = f"{Column.key_of(name)} {turn}", turn + 1
        keys[key] = None
    return list(keys)
