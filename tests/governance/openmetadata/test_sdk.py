"""The real SDK speaks to the double in both versions, and takes what it answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.openmetadata_double import Double, running

SCHEMA = "svc.lake.owner-1"
TABLE = f"{SCHEMA}.people"


@pytest.fixture(params=["1.1", "2.0"])
def double(request: pytest.FixtureRequest) -> Iterator[Double]:
    """A server with nothing but what is built in, in each version."""
    with running(request.param) as double:
        yield double


def label(tag: str) -> dict[str, str]:
    return {"tagFQN": tag, "source": "Classification", "labelType": "Manual", "state": "Confirmed"}


def column(name: str, *tags: str, type: str = "STRING") -> dict[str, Any]:
    return {"name": name, "dataType": type, "tags": [label(tag) for tag in tags]}


def sdk(double: Double) -> Any:
    """The SDK's client, which compares the versions of both sides where they can agree."""
    from metadata.generated.schema.entity.services.connections.metadata.openMetadataConnection import (
        AuthProvider,
        OpenMetadataConnection,
    )
    from metadata.generated.schema.security.client.openMetadataJWTClientConfig import (
        OpenMetadataJWTClientConfig,
    )
    from metadata.ingestion.ometa.ometa_api import OpenMetadata

    return OpenMetadata(
        OpenMetadataConnection(
            hostPort=double.url,
            authProvider=AuthProvider.openmetadata,
            securityConfig=OpenMetadataJWTClientConfig.model_validate({"jwtToken": double.bot_token}),
            enableVersionValidation=double.profile == "2.0",
        )
    )


def sdk_table(client: Any) -> Any:
    """A table of three columns with tags, below a service, a database and a schema, all made with the SDK."""
    from metadata.generated.schema.api.data.createDatabase import CreateDatabaseRequest
    from metadata.generated.schema.api.data.createDatabaseSchema import CreateDatabaseSchemaRequest
    from metadata.generated.schema.api.data.createTable import CreateTableRequest
    from metadata.generated.schema.api.services.createDatabaseService import CreateDatabaseServiceRequest

    config = {"type": "CustomDatabase", "sourcePythonClass": "omdplatform"}
    client.create_or_update(
        CreateDatabaseServiceRequest.model_validate(
            {"name": "svc", "serviceType": "CustomDatabase", "connection": {"config": config}}
        )
    )
    client.create_or_update(CreateDatabaseRequest.model_validate({"name": "lake", "service": "svc"}))
    client.create_or_update(
        CreateDatabaseSchemaRequest.model_validate({"name": "owner-1", "database": "svc.lake"})
    )
    columns = [column("email", "PII.Sensitive"), column("age", type="INT"), column("city", "PII.None")]
    return client.create_or_update(
        CreateTableRequest.model_validate(
            {"name": "people", "databaseSchema": SCHEMA, "columns": columns, "tags": [label("Tier.Tier1")]}
        )
    )


def sdk_tags(table: Any) -> list[list[str]]:
    return [[tag.tagFQN.root for tag in each.tags] for each in table.columns]


def test_sdk_creates_patches_and_fetches(double: Double) -> None:
    from metadata.generated.schema.entity.data.table import Table
    from metadata.generated.schema.type.tagLabel import TagLabel

    client = sdk(double)
    created = sdk_table(client)
    assert created.fullyQualifiedName.root == TABLE
    fields = ["columns", "tags", "owners", "domains"] if double.profile == "2.0" else ["columns", "tags"]
    fetched = client.get_by_name(Table, TABLE, fields=fields)
    assert sdk_tags(fetched) == [["PII.Sensitive"], [], ["PII.None"]]
    wanted = fetched.model_copy(deep=True)
    wanted.columns[0].tags = [TagLabel.model_validate(label("PII.NonSensitive"))]
    wanted.columns[1].tags = [TagLabel.model_validate(label("PersonalData.Personal"))]
    wanted.columns[2].tags = []
    double.forget()
    assert client.patch(Table, fetched, wanted, override_metadata=True) is not None
    assert [(request.method, request.status) for request in double.requests] == [("PATCH", 200)]
    again = client.get_by_id(Table, created.id, fields=fields)
    assert sdk_tags(again) == [["PII.NonSensitive"], ["PersonalData.Personal"], []]
    assert again.version.root == 0.2


def test_sdk_registers_files_profiles_and_lineage(double: Double) -> None:
    from metadata.generated.schema.api.data.createContainer import CreateContainerRequest
    from metadata.generated.schema.api.data.createTableProfile import CreateTableProfileRequest
    from metadata.generated.schema.api.lineage.addLineage import AddLineageRequest
    from metadata.generated.schema.api.services.createStorageService import CreateStorageServiceRequest
    from metadata.generated.schema.entity.data.table import Table

    client = sdk(double)
    table = sdk_table(client)
    config = {"type": "CustomStorage", "sourcePythonClass": "omdplatform"}
    client.create_or_update(
        CreateStorageServiceRequest.model_validate(
            {"name": "files", "serviceType": "CustomStorage", "connection": {"config": config}}
        )
    )
    bucket = client.create_or_update(
        CreateContainerRequest.model_validate({"name": "raw-data", "service": "files"})
    )
    inside = {"id": bucket.id.root, "type": "container"}
    file = client.create_or_update(
        CreateContainerRequest.model_validate({"name": "people.csv", "service": "files", "parent": inside})
    )
    edge = {
        "fromEntity": {"id": file.id.root, "type": "container"},
        "toEntity": {"id": table.id.root, "type": "table"},
    }
    client.add_lineage(AddLineageRequest.model_validate({"edge": edge}))
    around = client.get_lineage_by_name(Table, TABLE)
    assert [node["fullyQualifiedName"] for node in around["nodes"]] == ['files.raw-data."people.csv"']
    moment = 1_760_000_000_000
    profile = CreateTableProfileRequest.model_validate(
        {
            "tableProfile": {"timestamp": moment, "rowCount": 3},
            "columnProfile": [{"name": "age", "timestamp": moment, "nullCount": 1}],
        }
    )
    client.ingest_profile_data(table, profile)
    latest = client.get_latest_table_profile(TABLE)
    assert latest.profile.rowCount == 3
    assert [each.profile.nullCount for each in latest.columns if each.profile] == [1]
    client.delete(Table, table.id, hard_delete=True)
    assert client.get_by_name(Table, TABLE) is None
