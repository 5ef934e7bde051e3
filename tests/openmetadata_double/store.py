"""Entities in memory: found by id and by fully qualified name, with their earlier versions and the events."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from tests.openmetadata_double.answers import Json, not_found

# Where each kind of entity is served.
COLLECTIONS = {
    "databaseService": "services/databaseServices",
    "storageService": "services/storageServices",
    "database": "databases",
    "databaseSchema": "databaseSchemas",
    "table": "tables",
    "container": "containers",
    "classification": "classifications",
    "tag": "tags",
    "user": "users",
    "bot": "bots",
    "team": "teams",
    "role": "roles",
    "domain": "domains",
    "glossary": "glossaries",
    "glossaryTerm": "glossaryTerms",
    "dataContract": "dataContracts",
    "testSuite": "dataQuality/testSuites",
    "testCase": "dataQuality/testCases",
}

# Given only where `?fields=` asks for them, or where the request held them.
ON_REQUEST = frozenset(
    [
        "tags",
        "owner",
        "owners",
        "domains",
        "followers",
        "profile",
        "sampleData",
        "children",
        "teams",
        "roles",
        "inheritedRoles",
        "usageSummary",
        "dataProducts",
    ]
)


@dataclass(frozen=True)
class Ref:
    """One entity named by another; rendered with what that entity is called when it is read."""

    kind: str
    id: str


@dataclass
class Entity:
    """`doc` holds the properties, references among them as `Ref`."""

    kind: str
    doc: Json
    earlier: list[str] = field(default_factory=list)
    """Versions before this one as JSON, newest first."""
    snapshots: list[Json] = field(default_factory=list)
    """Their properties, in the same order."""

    @property
    def id(self) -> str:
        return str(self.doc["id"])

    @property
    def fqn(self) -> str:
        return str(self.doc["fullyQualifiedName"])

    @property
    def ref(self) -> Ref:
        return Ref(self.kind, self.id)


def compact(value: object) -> str:
    """JSON as the server writes it into a field of another answer."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Store:
    def __init__(self) -> None:
        self._entities: dict[str, Entity] = {}
        self.edges: list[tuple[Ref, Ref, Json | None]] = []
        self.events: list[Json] = []
        self.profiles: dict[str, list[tuple[str, Json]]] = {}
        """Table id to (column name, profile), in the order given; "" is the table itself."""
        self.session = 600_000
        """Milliseconds in which a user's edits are put together."""
        self.base = ""
        """Where the API is served, for links."""
        self._last = 0

    # --- Time and identity --------------------------------------------------------------------------------

    def now(self) -> int:
        """Milliseconds since 1970; no two are the same."""
        self._last = max(self._last + 1, time.time_ns() // 1_000_000)
        return self._last

    def add(self, kind: str, doc: Json, user: str) -> Entity:
        stamp = {"id": str(uuid.uuid4()), "version": 0.1, "updatedAt": self.now(), "updatedBy": user}
        entity = Entity(kind, {**stamp, "deleted": False, **doc})
        self._entities[entity.id] = entity
        return entity

    def remove(self, entity: Entity) -> None:
        del self._entities[entity.id]
        self.profiles.pop(entity.id, None)
        self.edges = [edge for edge in self.edges if entity.ref not in edge[:2]]

    @contextmanager
    def untouched(self) -> Iterator[None]:
        """What the block does to the entities is undone after it."""
        held = deepcopy((self._entities, self.edges, self.events, self.profiles))
        try:
            yield
        finally:
            self._entities, self.edges, self.events, self.profiles = held

    # --- Finding ------------------------------------------------------------------------------------------

    def all(self, kind: str) -> list[Entity]:
        """Of this kind, soft-deleted ones too, by fully qualified name."""
        found = [entity for entity in self._entities.values() if entity.kind == kind]
        return sorted(found, key=lambda entity: entity.fqn)

    def named(self, kind: str, fqn: str) -> Entity | None:
        return next((each for each in self._entities.values() if each.kind == kind and each.fqn == fqn), None)

    def of_name(self, kind: str, fqn: str, include: str = "non-deleted") -> Entity:
        """Refused(404) where there is none; `include` is `non-deleted`, `deleted` or `all`."""
        found = self.named(kind, fqn)
        if found is None or not included(found, include):
            raise not_found(kind, fqn)
        return found

    def of_id(self, kind: str, key: str, include: str = "non-deleted") -> Entity:
        found = self._entities.get(key)
        if found is None or found.kind != kind or not included(found, include):
            raise not_found(kind, key)
        return found

    def below(self, entity: Entity) -> Iterator[Entity]:
        """What lies directly in this one."""
        for each in list(self._entities.values()):
            if each.doc.get("_parent") == entity.ref:
                yield each

    # --- Showing ------------------------------------------------------------------------------------------

    def shown(self, entity: Entity, fields: set[str], *, links: bool = True) -> Json:
        """As the API gives it: with the fields asked for, without what is empty."""
        shown = {
            name: self._rendered(value, links)
            for name, value in entity.doc.items()
            if value is not None and not name.startswith("_") and (name not in ON_REQUEST or name in fields)
        }
        if "columns" in shown and entity.kind == "table":
            shown["columns"] = [_column(column, "tags" in fields) for column in shown["columns"]]
        if shown.get("deleted") and "owners" in shown:
            shown["owners"] = []
        if links:
            shown["href"] = self._link(entity)
        return shown

    def reference(self, ref: Ref, *, links: bool = True) -> Json:
        entity = self._entities[ref.id]
        shown = {"id": ref.id, "type": ref.kind}
        for name in ("name", "fullyQualifiedName", "description", "displayName", "deleted"):
            if entity.doc.get(name) is not None:
                shown[name] = entity.doc[name]
        return {**shown, "href": self._link(entity)} if links else shown

    def _rendered(self, value: Any, links: bool) -> Any:
        if isinstance(value, Ref):
            return self.reference(value, links=links)
        if isinstance(value, list):
            return [self._rendered(each, links) for each in value]
        return deepcopy(value)

    def _link(self, entity: Entity) -> str:
        return f"{self.base}/v1/{COLLECTIONS[entity.kind]}/{entity.id}"


def included(entity: Entity, include: str) -> bool:
    deleted = bool(entity.doc["deleted"])
    return {"all": True, "deleted": deleted}.get(include, not deleted)


def _column(column: Json, with_tags: bool) -> Json:
    if with_tags:
        return column
    bare = {name: value for name, value in column.items() if name != "tags"}
    if "children" in bare:
        bare["children"] = [_column(each, with_tags) for each in bare["children"]]
    return bare
