"""Raw files in OpenMetadata: containers in their bucket, and where tables and next versions came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from governance.catalog.contract import CatalogEntry, CatalogFile, CatalogRefused
from governance.catalog.local import LocalCatalog
from governance.om_client import OMClient
from tests.governance.catalog_tables import catalog_column, catalog_table
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def entry(double: Double) -> CatalogEntry:
    return OMClient.shared().register(catalog_table(catalog_column("email", "PII.Sensitive")))


@pytest.fixture
def file(entry: CatalogEntry) -> CatalogFile:
    return CatalogFile("d1/v1/people.csv", "people.csv", 1234, entry.id)


def container(key: str) -> Any:
    name = key.replace("/", "_")
    return OMClient.shared().connection.find(
        f'/containers/name/omdplatform_lake.raw-data."{name}"?fields=parent'
    )


def edges(kind: str, key: str) -> list[tuple[str, str]]:
    """(from, to) of every edge around a thing, by id."""
    found = OMClient.shared().connection.get(f"/lineage/{kind}/{key}?upstreamDepth=3&downstreamDepth=3")
    ends = found["upstreamEdges"] + found["downstreamEdges"]
    return [(edge["fromEntity"], edge["toEntity"]) for edge in ends]


def test_a_file_lies_in_its_bucket(file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    found = container(file.key)
    assert (found["displayName"], found["size"], found["fileFormats"]) == ("people.csv", 1234, ["csv"])
    assert found["parent"]["fullyQualifiedName"] == "omdplatform_lake.raw-data"


def test_a_table_comes_from_its_file(file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(file)
    assert edges("table", entry.id) == [(container(file.key)["id"], entry.id)]


def test_a_file_comes_from_the_one_before_it(file: CatalogFile, entry: CatalogEntry) -> None:
    second = replace(file, key="d1/v2/people.csv", before=file.key)
    OMClient.shared().register_file(file)
    OMClient.shared().register_file(second)
    one, two = container(file.key)["id"], container(second.key)["id"]
    assert set(edges("container", two)) >= {(one, two), (two, entry.id)}


def test_a_file_before_it_that_nobody_knows_is_left_out(file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(replace(file, before="d1/v0/gone.csv"))
    assert len(edges("table", entry.id)) == 1


def test_the_bucket_is_made_once_and_each_file_is_two_requests(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    double.forget()
    OMClient.shared().register_file(replace(file, key="d1/v2/people.csv"))
    assert [f"{request.method} {request.parts[0]}" for request in double.requests] == [
        "PUT containers",
        "PUT lineage",
    ]


def test_registering_a_file_again_is_harmless(file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(file)
    before = container(file.key)["id"]
    OMClient.shared().register_file(file)
    assert container(file.key)["id"] == before
    assert len(edges("table", entry.id)) == 1


def test_other_formats_and_long_names_are_taken(file: CatalogFile) -> None:
    key = f"d1/v1/{'long' * 60}.csv.gz"
    OMClient.shared().register_file(replace(file, key=key, display_name="x.weird"))
    OMClient.shared().retire_file(key)


def test_a_file_of_no_table_is_refused(file: CatalogFile) -> None:
    with pytest.raises(CatalogRefused) as refused:
        OMClient.shared().register_file(replace(file, table_id=UNKNOWN))
    assert refused.value.answered == 404


def test_a_retired_file_is_gone(file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(file)
    assert container(file.key) is not None
    OMClient.shared().retire_file(file.key)
    OMClient.shared().retire_file(file.key)
    assert container(file.key) is None
    assert edges("table", entry.id) == []


def test_only_openmetadata_knows_of_files(double: Double) -> None:
    assert OMClient.shared().is_shared
    assert not LocalCatalog().is_shared
