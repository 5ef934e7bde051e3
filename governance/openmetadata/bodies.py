"""Request bodies, made with the SDK's models and adapted to older servers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from datasets.tables.nesting import Nested
from governance.catalog.contract import CatalogColumn, CatalogFile, CatalogRefused, CatalogTable, Evidence
from governance.catalog.names import catalog_names

Body = dict[str, Any]
# The uploadable formats that every server knows.
FILE_FORMATS = frozenset({"csv", "tsv", "parquet"})
# Characters of a nested type that are shown beside its column.
DISPLAYED = 1_000


def label(tag: str, *, confirmed: bool, evidence: Evidence | None = None, copied: bool = False) -> Body:
    """A tag as a label on a table or column: a person's is Manual, a classifier's Automated.

    `copied`: nobody set it; it is a copy of another object's tag, in whatever state.
    """
    said = _evidence(tag, evidence) if evidence and not confirmed else {}
    return {
        "tagFQN": tag,
        "source": "Classification",
        "labelType": "Manual" if confirmed and not copied else "Automated",
        "state": "Confirmed" if confirmed else "Suggested",
        **said,
    }


def _evidence(tag: str, evidence: Evidence) -> Body:
    """Why a classifier suggests the tag, as servers from 1.12 on show it."""
    recogniser = {
        "recognizerId": str(uuid5(NAMESPACE_URL, f"omdplatform:{evidence.recogniser}")),
        "recognizerName": evidence.recogniser,
        "score": evidence.score,
        "target": "content",
    }
    return {"reason": evidence.reason, "metadata": {"recognizer": recogniser}}


def labels(
    tags: Collection[str],
    confirmed: Collection[str] = (),
    evidence: Mapping[str, Evidence] = MappingProxyType({}),
    *,
    copied: bool = False,
) -> list[Body]:
    return [
        label(tag, confirmed=tag in confirmed, evidence=evidence.get(tag), copied=copied)
        for tag in sorted(tags)
    ]


def owners(owner_id: str | None, *, many: bool) -> Body:
    """The owner property of an object; {} for nobody. `many`: the server takes `owners`."""
    if owner_id is None:
        return {}
    reference = {"id": owner_id, "type": "user"}
    return {"owners": [reference]} if many else {"owner": reference}


def table(wanted: CatalogTable, schema_fqn: str, owned: Body) -> Body:
    """The complete table in one body. `owned`: the result of `owners`."""
    from metadata.generated.schema.api.data.createTable import CreateTableRequest

    return _body(
        CreateTableRequest,
        {
            "name": wanted.name,
            "displayName": wanted.display_name,
            **_described(wanted.description),
            "databaseSchema": schema_fqn,
            "columns": columns(wanted),
            "tags": labels(wanted.tags),
            **({"sourceUrl": wanted.source_url} if wanted.source_url else {}),
            **({"retentionPeriod": f"P{wanted.retention_days}D"} if wanted.retention_days else {}),
            **({"fileFormat": wanted.file_format} if wanted.file_format in FILE_FORMATS else {}),
        },
        owned,
    )


def columns(wanted: CatalogTable) -> list[Body]:
    return [_column(column) for column in wanted.columns]


def _column(column: CatalogColumn) -> Body:
    return {
        "name": column.name,
        "displayName": column.display_name,
        **_typed(column),
        **_described(column.description),
        "tags": labels(column.tags, column.confirmed, column.evidence),
    }


def _typed(column: CatalogColumn) -> Body:
    return _built(column.nested) if column.nested else {"dataType": _data_type(column.type.value)}


def _data_type(kind: str) -> str:
    """What OpenMetadata calls a type of ours."""
    return "INTERVAL" if kind == "DURATION" else kind


def _built(shape: Nested) -> Body:
    """The type of a nested column or of a field in it, as the SDK's own connectors write it."""
    if not shape.parts:
        return {"dataType": _data_type(shape.kind)}
    body: Body = {"dataType": shape.kind, "dataTypeDisplay": shape.display()[:DISPLAYED]}
    holder = shape
    if shape.kind == "ARRAY":
        holder = shape.parts[0]
        body["arrayDataType"] = _data_type(holder.kind)
    if holder.kind == "STRUCT":
        names = catalog_names([part.name for part in holder.parts])
        fields = zip(names, holder.parts, strict=True)
        body["children"] = [{"name": name, **_built(part)} for name, part in fields]
    return body


def database_service(name: str) -> Body:
    from metadata.generated.schema.api.services.createDatabaseService import CreateDatabaseServiceRequest

    return _service(CreateDatabaseServiceRequest, name, "CustomDatabase")


def _service(request: Any, name: str, kind: str) -> Body:
    connection = {"config": {"type": kind, "sourcePythonClass": name}}
    return _body(request, {"name": name, "serviceType": kind, "connection": connection})


def database(name: str, service: str) -> Body:
    from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest

    return _body(CreateDatabaseRequest, {"name": name, "service": service})


def schema(name: str, database_fqn: str) -> Body:
    from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest

    return _body(CreateDatabaseSchemaRequest, {"name": name, "database": database_fqn})


def storage_service(name: str) -> Body:
    from metadata.generated.schema.api.services.createStorageService import CreateStorageServiceRequest

    return _service(CreateStorageServiceRequest, name, "CustomStorage")


def bucket(name: str, service: str) -> Body:
    from metadata.generated.schema.api.data.createContainer import CreateContainerRequest

    return _body(CreateContainerRequest, {"name": name, "service": service})


def file(name: str, wanted: CatalogFile, service: str, bucket_id: str, owned: Body) -> Body:
    """`owned`: the result of `owners`."""
    from metadata.generated.schema.api.data.createContainer import CreateContainerRequest

    kind = wanted.display_name.rpartition(".")[2].lower()
    return _body(
        CreateContainerRequest,
        {
            "name": name,
            "displayName": wanted.display_name,
            "service": service,
            "parent": {"id": bucket_id, "type": "container"},
            **({"size": wanted.size} if wanted.size is not None else {}),
            "numberOfObjects": 1,
            **({"fileFormats": [kind]} if kind in FILE_FORMATS else {}),
            "tags": labels(wanted.tags, wanted.confirmed, copied=True),
            "dataModel": {
                "isPartitioned": False,
                "columns": [
                    {
                        "name": column.name,
                        **_typed(column),
                        "tags": labels(column.tags, column.confirmed, copied=True),
                    }
                    for column in wanted.columns
                ],
            },
        },
        owned,
    )


def lineage(source: tuple[str, str], target: tuple[str, str], pairs: Sequence[tuple[str, str]]) -> Body:
    """`source`, `target`: (kind, id), such as ("table", "…"). `pairs`: columns by full name."""
    from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest

    ends = {
        end: {"type": kind, "id": key} for end, (kind, key) in (("fromEntity", source), ("toEntity", target))
    }
    told = [{"fromColumns": [one], "toColumn": other} for one, other in pairs]
    details = {"lineageDetails": {"columnsLineage": told}} if told else {}
    return _body(AddLineageRequest, {"edge": {**ends, **details}})


def user(name: str, email: str, display_name: str) -> Body:
    from metadata.generated.schema.api.teams.createUser import CreateUserRequest

    return _body(CreateUserRequest, {"name": name, "email": email, "displayName": display_name})


def classification(name: str, description: str, *, exclusive: bool) -> Body:
    from metadata.generated.schema.api.classification.createClassification import CreateClassificationRequest

    return _body(
        CreateClassificationRequest,
        {"name": name, "description": description or name, "mutuallyExclusive": exclusive},
    )


def tag(name: str, classification: str, description: str) -> Body:
    from metadata.generated.schema.api.classification.createTag import CreateTagRequest

    return _body(
        CreateTagRequest, {"name": name, "classification": classification, "description": description or name}
    )


def profile(names: Sequence[str], counts: Sequence[Body], at: datetime) -> Body:
    """Figures by column, in the order of `names`. `counts`: ColumnProfile.counts_only() or more."""
    from metadata.generated.schema.api.data.createTableProfile import CreateTableProfileRequest

    # Milliseconds, which every server accepts.
    moment = int(at.timestamp() * 1000)
    return _body(
        CreateTableProfileRequest,
        {
            "tableProfile": {
                "timestamp": moment,
                "rowCount": counts[0]["rows"],
                "columnCount": len(names),
            },
            "columnProfile": [
                {"name": name, "timestamp": moment, **_figures(column)}
                for name, column in zip(names, counts, strict=True)
            ],
        },
    )


def _figures(column: Body) -> Body:
    rows, nulls = column["rows"], column["nulls"]
    values = rows - nulls
    figures: Body = {"valuesCount": values, "nullCount": nulls, "distinctCount": column["distinct"]}
    if rows:
        figures["nullProportion"] = nulls / rows
    if values:
        figures["distinctProportion"] = column["distinct"] / values
    return {**figures, **_spread(column)}


def _spread(column: Body) -> Body:
    """Range, mean, deviation and histogram of numbers, if the profile has them."""
    if column.get("mean") is None:
        return {}
    told: Body = {"mean": column["mean"], "min": float(column["min"]), "max": float(column["max"])}
    if column["stddev"] is not None:
        told["stddev"] = column["stddev"]
    if bins := column["histogram"]:
        told["histogram"] = {
            "boundaries": [f"{low:g} to {high:g}" for low, high, _ in bins],
            "frequencies": [rows for _, _, rows in bins],
        }
    return told


def _described(description: str) -> Body:
    return {"description": description} if description else {}


def _body(model: Any, content: Body, owned: Body | None = None) -> Body:
    """The properties that were set, without defaults: older servers refuse properties that they do not know.

    `owned` is added as it is: the models know only one of its two forms.
    """
    from pydantic import ValidationError

    try:
        body: Body = model.model_validate(content).model_dump(mode="json", by_alias=True, exclude_unset=True)
    except ValidationError as error:
        # Its own text quotes its input.
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise CatalogRefused(f"OpenMetadata takes no such {model.__name__}: {problems}") from None
    return {**body, **(owned or {})}
