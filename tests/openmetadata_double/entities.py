"""The requests that every kind of entity takes: create or update, look up, list, patch, delete, restore."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
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
        if self.profile.folds and not (caller.bot or caller.admin):
            raise Refused(
                403, f"Principal: CatalogPrincipal{{name='{caller.name}'}} operations [EditAll] not allowed"
            )
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
        return set(body) & ON_REQUEST | ({"owners"} if self.profile.folds else set())

    def _untagged(self, doc: Json) -> Json:
        bare = dict(doc)
        if self.kind not in _UNTAGGED:
            bare["tags"] = []
        if self.kind == "table":
            bare["columns"] = _columns_with(doc["columns"], lambda tags: [])
        return bare

    def _tagged(self, doc: Json) -> Json:
        """The parts with tags as a create answers them: tags where the request had any."""
        told: Json = {"tags": self.labels.stored(doc["tags"]) if "tags" in doc else None}
        if self.kind == "table":
            told["columns"] = self._with_labels(doc["columns"])
        if model := doc.get("dataModel"):
            told["dataModel"] = {**model, "columns": self._with_labels(model["columns"])}
        return told

    def _with_labels(self, columns: Sequence[Json]) -> list[Json]:
        return _columns_with(columns, lambda tags: None if tags is None else self.labels.stored(tags))

    def _kept_tags(self, doc: Json) -> Json:
        told = self._tagged(doc)
        kept: Json = {} if self.kind in _UNTAGGED else {"tags": told["tags"] or []}
        if "columns" in told:
            kept["columns"] = _columns_with(told["columns"], lambda tags: tags or [])
        if "dataModel" in told:
            kept["dataModel"] = told["dataModel"]
        return kept

    def _merger(self, *, adds: bool, caller: Caller, folded: Json | None = None) -> Merger:
        return Merger(self.labels, adds=adds, by_bot=caller.bot, keeps=self.profile.folds, folded=folded)

    def _finished(self, entity: Entity, merge: Merge, caller: Caller, fields: set[str]) -> Json:
        """Store the outcome as a new version where something changed; the answer to give."""
        before = entity.doc["version"]
        if merge.change:
            self._step(entity, merge.kept, merge.change, caller)
        else:
            entity.doc = merge.kept
        return self._told(entity, merge, before, caller, fields)

    def _told(self, entity: Entity, merge: Merge, before: float, caller: Caller, fields: set[str]) -> Json:
        stamp = {name: entity.doc[name] for name in ("version", "updatedAt", "updatedBy")}
        shown = {**merge.shown, **stamp, "changeDescription": merge.change.told(before)}
        answer = self.store.shown(Entity(self.kind, shown), fields | {"tags"})
        if merge.change:
            self._event("entityUpdated", entity, answer, caller)
        return answer

    def _step(self, entity: Entity, doc: Json, change: Change, caller: Caller) -> None:
        entity.earlier.insert(0, compact(self.store.shown(entity, set(_EDITABLE), links=False)))
        entity.snapshots.insert(0, entity.doc)
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
        matched = self.profile.folds and request.if_match is not None
        if matched and request.if_match not in (f'W/"{entity.doc["version"]}"', etag(entity)):
            raise Refused(
                412,
                f"The entity has been modified. Current ETag: {etag(entity)}. Please refresh and retry with "
                "the latest version.",
            )
        told = self._edited(entity, self.json(request), request.text, caller, matched=matched)
        return Answer(200, told, self._tag_of(entity))

    def _tag_of(self, entity: Entity) -> str | None:
        return etag(entity) if self.profile.folds else None

    def _edited(
        self, entity: Entity, operations: Any, text: str, caller: Caller, *, matched: bool = False
    ) -> Json:
        base = self.store.shown(entity, set(_EDITABLE), links=False)
        wanted = self._unlinked(patched(base, operations), entity, text)
        for labels in _label_lists(wanted):
            self.labels.refuse_exclusive(by_name(labels))
        merge = self._merger(adds=False, caller=caller).merge(entity.doc, wanted)
        if not self.profile.folds:
            return self._finished(entity, merge, caller, set(_EDITABLE))
        if matched and not self.profile.stores_columns_if_matched:
            wanted |= {name: entity.doc[name] for name in ("columns", "dataModel") if name in entity.doc}
        version = entity.doc["version"]
        stored = self._stored(entity, wanted, caller, matched=matched)
        return self._told(entity, Merge(entity.doc, merge.shown, stored), version, caller, set(_EDITABLE))

    def _stored(self, entity: Entity, wanted: Json, caller: Caller, *, matched: bool) -> Change:
        """Store a PATCH as newer servers do: a user's edits of ten minutes are one version."""
        folded = entity.snapshots[0] if not matched and self._is_folded(entity, caller) else None
        merge = self._merger(adds=False, caller=caller, folded=folded).merge(entity.doc, wanted)
        if folded is None:
            if merge.change:
                self._step(entity, merge.kept, merge.change, caller)
            return merge.change
        whole = self._merger(adds=False, caller=caller).merge(folded, wanted).change
        stamp = {
            name: folded.get(name) for name in ("version", "updatedAt", "updatedBy", "changeDescription")
        }
        if whole:
            stamp = {
                "version": whole.version_after(folded["version"]),
                "updatedAt": self.store.now(),
                "updatedBy": caller.name,
                "changeDescription": whole.told(folded["version"]),
            }
        else:
            del entity.snapshots[0], entity.earlier[0]
        entity.doc = {**merge.kept, **stamp}
        return merge.change

    def _is_folded(self, entity: Entity, caller: Caller) -> bool:
        doc = entity.doc
        recent = time.time() * 1000 - doc["updatedAt"] <= self.store.session
        return bool(entity.snapshots) and recent and doc["updatedBy"] == caller.name and not doc["deleted"]

    def _unlinked(self, wanted: Json, entity: Entity, text: str) -> Json:
        """The patched document with references as the store keeps them; the rest is as before."""
        doc = dict(entity.doc)
        doc |= {name: value for name, value in wanted.items() if _is_plain(entity.doc.get(name))}
        doc |= {name: wanted.get(name) for name in ("description", "displayName", "size") if name in doc}
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
        entity = self.store.of_id(self.kind, key, _include(request))
        return Answer(200, self.store.shown(entity, fields), self._tag_of(entity))

    def by_fqn(self, fqn: str, request: Request) -> Answer:
        fields = self._fields(request)
        entity = self.store.of_name(self.kind, fqn, _include(request))
        return Answer(200, self.store.shown(entity, fields), self._tag_of(entity))

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
        if self.profile.folds:  # Its answer still tells whose it was.
            answer["owners"] = self.store.shown(
                Entity(self.kind, {**entity.doc, "deleted": False}), {"owners"}
            ).get("owners")
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


def etag(entity: Entity) -> str:
    """Of a stored entity, as newer servers give it: another one with each version and time of update."""
    known = f"{entity.id} {entity.doc['version']} {entity.doc['updatedAt']}"
    return f'"{hashlib.sha256(known.encode()).hexdigest()[:16]}"'


def _columns_with(columns: Sequence[Json], tags: Callable[[Any], Any]) -> list[Json]:
    """The columns with other tags, those inside of them too. `tags`: from tags or None to tags or None."""
    changed = []
    for column in columns:
        told = {**column, "tags": tags(column.get("tags"))}
        if children := column.get("children"):
            told["children"] = _columns_with(children, tags)
        changed.append({name: value for name, value in told.items() if value is not None})
    return changed


def _label_lists(doc: Json) -> Iterator[list[Json]]:
    """The tags of the entity, then those of each of its columns, and of the columns of a file."""
    yield doc.get("tags") or []
    yield from _labels_below(doc.get("columns") or [])
    yield from _labels_below((doc.get("dataModel") or {}).get("columns") or [])


def _labels_below(columns: Sequence[Json]) -> Iterator[list[Json]]:
    for column in columns:
        yield column.get("tags") or []
        yield from _labels_below(column.get("children") or [])
