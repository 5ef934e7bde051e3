"""Tables: beside what every entity takes, sample rows, profiles, and what tests look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.openmetadata_double.answers import Answer, Json, not_found
from tests.openmetadata_double.building import columns
from tests.openmetadata_double.entities import Caller, Entities
from tests.openmetadata_double.serving import Request
from tests.openmetadata_double.store import Entity

_LOOK = {"tags", "owner", "owners", "domains", "sampleData", "profile"}
_WHOLE = ("rowCount", "columnCount")


class Tables(Entities):
    personal_tag = "PII.Sensitive"

    # --- Sample rows and profiles -------------------------------------------------------------------------

    def put_sample(self, key: str, request: Request) -> Answer:
        entity = self.store.of_id(self.kind, key)
        entity.doc["sampleData"] = self.body(request, "sampleData")
        return Answer(200, self._unlinked_answer(entity, frozenset({"sampleData"})))

    def sample(self, key: str, caller: Caller) -> Answer:
        """Newer servers mask what is tagged as personal before people without rights, and show the tags."""
        entity = self.store.of_id(self.kind, key)
        fields = frozenset({"sampleData", *(("tags",) if self.profile.folds else ())})
        told = self._unlinked_answer(entity, fields)
        if self.profile.folds and not (caller.bot or caller.admin) and "sampleData" in told:
            personal = {each["name"] for each in entity.doc["columns"] if self._is_personal(each)}
            told["sampleData"] = _masked(told["sampleData"], personal)
        return Answer(200, told, self._tag_of(entity))

    def _is_personal(self, column: Json) -> bool:
        return any(tag["tagFQN"] == self.personal_tag for tag in column["tags"])

    def delete_sample(self, key: str) -> Answer:
        entity = self.store.of_id(self.kind, key)
        entity.doc.pop("sampleData", None)
        return Answer(200, self._unlinked_answer(entity, frozenset()))

    def put_profile(self, key: str, request: Request) -> Answer:
        entity = self.store.of_id(self.kind, key)
        body = self.body(request, "tableProfile")
        names = {column["name"] for column in entity.doc["columns"]}
        for each in body.get("columnProfile") or []:
            if each["name"] not in names:
                raise not_found("column", each["name"])
        entity.doc["profile"] = self._table_profile(body["tableProfile"])
        told = self.store.profiles.setdefault(entity.id, [])
        told.append(("", entity.doc["profile"]))
        told += [(each["name"], each) for each in body.get("columnProfile") or []]
        return Answer(200, self._unlinked_answer(entity, frozenset({"profile"})))

    def _table_profile(self, given: Json) -> Json:
        sampled = {} if self.profile.version.startswith("2") else {"profileSampleType": "PERCENTAGE"}
        return {**sampled, **given, **{name: float(given[name]) for name in _WHOLE if name in given}}

    def latest_profile(self, fqn: str) -> Answer:
        """The table with the last profile of itself and of each column."""
        entity = self.store.of_name(self.kind, fqn)
        last = dict(self.store.profiles.get(entity.id, []))
        fields = {"profile", "tags"} if self.profile.folds else {"profile"}
        shown = self._unlinked_answer(entity, frozenset(fields))
        shown.pop("tags", None)
        for column in shown["columns"]:
            if column["name"] in last:
                column["profile"] = last[column["name"]]
        return Answer(200, shown)

    # --- Patch --------------------------------------------------------------------------------------------

    def _unlinked(self, wanted: Json, entity: Entity, text: str) -> Json:
        # A patched table is read by the same classes as one that is asked for.
        asked = {"name": entity.doc["name"], "databaseSchema": "", "columns": wanted.get("columns")}
        self.profile.check(self.kind, {**asked, "tags": wanted.get("tags")}, text)
        doc = super()._unlinked(wanted, entity, text)
        return {**doc, "columns": columns(wanted["columns"], entity.fqn)}

    # --- For tests ----------------------------------------------------------------------------------------

    def look(self, fqn: str) -> Json | None:
        entity = self.store.named(self.kind, fqn)
        return None if entity is None or entity.doc["deleted"] else self.store.shown(entity, _LOOK)

    def edit_tags(self, fqn: str, tags: Mapping[str, Sequence[str]], user: str) -> None:
        entity = self.store.of_name(self.kind, fqn)
        places = {column["name"]: index for index, column in enumerate(entity.doc["columns"])}
        if self.profile.folds:
            self._take_off_suggestions(entity, tags, user)
        operations = [
            {
                "op": "add",
                "path": f"/columns/{places[column]}/tags",
                "value": [_by_hand(tag) for tag in wanted],
            }
            for column, wanted in tags.items()
        ]
        self.edit(fqn, operations, user)

    def _take_off_suggestions(self, entity: Entity, tags: Mapping[str, Sequence[str]], user: str) -> None:
        """Newer servers keep a suggestion as it is: who accepts one takes it off and puts it on again."""
        left = [
            (index, column["name"], position)
            for index, column in enumerate(entity.doc["columns"])
            for position, tag in enumerate(column["tags"])
            if tag["tagFQN"] in tags.get(column["name"], ()) and tag["state"] != "Confirmed"
        ]
        operations = [
            {"op": "remove", "path": f"/columns/{index}/tags/{position}"}
            for index, _, position in reversed(left)
        ]
        if operations:
            self.edit(entity.fqn, operations, user)

    def edit(self, fqn: str, operations: Sequence[Json], user: str) -> None:
        entity = self.store.of_name(self.kind, fqn)
        self._edited(entity, list(operations), "", Caller(user, bot=False, admin=True))


def _masked(sample: Json, personal: set[str]) -> Json:
    """The sample with eight stars in place of each value of these columns."""
    hidden = [name in personal for name in sample["columns"]]
    return {
        "columns": [f"{name} [MASKED]" if name in personal else name for name in sample["columns"]],
        "rows": [
            ["********" if is_hidden else cell for cell, is_hidden in zip(row, hidden, strict=True)]
            for row in sample["rows"]
        ],
    }


def _by_hand(tag: str) -> Json:
    return {"tagFQN": tag, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}
