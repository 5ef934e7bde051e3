"""Raw files in OpenMetadata: containers in their bucket, and where tables and next versions came from."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from governance.catalog.contract import CatalogEntry, CatalogFile, CatalogRefused, CatalogUnavailable
from governance.catalog.local import LocalCatalog
from governance.om_client import OMClient
from governance.openmetadata import bodies
from tests.governance.catalog_tables import catalog_column, catalog_table
from tests.governance.openmetadata_calls import sent
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db

UNKNOWN = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
def entry(double: Double) -> CatalogEntry:
    return OMClient.shared().register(
        catalog_table(catalog_column("e.mail", "PII.Sensitive"), catalog_column("city"))
    )


@pytest.fixture
def file(entry: CatalogEntry) -> CatalogFile:
    column = replace(
        catalog_column("e.mail", "PII.Sensitive", "DataKind.Email"), confirmed=("PII.Sensitive",)
    )
    return CatalogFile(
        "d1/v1/people.csv", "people.csv", 1234, "owner", ("PII.Sensitive",), (column, catalog_column("city")),
        entry.id, entry.fqn, {"e.mail": "e.mail", "city": "city"}, confirmed=("PII.Sensitive",),
    )  # fmt: skip


def container(double: Double, key: str) -> Any:
    name, owner = key.replace("/", "_"), "owner" if double.profile == "1.1" else "owners"
    return OMClient.shared().connection.find(
        f'/containers/name/omdplatform_lake.raw-data."{name}"?fields=parent,tags,dataModel,{owner}'
    )


def labels(thing: Any) -> dict[str, tuple[str, str]]:
    return {tag["tagFQN"]: (tag["labelType"], tag["state"]) for tag in thing["tags"]}


def columns(double: Double, key: str) -> dict[str, dict[str, tuple[str, str]]]:
    return {column["name"]: labels(column) for column in container(double, key)["dataModel"]["columns"]}


def told(kind: str, key: str) -> set[tuple[str, str]]:
    """Columns of all edges around a thing, (from, to), by full names."""
    found = OMClient.shared().connection.get(f"/lineage/{kind}/{key}?upstreamDepth=3&downstreamDepth=3")
    details = [each.get("lineageDetails") or {} for each in found["upstreamEdges"] + found["downstreamEdges"]]
    return {
        (source, pair["toColumn"])
        for each in details
        for pair in each.get("columnsLineage") or []
        for source in pair["fromColumns"]
    }


def edges(kind: str, key: str) -> list[tuple[str, str]]:
    """(from, to) of every edge around a thing, by id."""
    found = OMClient.shared().connection.get(f"/lineage/{kind}/{key}?upstreamDepth=3&downstreamDepth=3")
    ends = found["upstreamEdges"] + found["downstreamEdges"]
    return [(edge["fromEntity"], edge["toEntity"]) for edge in ends]


def test_a_file_lies_in_its_bucket(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    found = container(double, file.key)
    assert (found["displayName"], found["size"], found["fileFormats"]) == ("people.csv", 1234, ["csv"])
    assert found["parent"]["fullyQualifiedName"] == "omdplatform_lake.raw-data"


def test_a_file_says_whose_it_is_and_what_its_columns_hold(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    found = container(double, file.key)
    owner = found["owner"] if double.profile == "1.1" else found["owners"][0]
    assert owner["name"] == "owner"
    assert labels(found) == {"PII.Sensitive": ("Automated", "Confirmed")}
    assert columns(double, file.key) == {
        "e.mail": {"PII.Sensitive": ("Automated", "Confirmed"), "DataKind.Email": ("Automated", "Suggested")},
        "city": {},
    }


def test_tags_that_changed_are_changed_and_what_people_say_there_stays(
    double: Double, file: CatalogFile
) -> None:
    OMClient.shared().register_file(file)
    path = f"/containers/{container(double, file.key)['id']}"
    by_hand = bodies.label("DataKind.Address", confirmed=True)
    OMClient.shared().taxonomy.provide([("city", ["DataKind.Address", "DataKind.Username"])])
    connection = OMClient.shared().connection
    connection.patch(path, [{"op": "add", "path": "/dataModel/columns/1/tags/0", "value": by_hand}], None)
    other = replace(file.columns[0], tags=("PII.None",), confirmed=())
    city = replace(file.columns[1], tags=("DataKind.Username",), confirmed=("DataKind.Username",))
    again = replace(
        file, tags=(), confirmed=(), columns=(other, city), is_new=False, owner="somebody", size=None
    )
    for _ in range(2):
        OMClient.shared().register_file(again)
    assert columns(double, file.key) == {
        "e.mail": {"PII.None": ("Automated", "Suggested")},
        "city": {
            "DataKind.Address": ("Manual", "Confirmed"),
            "DataKind.Username": ("Automated", "Confirmed"),
        },
    }
    found = container(double, file.key)
    assert (labels(found), found.get("size")) == ({}, None)
    owner = found["owner"] if double.profile == "1.1" else found["owners"][0]
    assert owner["name"] == "owner", "who owns it there is said there"


def test_a_file_left_by_a_job_that_ended_halfway_is_put_right(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    other = replace(file.columns[0], tags=("PII.None",), confirmed=())
    OMClient.shared().register_file(replace(file, tags=(), confirmed=(), columns=(other, file.columns[1])))
    assert columns(double, file.key)["e.mail"] == {"PII.None": ("Automated", "Suggested")}


def test_a_file_of_an_earlier_release_is_given_its_columns(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(replace(file, columns=(), became={}))
    OMClient.shared().register_file(replace(file, is_new=False))
    assert set(columns(double, file.key)) == {"e.mail", "city"}


def test_each_column_of_the_table_comes_from_one_of_the_file(
    double: Double, file: CatalogFile, entry: CatalogEntry
) -> None:
    renamed = (file.columns[0], replace(file.columns[1], name="City"))
    second = replace(file, key="d1/v2/people.csv", before=file.key, columns=renamed, is_new=False)
    second = replace(
        second, came_from={"e.mail": "e.mail", "City": "city", "new": "gone"}, became={"City": "city"}
    )
    OMClient.shared().register_file(file)
    of_table = told("table", entry.id)
    OMClient.shared().register_file(second)
    of_next = told("container", container(double, second.key)["id"])
    one = 'omdplatform_lake.raw-data."d1_v1_people.csv"'
    two = 'omdplatform_lake.raw-data."d1_v2_people.csv"'
    if double.profile == "1.1":
        assert (of_table, of_next) == (set(), set()), "it refuses columns of files"
    else:
        assert of_table == {
            (f'{one}."e.mail"', f'{entry.fqn}."e.mail"'), (f"{one}.city", f"{entry.fqn}.city")
        }  # fmt: skip
        assert {(f'{one}."e.mail"', f'{two}."e.mail"'), (f"{one}.city", f"{two}.City")} <= of_next


@pytest.mark.parametrize(
    "write", ["PUT /api/v1/containers", "PATCH /api/v1/containers", "PUT /api/v1/lineage"]
)
def test_a_file_is_not_believed_to_be_there_unless_it_was_read_back(
    double: Double, file: CatalogFile, write: str
) -> None:
    if "PATCH" in write:
        OMClient.shared().register_file(file)
        file = replace(file, tags=("PII.NonSensitive",), confirmed=(), is_new=False)
    OMClient.shared().places.bucket()
    double.pretend(write)
    with pytest.raises(CatalogUnavailable, match="does not store it"):
        OMClient.shared().register_file(file)
    double.calm()
    OMClient.shared().register_file(file)


def test_a_file_that_stays_is_not_believed_to_be_gone(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    double.pretend("DELETE")
    with pytest.raises(CatalogUnavailable, match="does not store it"):
        OMClient.shared().retire_file(file.key)


def test_a_table_comes_from_its_file(double: Double, file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(file)
    assert edges("table", entry.id) == [(container(double, file.key)["id"], entry.id)]


def test_a_file_comes_from_the_one_before_it(double: Double, file: CatalogFile, entry: CatalogEntry) -> None:
    second = replace(file, key="d1/v2/people.csv", before=file.key)
    OMClient.shared().register_file(file)
    OMClient.shared().register_file(second)
    one, two = container(double, file.key)["id"], container(double, second.key)["id"]
    assert set(edges("container", two)) >= {(one, two), (two, entry.id)}


def test_a_file_before_it_that_nobody_knows_is_left_out(file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(replace(file, before="d1/v0/gone.csv"))
    assert len(edges("table", entry.id)) == 1


def test_each_file_is_two_requests_that_are_read_back(double: Double, file: CatalogFile) -> None:
    OMClient.shared().register_file(file)
    double.forget()
    OMClient.shared().register_file(replace(file, key="d1/v2/people.csv"))
    assert sent(double) == ["PUT containers", "GET containers", "PUT lineage", "GET lineage"]


def test_registering_a_file_again_is_harmless(double: Double, file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(file)
    before = container(double, file.key)["id"]
    OMClient.shared().register_file(file)
    assert container(double, file.key)["id"] == before
    assert len(edges("table", entry.id)) == 1


def test_other_formats_and_long_names_are_taken(file: CatalogFile) -> None:
    key = f"d1/v1/{'long' * 60}.csv.gz"
    OMClient.shared().register_file(replace(file, key=key, display_name="x.weird"))
    OMClient.shared().retire_file(key)


def test_a_file_of_no_table_is_refused(file: CatalogFile) -> None:
    with pytest.raises(CatalogRefused) as refused:
        OMClient.shared().register_file(replace(file, table_id=UNKNOWN))
    assert refused.value.answered == 404


def test_a_retired_file_is_gone(double: Double, file: CatalogFile, entry: CatalogEntry) -> None:
    OMClient.shared().register_file(file)
    assert container(double, file.key) is not None
    OMClient.shared().retire_file(file.key)
    OMClient.shared().retire_file(file.key)
    assert container(double, file.key) is None
    assert edges("table", entry.id) == []


def test_only_openmetadata_knows_of_files(double: Double) -> None:
    assert OMClient.shared().is_shared
    assert not LocalCatalog().is_shared
