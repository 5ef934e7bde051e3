"""What a request makes of the entity that is there already.

A PUT only adds tags, keeps descriptions against a bot, and takes columns and their types as they are asked
for; a PATCH is taken as it is. A column whose type changed is another column to the server: its tags go.
Newer servers keep the state of a tag that is there, and answer what was asked for all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.openmetadata_double.answers import Json
from tests.openmetadata_double.building import COLUMN_ORDER
from tests.openmetadata_double.changes import Change
from tests.openmetadata_double.labels import Labels, merged, same, surviving

# Left out of a PUT, they go from newer servers.
_NOT_KEPT = frozenset({"sourceUrl", "retentionPeriod", "fileFormat"})
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
        "dataModel",
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
    """`kept` is stored; `shown` is answered: of a PUT, without the tags that it did not mention."""

    kept: Json
    shown: Json
    change: Change


class Merger:
    def __init__(
        self, labels: Labels, *, adds: bool, by_bot: bool, keeps: bool, folded: Json | None = None
    ) -> None:
        self._labels = labels
        self._adds = adds
        """As a PUT: nothing is taken away by leaving it out."""
        self._keeps = keeps
        """As newer servers: a tag that is there keeps its state."""
        self._folded = None if folded is None else _tags_by_place(folded)
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
            stays = self._adds and not (self._keeps and name in _NOT_KEPT)
            left_out = stays and wanted.get(name) in (None, [])
            after = there.get(name) if left_out else wanted.get(name)
            self._change.value(name, there.get(name), after)
            kept[name] = shown[name] = after
        if "tags" in there:
            kept["tags"], shown["tags"] = self._tags("tags", there["tags"], wanted.get("tags"))
        if "columns" in wanted:
            kept["columns"], shown["columns"] = self._columns("columns", there["columns"], wanted["columns"])
        if model := wanted.get("dataModel"):
            self._model(there.get("dataModel"), model, kept, shown)
        return Merge(kept, shown, self._change)

    def _model(self, there: Json | None, wanted: Json, kept: Json, shown: Json) -> None:
        """A file's columns go as those of a table do (as the server's sources say; it was not recorded)."""
        kept["dataModel"] = shown["dataModel"] = wanted
        if there is None:
            self._change.value("dataModel", None, wanted)
            return
        columns = self._columns("dataModel.columns", there["columns"], wanted["columns"])
        kept["dataModel"], shown["dataModel"] = ({**wanted, "columns": each} for each in columns)

    def _text(self, name: str, there: str | None, wanted: str | None) -> str | None:
        if there and self._kept_from_bot and not (self._keeps and wanted and name == "displayName"):
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
        shown = self._labels.stored(after)
        if not self._keeps:
            return shown, shown if wanted is not None else None
        folded = None if self._folded is None else self._folded.get(name, [])
        stored = self._labels.stored(surviving(after, there, folded))
        return stored, None if wanted is None and name == "tags" else shown

    def _columns(
        self, place: str, there: Sequence[Json], wanted: Sequence[Json]
    ) -> tuple[list[Json], list[Json]]:
        """`place`: "columns", and for those of a column that has some itself its place."""
        _, went = self._change.items(place, there, wanted, _same_column)
        self._change.major = self._change.major or bool(went)
        gone = {column["name"]: column for column in went}
        pairs = []
        for column in wanted:
            before = next((each for each in there if _same_column(each, column)), None)
            pairs.append(
                self._new_column(column, gone.get(column["name"]))
                if before is None
                else self._kept_column(place, before, column)
            )
        return [kept for kept, _ in pairs], [shown for _, shown in pairs]

    def _kept_column(self, place: str, there: Json, wanted: Json) -> tuple[Json, Json]:
        field = f"{place}.{wanted['name']}"
        after: dict[str, Any] = dict(wanted)
        for name in ("description", "displayName"):
            after[name] = self._text(f"{field}.{name}", there.get(name), wanted.get(name))
        for name in _COMPARED:
            self._change.value(f"{field}.{name}", there.get(name), wanted.get(name))
        tags, told = self._tags(f"{field}.tags", there.get("tags") or [], wanted.get("tags"))
        kept = shown = wanted.get("children")
        if wanted.get("children"):
            kept, shown = self._columns(field, there.get("children") or [], wanted["children"])
        return _written({**after, "children": kept}, tags), _written({**after, "children": shown}, told)

    def _new_column(self, wanted: Json, replaced: Json | None) -> tuple[Json, Json]:
        """`replaced` had the same name and another type: its description goes on, its tags do not."""
        tags = self._labels.stored(wanted.get("tags") or [])
        self._labels.refuse_exclusive(tags)
        told = tags if "tags" in wanted else None
        if replaced:
            wanted = {**wanted, "description": wanted.get("description") or replaced.get("description")}
            # The server answers with the empty list of the column that went, with nothing where it had tags.
            told = [] if not tags and not replaced.get("tags") else told
        return _written(wanted, tags), _written(wanted, told)


def _tags_by_place(doc: Json) -> dict[str, Sequence[Json]]:
    """By the name that changes have for them: "tags", "columns.age.tags", "columns.place.city.tags"."""
    found: dict[str, Sequence[Json]] = {"tags": doc.get("tags") or []}

    def collect(place: str, columns: Sequence[Json]) -> None:
        for column in columns:
            field = f"{place}.{column['name']}"
            found[f"{field}.tags"] = column.get("tags") or []
            collect(field, column.get("children") or [])

    collect("columns", doc.get("columns") or [])
    collect("dataModel.columns", (doc.get("dataModel") or {}).get("columns") or [])
    return found


def _same_column(left: Json, right: Json) -> bool:
    return all(left.get(name) == right.get(name) for name in ("name", "dataType", "arrayDataType"))


def _written(column: Json, tags: list[Json] | None) -> Json:
    told = {**column, "tags": tags}
    return {name: told[name] for name in COLUMN_ORDER if told.get(name) is not None}
