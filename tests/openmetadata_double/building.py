"""From a create request to the entity that it asks for; a Refused where something it names is not there."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tests.openmetadata_double.answers import Json, Refused
from tests.openmetadata_double.names import below, quoted
from tests.openmetadata_double.store import Entity, Ref, Store

_WITH_LENGTH = {"CHAR", "VARCHAR", "BINARY", "VARBINARY"}
# The order in which the server writes a column.
COLUMN_ORDER = [
    "name",
    "displayName",
    "dataType",
    "arrayDataType",
    "dataLength",
    "precision",
    "scale",
    "dataTypeDisplay",
    "description",
    "fullyQualifiedName",
    "tags",
    "constraint",
    "ordinalPosition",
    "jsonSchema",
    "children",
    "customMetrics",
    "profile",
    "extension",
]


class Builder:
    def __init__(self, store: Store, owner: str) -> None:
        self._store = store
        self._owner = owner

    def built(self, kind: str, body: Json) -> Json:
        """The properties of the entity; `_parent` is what it lies in."""
        plain = {name: value for name, value in body.items() if value is not None}
        doc: Json = {**plain, **getattr(self, f"_{kind}")(plain)}
        if owners := plain.get(self._owner):
            doc[self._owner] = self._owners(owners)
        if domains := plain.get("domains"):
            doc["domains"] = [self._store.of_name("domain", fqn).ref for fqn in domains]
        return doc

    def _owners(self, owners: Any) -> Any:
        if isinstance(owners, list):
            return [self.owner(each) for each in owners]
        return self.owner(owners)

    def owner(self, reference: Json) -> Ref:
        return self._store.of_id(reference["type"], reference["id"]).ref

    # --- Services -----------------------------------------------------------------------------------------

    def _databaseService(self, body: Json) -> Json:
        return {"fullyQualifiedName": quoted(body["name"])}

    _storageService = _databaseService

    def _database(self, body: Json) -> Json:
        service = self._store.of_name("databaseService", body["service"])
        return {"default": False, **self._in(service, body), **self._service(service)}

    def _databaseSchema(self, body: Json) -> Json:
        database = self._store.of_name("database", body["database"])
        return {
            **self._in(database, body),
            **_of(database, "service", "serviceType"),
            "database": database.ref,
        }

    def _table(self, body: Json) -> Json:
        schema = self._store.of_name("databaseSchema", body["databaseSchema"])
        doc = self._in(schema, body)
        above = {**_of(schema, "database", "service", "serviceType"), "databaseSchema": schema.ref}
        return {
            **doc,
            **above,
            "columns": columns(body["columns"], doc["fullyQualifiedName"]),
            "followers": [],
        }

    def _container(self, body: Json) -> Json:
        service = self._store.of_name("storageService", body["service"])
        parent = self._store.of_id("container", body["parent"]["id"]) if "parent" in body else None
        doc = {**self._in(parent or service, body), **self._service(service)}
        if parent:
            doc["parent"] = parent.ref
        if model := body.get("dataModel"):
            doc["dataModel"] = {**model, "columns": _bare(model["columns"], doc["fullyQualifiedName"])}
        return doc

    def _in(self, parent: Entity, body: Json) -> Json:
        return {"fullyQualifiedName": below(parent.fqn, body["name"]), "_parent": parent.ref}

    def _service(self, service: Entity) -> Json:
        return {"service": service.ref, "serviceType": service.doc["serviceType"]}

    # --- Tags, people, domains ----------------------------------------------------------------------------

    def _classification(self, body: Json) -> Json:
        return {"fullyQualifiedName": quoted(body["name"]), **_exclusive(body)}

    def _tag(self, body: Json) -> Json:
        if parent := body.get("parent"):
            above = self._store.of_name("tag", parent)
            place = {"parent": above.ref, "classification": above.doc["classification"]}
        elif "classification" in body:
            above = self._store.of_name("classification", body["classification"])
            place = {"classification": above.ref}
        else:
            raise Refused(400, "[classification must not be null]")
        return {**self._in(above, body), **place, **_exclusive(body), "deprecated": False}

    def _user(self, body: Json) -> Json:
        """Everyone is in the one team that there is, and may read."""
        organization = self._store.of_name("team", "Organization").ref
        consumer = self._store.of_name("role", "DataConsumer").ref
        return {
            "fullyQualifiedName": quoted(body["name"]),
            "isAdmin": bool(body.get("isAdmin")),
            "teams": [organization],
            "inheritedRoles": [consumer],
        }

    def _domain(self, body: Json) -> Json:
        return {"fullyQualifiedName": quoted(body["name"])}

    def _glossary(self, body: Json) -> Json:
        return {"fullyQualifiedName": quoted(body["name"]), **_exclusive(body)}

    def _glossaryTerm(self, body: Json) -> Json:
        above = self._store.of_name("glossary", body["glossary"])
        empty: Json = {"synonyms": [], "references": []}
        return {**empty, **self._in(above, body), "glossary": above.ref, **_exclusive(body)}


def columns(wanted: Iterable[Json], table: str, *, inside: bool = False) -> list[Json]:
    """Columns of a table as the server keeps them; 400 for a repeated name or a length that is missing.

    `inside`: they are fields of a column, for whose types the server adds no text.
    """
    seen: set[str] = set()
    kept = []
    for column in wanted:
        if column["name"] in seen:
            raise Refused(400, f"Column name {column['name']} is repeated")
        seen.add(column["name"])
        if column["dataType"] in _WITH_LENGTH and column.get("dataLength") is None:
            types = "char, varchar, binary, varbinary"
            raise Refused(400, f"For column data types {types} dataLength must not be null")
        shown = {} if inside else {"dataTypeDisplay": column["dataType"].lower()}
        told = {**shown, **_given(column)}
        told["fullyQualifiedName"] = below(table, column["name"])
        if children := column.get("children"):
            told["children"] = columns(children, told["fullyQualifiedName"], inside=True)
        kept.append({name: told[name] for name in COLUMN_ORDER if name in told})
    return kept


def _bare(wanted: Iterable[Json], container: str) -> list[Json]:
    """Columns of a file: the server adds no text for the type."""
    return [{**_given(each), "fullyQualifiedName": below(container, each["name"])} for each in wanted]


def _given(column: Json) -> Json:
    return {name: value for name, value in column.items() if value is not None}


def _of(entity: Entity, *names: str) -> Json:
    return {name: entity.doc[name] for name in names}


def _exclusive(body: Json) -> Json:
    return {"mutuallyExclusive": bool(body.get("mutuallyExclusive"))}
