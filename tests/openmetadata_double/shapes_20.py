"""The requests that a 2.0 server takes: what the models that the SDK was generated with say."""

from __future__ import annotations

import importlib
import types
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from functools import cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, RootModel

from tests.openmetadata_double.shapes import Enumeration, Shape

_REQUESTS = {
    "table": ("api.data.createTable", "CreateTableRequest"),
    "database": ("api.data.createDatabase", "CreateDatabaseRequest"),
    "databaseSchema": ("api.data.createDatabaseSchema", "CreateDatabaseSchemaRequest"),
    "databaseService": ("api.services.createDatabaseService", "CreateDatabaseServiceRequest"),
    "storageService": ("api.services.createStorageService", "CreateStorageServiceRequest"),
    "container": ("api.data.createContainer", "CreateContainerRequest"),
    "classification": ("api.classification.createClassification", "CreateClassificationRequest"),
    "tag": ("api.classification.createTag", "CreateTagRequest"),
    "user": ("api.teams.createUser", "CreateUserRequest"),
    "domain": ("api.domains.createDomain", "CreateDomainRequest"),
    "glossary": ("api.data.createGlossary", "CreateGlossaryRequest"),
    "glossaryTerm": ("api.data.createGlossaryTerm", "CreateGlossaryTermRequest"),
    "sampleData": ("entity.data.table", "TableData"),
    "tableProfile": ("api.data.createTableProfile", "CreateTableProfileRequest"),
    "lineage": ("api.lineage.addLineage", "AddLineageRequest"),
}
_ENTITIES = {
    "table": ("entity.data.table", "Table"),
    "database": ("entity.data.database", "Database"),
    "databaseSchema": ("entity.data.databaseSchema", "DatabaseSchema"),
    "databaseService": ("entity.services.databaseService", "DatabaseService"),
    "storageService": ("entity.services.storageService", "StorageService"),
    "container": ("entity.data.container", "Container"),
    "classification": ("entity.classification.classification", "Classification"),
    "tag": ("entity.classification.tag", "Tag"),
    "user": ("entity.teams.user", "User"),
    "domain": ("entity.domains.domain", "Domain"),
    "glossary": ("entity.data.glossary", "Glossary"),
    "glossaryTerm": ("entity.data.glossaryTerm", "GlossaryTerm"),
}
# A connection is one of a hundred classes, each of which the server tells by its type alone.
_UNREAD = frozenset({"connection", "authenticationMechanism", "lineageDetails", "children", "jsonSchema"})


def _model(place: tuple[str, str]) -> type[BaseModel]:
    module = importlib.import_module(f"metadata.generated.schema.{place[0]}")
    found: type[BaseModel] = getattr(module, place[1])
    return found


def load() -> None:
    """Import every model now: it takes seconds, and a request that waited for it would run out of time."""
    for kind in _REQUESTS:
        shape(kind)
    for kind in _ENTITIES:
        fields(kind)


@cache
def shape(kind: str) -> Shape:
    """What a request for this kind may hold."""
    return _shape_of(_model(_REQUESTS[kind]))


@cache
def shape_112(kind: str) -> Shape:
    """The same for a 1.12 server, which was seen to take columns' names of any length."""
    found = shape(kind)
    if "columns" not in found.nested:
        return found
    unlimited = replace(found.nested["columns"], longest_name=None)
    return replace(found, nested={**found.nested, "columns": unlimited})


@cache
def fields(kind: str) -> tuple[str, ...]:
    """The names that `?fields=` takes for this kind."""
    return tuple(name for name, _, _ in _properties(_model(_ENTITIES[kind])))


@cache
def _shape_of(model: type[BaseModel]) -> Shape:
    nested, lists, enumerations, required, longest = {}, set(), {}, [], None
    properties = tuple(_properties(model))
    for name, annotation, needed in properties:
        held, is_list = _held(annotation)
        if needed:
            required.append(name)
        if is_list:
            lists.add(name)
        if name == "name":
            longest = _longest(annotation)
        if isinstance(held, type) and issubclass(held, Enum):
            enumerations[name] = Enumeration(_java(held), frozenset(str(each.value) for each in held))
        elif _is_class(held) and name not in _UNREAD:
            nested[name] = _shape_of(held)
    names = tuple(name for name, _, _ in properties)
    return Shape(_java(model), names, tuple(required), nested, frozenset(lists), enumerations, longest)


def _properties(model: type[BaseModel]) -> Iterator[tuple[str, Any, bool]]:
    for name, info in model.model_fields.items():
        yield info.alias or name, info.annotation, info.is_required()


def _held(annotation: Any) -> tuple[Any, bool]:
    """The class that a property or each item of its list holds, and whether it is a list."""
    if get_origin(annotation) in (Union, types.UnionType):
        choices = [each for each in get_args(annotation) if each is not type(None)]
        return _held(choices[0]) if len(choices) == 1 else (None, False)
    if get_origin(annotation) is list:
        return _held(get_args(annotation)[0])[0], True
    if isinstance(annotation, type) and issubclass(annotation, RootModel):
        inner, is_list = _held(annotation.model_fields["root"].annotation)
        return (inner, True) if is_list else (annotation, False)
    return annotation, False


def _longest(annotation: Any) -> int | None:
    """The most characters a name may have; None where the model does not say."""
    held, _ = _held(annotation)
    if not (isinstance(held, type) and issubclass(held, RootModel)):
        return None
    limits = [getattr(each, "max_length", None) for each in held.model_fields["root"].metadata]
    return next((limit for limit in limits if limit), 256)


def _is_class(held: Any) -> bool:
    """Whether this is a model with properties, not a wrapped value."""
    return isinstance(held, type) and issubclass(held, BaseModel) and not issubclass(held, RootModel)


def _java(model: type) -> str:
    return f"org.openmetadata.schema.{model.__name__.removesuffix('Request')}"
