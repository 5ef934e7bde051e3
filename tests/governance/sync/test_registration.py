"""What OpenMetadata is told of versions, decisions and raw files."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from datasets.models import Dataset, Version
from governance.catalog.configured import get_catalog
from governance.models import CatalogDebt, Tag, TagDecision
from governance.sync import agreement, registration
from governance.sync.registration import (
    catalog_table,
    files_owed,
    register_file,
    retire_file,
    tell_catalog,
)
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db


@pytest.fixture
def version(double: Double, people_table: Dataset) -> Version:
    """The current version of `people`, registered; its raw file lies in the lake."""
    version = people_table.current_version
    assert version is not None
    entry = get_catalog().register(catalog_table(version))
    version.catalog_id, version.catalog_fqn, version.catalog_version = entry.id, entry.fqn, entry.version
    version.save()
    return version


def labels(double: Double, version: Version, column: str) -> dict[str, str]:
    """Tag -> state, as the server has them."""
    table = double.table(version.catalog_fqn)
    assert table is not None
    (found,) = [item for item in table["columns"] if item["name"] == column]
    return {tag["tagFQN"]: tag["state"] for tag in found["tags"]}


def decide(version: Version, steward: User, column: str, tag: str, state: str) -> None:
    identity = version.dataset.columns.get(key=column)
    TagDecision.objects.create(
        column=identity, tag=Tag.objects.get(fqn=tag), source="person", state=state, actor=steward
    )
    CatalogDebt.objects.update_or_create(
        column=identity, defaults={"since": timezone.now(), "by_person": True}
    )


def test_a_suggestion_is_told_as_one(double: Double, version: Version) -> None:
    assert labels(double, version, "email") == {"PII.Sensitive": "Suggested"}


def test_what_a_steward_decides_reaches_the_server(double: Double, version: Version, steward: User) -> None:
    decide(version, steward, "email", "PII.Sensitive", "confirmed")
    decide(version, steward, "city", "PII.NonSensitive", "confirmed")
    double.forget()
    assert tell_catalog(version.dataset)
    methods = [request.method for request in double.requests if request.parts[0] == "tables"]
    assert methods.count("PATCH") <= 3, (
        "taken off and put on again; once more where If-Match is not understood"
    )
    assert methods[-1] == "GET", "what was written is read back"
    assert labels(double, version, "email") == {"PII.Sensitive": "Confirmed"}
    assert labels(double, version, "city") == {"PII.NonSensitive": "Confirmed"}
    decide(version, steward, "email", "PII.Sensitive", "rejected")
    assert tell_catalog(version.dataset)
    assert labels(double, version, "email") == {}
    assert not tell_catalog(version.dataset)


def test_a_registered_version_carries_what_was_decided(
    double: Double, version: Version, steward: User
) -> None:
    decide(version, steward, "email", "PII.Sensitive", "confirmed")
    get_catalog().register(catalog_table(version))
    assert labels(double, version, "email") == {"PII.Sensitive": "Confirmed"}


def test_files_of_versions_follow_each_other(double: Double, version: Version, owner: User) -> None:
    second = Version.objects.create(
        dataset=version.dataset, number=2, created_by=owner, filename="people-2.csv", size_bytes=50,
        sha256="1" * 64, raw_key="people/raw-2", catalog_id=version.catalog_id, catalog_version="0.2",
        catalog_fqn=version.catalog_fqn,
    )  # fmt: skip
    for item in version.columns.all():
        second.columns.create(
            column=item.column, position=item.position, name=item.name, type=item.type, profile=item.profile
        )
    assert register_file(version)
    assert register_file(second)
    made: list[Any] = [request.body for request in double.requests if request.parts == ["containers"]]
    assert [body["displayName"] for body in made if "displayName" in body] == ["people.csv", "people-2.csv"]
    edges = [request.body["edge"] for request in double.requests if request.parts == ["lineage"]]
    assert [(edge["fromEntity"]["type"], edge["toEntity"]["type"]) for edge in edges] == [
        ("container", "table"),
        ("container", "table"),
        ("container", "container"),
    ]
    columns = [edge["lineageDetails"]["columnsLineage"] for edge in edges if edge.get("lineageDetails")]
    assert len(columns) == (0 if double.profile == "1.1" else 3)
    assert all(
        {pair["toColumn"].rpartition(".")[2] for pair in each} == {"email", "city"} for each in columns
    )
    retire_file(second)
    assert [request.method for request in double.requests][-2:] == ["DELETE", "GET"], (
        "it is looked whether it is gone"
    )


def test_a_file_is_told_of_again_when_the_tags_of_its_columns_change(
    double: Double, version: Version, steward: User
) -> None:
    register_file(version)
    settle_all(version)
    assert not files_owed()
    assert container(double)["tags"] == {"PII.Sensitive": "Suggested"}
    assert container(double)["size"] is None, "it is of a table about people: its size tells of values"
    decide(version, steward, "email", "PII.Sensitive", "rejected")
    tell_catalog(version.dataset)
    assert list(files_owed()) == [version]
    assert register_file(version)
    assert not files_owed()
    assert container(double) == {"tags": {}, "columns": {"email": {}, "city": {}}, "size": None}


def settle_all(version: Version) -> None:
    """Both sides agree, and nothing is owed."""
    agreement.look(version.dataset)
    tell_catalog(version.dataset)
    registration.register(version)
    for owed in files_owed():
        register_file(owed)


def container(double: Double) -> dict[str, Any]:
    found = get_catalog().files._find("people/raw")  # type: ignore[attr-defined]
    columns = {column["name"]: states(column) for column in found["dataModel"]["columns"]}
    return {"tags": states(found), "columns": columns, "size": found.get("size")}


def states(thing: Any) -> dict[str, str]:
    return {tag["tagFQN"]: tag["state"] for tag in thing["tags"]}


def test_the_size_of_a_file_about_nobody_is_told(double: Double, version: Version, steward: User) -> None:
    decide(version, steward, "email", "PII.Sensitive", "rejected")
    tell_catalog(version.dataset)
    register_file(version)
    assert container(double)["size"] == version.size_bytes


@pytest.mark.parametrize("state", ["suggested", "confirmed"])
def test_figures_are_told_of_tables_without_personal_data(
    double: Double, version: Version, steward: User, state: str
) -> None:
    """The least and the most of a table about people are one person's each, in whichever column."""
    spread = {"mean": 4.5, "stddev": 2.0, "histogram": [[1.0, 9.0, 2]], "min": "1", "max": "9"}
    for item in version.columns.all():
        version.columns.filter(pk=item.pk).update(
            type="INT", profile={**item.profile, **spread, "type": "INT"}
        )

    def told() -> list[dict[str, Any]]:
        registration.register(version)
        latest = get_catalog().connection.get(  # type: ignore[attr-defined]
            f"/tables/{version.catalog_fqn}/tableProfile/latest"
        )
        return [
            {name: column["profile"].get(name) for name in ("min", "max", "mean", "histogram")}
            for column in latest["columns"]
        ]

    nothing = dict.fromkeys(("min", "max", "mean", "histogram"))
    assert told() == [nothing, nothing], "`email` is suggested to be personal"
    decide(version, steward, "email", "PII.Sensitive", "rejected")
    tell_catalog(version.dataset)
    histogram = {"boundaries": ["1 to 9"], "frequencies": [2]}
    assert told() == [{"min": 1.0, "max": 9.0, "mean": 4.5, "histogram": histogram}] * 2
    decide(version, steward, "city", "PersonalData.Personal", state)
    assert told() == [nothing, nothing]


def test_the_catalog_of_our_own_knows_nothing_of_files(people_table: Dataset) -> None:
    assert people_table.current_version is not None
    assert not register_file(people_table.current_version)
    retire_file(people_table.current_version)
