"""The requests that every kind of entity takes: create or update, look up, list, patch, delete, restore."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.openmetadata_double.answers import Answer, Json, Refused
from tests.openmetadata_double.building import Builder
from tests.openmetadata_double.changes import Change
from tests.openmetadata_double.labels import Labels, by_name
from tests.openmetadata_double.merging import Merge, Merger
from tests.openmetadata_double.patching import patched
from tests.openmetadata_double.profiles import Profile
from tests.openmetadata_double.serving import Request
from tests.openmetadata_double.store import ON_REQUEST, Entity, Ref, Store, compact, included

_UNTAGGED = frozenset({"classification", "tag", "user", "team", "role", "bot"})
# What a PATCH may touch, and what its answer and an earlier version show.
_EDITABLE = frozenset({"tags", "owner", "owners", "domains", "followers"})
_FILTERS = ("databaseSchema", "database", "service", "classification", "parent")


@dataclass(frozen=True)
class Caller:
    name: str
    bot: bool
    admin: bool


class Entities:
    """One collection, such as `/v1/databases`."""

    def __init__(self, kind: str, store: Store, profile: Profile) -> None:
        self.kind = kind
        self.store = store
        self.profile = profile
        self.labels = Labels(store, with_names=profile.lists)

    # --- Create and update --------------------------------------------------------------------------------

    def put(self, request: Request, caller: Caller) -> Answer:
        body = self.body(request)
        doc = self._built(body)
        there = self.store.named(self.kind, doc["fullyQualifiedName"])
        if there is None:
            return self._created(doc, body, caller)
        merge = self._merger(adds=True, caller=caller).merge(there.doc, doc)
        return Answer(200, self._finished(there, merge, caller, self._answered(body, created=False)))

    def post(self, request: Request, caller: Caller) -> Answer:
        body = self.body(request)
        doc = self._built(body)
        if self.store.named(self.kind, doc["fullyQualifiedName"]):
            raise Refused(409, "Entity already exists")
        return self._created(doc, body, caller)

    def body(self, request: Request, kind: str | None = None) -> Json:
        """The request's JSON, checked against what this kind takes."""
        self.profile.check(kind or self.kind, self.json(request), request.text)
        return dict(self.json(request))

    @staticmethod
    def json(request: Request) -> Any:
        try:
            return request.body
        except ValueError:
            raise Refused(400, "Unable to process JSON") from None

    def _built(self, body: Json) -> Json:
        doc = Builder(self.store, self.profile.owner).built(self.kind, body)
        if self.profile.lists:
            doc.setdefault("owners", [])
            doc.setdefault("domains", [])
        for labels in _label_lists(doc):
            self.labels.refuse_exclusive(by_name(labels))
        return doc

    def _created(self, doc: Json, body: Json, caller: Caller) -> Answer:
        labelled = [label for labels in _label_lists(doc) for label in labels]
        if self.profile.lists:
            self.labels.refuse_unknown(labelled)
        entity = self.store.add(self.kind, self._untagged(doc), caller.name)
        # A 1.1 server has stored the entity when it looks for the tags: an unknown one leaves it without any.
        self.labels.refuse_unknown(labelled)
        shown = {**entity.doc, **self._tagged(doc)}
        entity.doc = {**entity.doc, **self._kept_tags(doc)}
        fields = self._answered(body, created=True) | {"tags"}
        answer = self.store.shown(Entity(self.kind, shown), fields)
        self._event("entityCreated", entity, answer, caller)
        return Answer(201, answer)

    def _answered(self, body: Json, *, created: bool) -> set[str]:
        """What a create or update answers beside the properties that are always there."""
        return set(body) & ON_REQUEST

    def _untagged(self, doc: Json) -> Json:
        bare = dict(doc)
        if self.kind not in _UNTAGGED:
            bare["tags"] = []
        if self.kind == "table":
            bare["columns"] = [{**column, "tags": []} for column in doc["columns"]]
        return bare

    def _tagged(self, doc: Json) -> Json:
        """The parts with tags as a create answers them: tags where the request had any."""
        told: Json = {"tags": self.labels.stored(doc["tags"]) if "tags" in doc else None}
        if self.kind == "table":
            told["columns"] = [
                {**column, "tags": self.labels.stored(column["tags"])} if "tags" in column else column
                for column in doc["columns"]
            ]
        return told

    def _kept_tags(self, doc: Json) -> Json:
        told = self._tagged(doc)
        kept: Json = {} if self.kind in _UNTAGGED else {"tags": told["tags"] or []}
        if "columns" in told:
            kept["columns"] = [{**column, "tags": column.get("tags", [])} for column in told["columns"]]
        return kept

    def _merger(self, *, adds: bool, caller: Caller) -> Merger:
        return Merger(self.labels, adds=adds, by_bot=caller.bot)

    def _finished(self, entity: Entity, merge: Merge, caller: Caller, fields: set[str]) -> Json:
        """Store the outcome as a new version where something changed; the answer to give."""
        before = entity.doc["version"]
        if merge.change:
            self._step(entity, merge.kept, merge.change, caller)
        else:
            entity.doc = merge.kept
        stamp = {name: entity.doc[name] for name in ("version", "updatedAt", "updatedBy")}
        shown = {**merge.shown, **stamp, "changeDescription": merge.change.told(before)}
        answer = self.store.shown(Entity(self.kind, shown), fields | {"tags"})
        if merge.change:
            self._event("entityUpdated", entity, answer, caller)
        return answer

    def _step(self, entity: Entity, doc: Json, change: Change, caller: Caller) -> None:
        entity.earlier.insert(0, compact(self.store.shown(entity, set(_EDITABLE), links=False)))
        before = entity.doc["version"]
        entity.doc = {
            **doc,
            "version": change.version_after(before),
            "updatedAt": self.store.now(),
            "updatedBy": caller.name,
            "changeDescription": change.told(before),
        }

    def _event(self, name: str, entity: Entity, answer: Json, caller: Caller) -> None:
        told: Json = {"eventType": name, "entityType": self.kind, "entityId": entity.id}
        # The version before every change is told as the first one; the change itself has the right one.
        if name != "entityCreated":
            told["previousVersion"] = 0.1
            # One that was never changed may be deleted, too.
            if change := entity.doc.get("changeDescription"):
                told["changeDescription"] = change
        when = {"userName": caller.name, "timestamp": entity.doc["updatedAt"]}
        version = {"currentVersion": entity.doc["version"]}
        self.store.events.append({**told, **version, **when, "entity": compact(answer)})

    # --- Patch --------------------------------------------------------------------------------------------

    def patch(self, key: str, request: Request, caller: Caller) -> Answer:
        entity = self.store.of_id(self.kind, key)
        return Answer(200, self._edited(entity, self.json(request), request.text, caller))

    def _edited(self, entity: Entity, operations: Any, text: str, caller: Caller) -> Json:
        base = self.store.shown(entity, set(_EDITABLE), links=False)
        wanted = self._unlinked(patched(base, operations), entity, text)
        for labels in _label_lists(wanted):
            self.labels.refuse_exclusive(by_name(labels))
        merge = self._merger(adds=False, caller=caller).merge(entity.doc, wanted)
        return self._finished(entity, merge, caller, set(_EDITABLE))

    def _unlinked(self, wanted: Json, entity: Entity, text: str) -> Json:
        """The patched document with references as the store keeps them; the rest is as before."""
        doc = dict(entity.doc)
        doc |= {name: value for name, value in wanted.items() if _is_plain(entity.doc.get(name))}
        doc |= {name: wanted.get(name) for name in ("description", "displayName")}
        builder = Builder(self.store, self.profile.owner)
        if self.profile.lists:
            doc["owners"] = [builder.owner(each) for each in wanted.get("owners") or []]
            doc["domains"] = [builder.owner(each) for each in wanted.get("domains") or []]
        else:
            doc["owner"] = builder.owner(wanted["owner"]) if wanted.get("owner") else None
        return doc

    # --- Look up ------------------------------------------------------------------------------------------

    def by_id(self, key: str, request: Request) -> Answer:
        fields = self._fields(request)
        return Answer(200, self.store.shown(self.store.of_id(self.kind, key, _include(request)), fields))

    def by_fqn(self, fqn: str, request: Request) -> Answer:
        fields = self._fields(request)
        return Answer(200, self.store.shown(self.store.of_name(self.kind, fqn, _include(request)), fields))

    def _fields(self, request: Request) -> set[str]:
        asked = {name.strip() for name in request.query.get("fields", "").split(",") if name.strip()}
        if "*" in asked:
            return set(ON_REQUEST)
        self.profile.check_fields(self.kind, asked)
        return asked

    def versions(self, key: str) -> Answer:
        entity = self.store.of_id(self.kind, key, "all")
        now = compact(self.store.shown(entity, set(_EDITABLE), links=False))
        return Answer(200, {"entityType": self.kind, "versions": [now, *entity.earlier]})

    def listed(self, request: Request) -> Answer:
        fields = self._fields(request)
        found = list(self._matching(request))
        after = base64.b64decode(request.query.get("after", "")).decode()
        later = [entity for entity in found if entity.fqn > after]
        page = later[: int(request.query.get("limit", "10"))]
        paging: Json = {"total": len(found)}
        if page and len(later) > len(page):
            paging["after"] = base64.b64encode(page[-1].fqn.encode()).decode()
        if page and after:
            paging["before"] = base64.b64encode(page[0].fqn.encode()).decode()
        return Answer(200, {"data": [self.store.shown(each, fields) for each in page], "paging": paging})

    def _matching(self, request: Request) -> Iterator[Entity]:
        asked = {name: request.query[name] for name in _FILTERS if name in request.query}
        for entity in self.store.all(self.kind):
            refs = {name: entity.doc.get(name) for name in asked}
            if self.kind == "tag" and "parent" in asked:
                refs["parent"] = entity.doc["_parent"]
            if included(entity, _include(request)) and all(
                self._is(refs[name], asked[name]) for name in asked
            ):
                yield entity

    def _is(self, ref: Ref | None, fqn: str) -> bool:
        return ref is not None and self.store.of_id(ref.kind, ref.id, "all").fqn == fqn

    # --- Delete and restore -------------------------------------------------------------------------------

    def delete(self, key: str, request: Request, caller: Caller) -> Answer:
        hard = request.query.get("hardDelete") == "true"
        entity = self.store.of_id(self.kind, key, "all" if hard else "non-deleted")
        self._below(entity, request, hard, caller)
        if hard:
            answer = self._unlinked_answer(entity, _EDITABLE)
            self._event("entityDeleted", entity, answer, caller)
            self.store.remove(entity)
            return Answer(200, answer)
        return Answer(200, self._marked(entity, deleted=True, caller=caller))

    def _below(self, entity: Entity, request: Request, hard: bool, caller: Caller) -> None:
        inside = list(self.store.below(entity))
        if inside and request.query.get("recursive") != "true":
            raise Refused(400, f"{self.kind} {entity.doc['name']} is not empty")
        for each in inside:
            Entities(each.kind, self.store, self.profile).delete(each.id, request, caller)

    def restore(self, request: Request, caller: Caller) -> Answer:
        entity = self.store.of_id(self.kind, self.json(request)["id"], "deleted")
        return Answer(200, self._marked(entity, deleted=False, caller=caller))

    def _marked(self, entity: Entity, *, deleted: bool, caller: Caller) -> Json:
        change = Change()
        change.value("deleted", entity.doc["deleted"], deleted)
        self._step(entity, {**entity.doc, "deleted": deleted}, change, caller)
        answer = self._unlinked_answer(entity, _EDITABLE)
        self._event("entitySoftDeleted" if deleted else "entityRestored", entity, answer, caller)
        return answer

    def _unlinked_answer(self, entity: Entity, fields: frozenset[str]) -> Json:
        """As some answers have it: the entity without its own link."""
        answer = self.store.shown(entity, set(fields))
        del answer["href"]
        return answer


def _include(request: Request) -> str:
    return request.query.get("include", "non-deleted")


def _is_plain(value: Any) -> bool:
    """Whether a property holds no reference."""
    return not any(isinstance(each, Ref) for each in (value if isinstance(value, list) else [value]))


def _label_lists(doc: Json) -> Iterator[list[Json]]:
    """The tags of the entity, then those of each of its columns."""
    yield doc.get("tags") or []
    yield from (column.get("tags") or [] for column in doc.get("columns") or [])
