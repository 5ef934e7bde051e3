"""What a request makes of the entity that is there already.

A PUT only adds tags, keeps descriptions against a bot, and takes columns and their types as they are asked
for; a PATCH is taken as it is. A column whose type changed is another column to the server: its tags go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.openmetadata_double.answers import Json
from tests.openmetadata_double.building import COLUMN_ORDER
from tests.openmetadata_double.changes import Change
from tests.openmetadata_double.labels import Labels, merged, same

_COMPARED = ("dataLength", "precision", "scale", "constraint")
# Not compared as plain values: told by name, merged by rules of their own, or made by the server.
_SPECIAL = frozenset(
    [
        "id",
        "name",
        "fullyQualifiedName",
        "version",
        "updatedAt",
        "updatedBy",
        "changeDescription",
        "deleted",
        "description",
        "displayName",
        "tags",
        "columns",
        "followers",
        "profile",
        "sampleData",
        "isBot",
        "teams",
        "roles",
        "inheritedRoles",
    ]
)


@dataclass
class Merge:
    """`kept` is what is stored; `shown` is what a PUT answers: without the tags that it did not mention."""

    kept: Json
    shown: Json
    change: Change


class Merger:
    def __init__(self, labels: Labels, *, adds: bool, by_bot: bool) -> None:
        self._labels = labels
        self._adds = adds
        """As a PUT: nothing is taken away by leaving it out."""
        self._kept_from_bot = adds and by_bot
        self._change = Change()

    def merge(self, there: Json, wanted: Json) -> Merge:
        kept, shown = dict(there), dict(there)
        # A PUT brings a soft-deleted entity back.
        self._change.value("deleted", there["deleted"], False)
        kept["deleted"] = shown["deleted"] = False
        for name in ("description", "displayName"):
            kept[name] = shown[name] = self._text(name, there.get(name), wanted.get(name))
        for name in sorted(set(wanted) | set(there)):
            if name in _SPECIAL or name.startswith("_"):
                continue
            left_out = self._adds and wanted.get(name) in (None, [])
            after = there.get(name) if left_out else wanted.get(name)
            self._change.value(name, there.get(name), after)
            kept[name] = shown[name] = after
        if "tags" in there:
            kept["tags"], shown["tags"] = self._tags("tags", there["tags"], wanted.get("tags"))
        if "columns" in wanted:
            kept["columns"], shown["columns"] = self._columns(there["columns"], wanted["columns"])
        return Merge(kept, shown, self._change)

    def _text(self, name: str, there: str | None, wanted: str | None) -> str | None:
        if there and self._kept_from_bot:
            return there
        self._change.value(name, there, wanted)
        return wanted

    def _tags(
        self, name: str, there: Sequence[Json], wanted: Sequence[Json] | None
    ) -> tuple[list[Json], list[Json] | None]:
        """What is stored, and what a PUT answers: None where it did not mention tags."""
        after = merged(wanted or [], there) if self._adds else list(wanted or [])
        self._labels.refuse_exclusive(after)
        self._change.items(name, there, after, same)
        stored = self._labels.stored(after)
        return stored, stored if wanted is not None else None

    def _columns(self, there: Sequence[Json], wanted: Sequence[Json]) -> tuple[list[Json], list[Json]]:
        _, went = self._change.items("columns", there, wanted, _same_column)
        self._change.major = self._change.major or bool(went)
        gone = {column["name"]: column for column in went}
        pairs = []
        for column in wanted:
            before = next((each for each in there if _same_column(each, column)), None)
            pairs.append(
                self._new_column(column, gone.get(column["name"]))
                if before is None
                else self._kept_column(before, column)
            )
        return [kept for kept, _ in pairs], [shown for _, shown in pairs]

    def _kept_column(self, there: Json, wanted: Json) -> tuple[Json, Json]:
        field = f"columns.{wanted['name']}"
        after: dict[str, Any] = dict(wanted)
        for name in ("description", "displayName"):
            after[name] = self._text(f"{field}.{name}", there.get(name), wanted.get(name))
        for name in _COMPARED:
            self._change.value(f"{field}.{name}", there.get(name), wanted.get(name))
        tags, told = self._tags(f"{field}.tags", there["tags"], wanted.get("tags"))
        return _written(after, tags), _written(after, told)

    def _new_column(self, wanted: Json, replaced: Json | None) -> tuple[Json, Json]:
        """`replaced` had the same name and another type: its description goes on, its tags do not."""
        tags = self._labels.stored(wanted.get("tags") or [])
        self._labels.refuse_exclusive(tags)
        told = tags if "tags" in wanted else None
        if replaced:
            wanted = {**wanted, "description": wanted.get("description") or replaced.get("description")}
            # The server answers with the empty list of the column that went, with nothing where it had tags.
            told = [] if not tags and not replaced["tags"] else told
        return _written(wanted, tags), _written(wanted, told)


def _same_column(left: Json, right: Json) -> bool:
    return all(left.get(name) == right.get(name) for name in ("name", "dataType", "arrayDataType"))


def _written(column: Json, tags: list[Json] | None) -> Json:
    told = {**column, "tags": tags}
    return {name: told[name] for name in COLUMN_ORDER if told.get(name) is not None}
