"""OpenMetadata as the catalog, by the real SDK against a server double: what is sent, and how often."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.conf import LazySettings

from datasets.models import Dataset
from datasets.tables.nesting import Nested
from datasets.tables.values.column_types import ColumnType
from governance.catalog.configured import get_catalog
from governance.catalog.contract import CatalogRefused, CatalogTable, CatalogUnavailable, Evidence
from governance.om_client import OMClient
from governance.openmetadata import bodies
from governance.openmetadata.connection import Connection
from tests.governance.catalog_tables import catalog_column, catalog_table
from tests.governance.openmetadata_calls import FQN, labels, people, sent
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db

# Requests for a table that is new, for an edit of its tags, and for one of which something goes.
NEW = ["PUT tables", "GET tables"]
PATCHED = ["GET tables", "PATCH tables", "GET tables"]
CHANGED = [*PATCHED, *NEW]


def wide(columns: int) -> CatalogTable:
    return catalog_table(*(catalog_column(f"c{number}", "PII.Sensitive") for number in range(columns)))


# --- A table that is new ----------------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [3, 300])
def test_a_new_table_is_one_put_whatever_its_columns(client: OMClient, double: Double, columns: int) -> None:
    entry = client.register(wide(columns))
    assert sent(double) == NEW
    table = double.table(entry.fqn)
    assert table is not None
    assert len(table["columns"]) == columns
    assert all(tag["tagFQN"] == "PII.Sensitive" for column in table["columns"] for tag in column["tags"])


def test_the_put_carries_all_that_governs_the_table(client: OMClient, double: Double) -> None:
    age = replace(catalog_column("age", "PII.NonSensitive"), type=ColumnType.INT, display_name="Age in years")
    table = replace(catalog_table(replace(age, description="at upload")), tags=("Tier.Tier2",))
    client.register(table)
    (request,) = [request for request in double.requests if request.parts == ["tables"]]
    body = request.body
    assert (body["name"], body["displayName"], body["description"]) == ("people", "people.csv", "Uploaded")
    (column,) = body["columns"]
    assert column["displayName"] == "Age in years"
    assert (column["dataType"], column["description"]) == ("INT", "at upload")
    assert [tag["tagFQN"] for tag in column["tags"] + body["tags"]] == ["PII.NonSensitive", "Tier.Tier2"]


def test_the_owner_is_sent_as_the_server_knows_it(client: OMClient, double: Double) -> None:
    entry = client.register(people())
    body = double.requests[0].body
    key = "owner" if double.profile == "1.1" else "owners"
    assert {"owner", "owners"} & set(body) == {key}
    assert entry.owner == "owner"


def test_a_table_comes_back_as_it_was_registered(client: OMClient, double: Double) -> None:
    entry = client.register(people())
    found = client.fetch(entry.id)
    assert found is not None
    assert found.tags == entry.tags == {"email": ("DataKind.Email", "PII.Sensitive"), "city": ()}
    assert (found.id, found.fqn, found.version, found.owner) == (entry.id, FQN, entry.version, "owner")
    assert found.link == f"{double.url.removesuffix('/api')}/table/{FQN}"


def test_types_are_named_as_the_server_names_them(client: OMClient, double: Double) -> None:
    columns = [replace(catalog_column(kind.value), type=kind) for kind in ColumnType]
    client.register(catalog_table(*columns))
    table = double.table(FQN)
    assert table is not None
    called = {ColumnType.DURATION: "INTERVAL"}
    assert [column["dataType"] for column in table["columns"]] == [
        called.get(kind, kind.value) for kind in ColumnType
    ]


def test_a_name_with_dots_is_found_again(client: OMClient, double: Double) -> None:
    entry = client.register(people(name="sales.2026.csv"))
    assert entry.fqn == 'omdplatform.lake.owner-1."sales.2026.csv"'
    double.forget()
    assert client.register(people("PII.None", name="sales.2026.csv")).id == entry.id
    assert sent(double) == CHANGED


def test_counts_follow_the_table_and_hold_no_values(client: OMClient, double: Double) -> None:
    counts = ({"rows": 4, "nulls": 1, "distinct": 3}, {"rows": 4, "nulls": 0, "distinct": 1})
    entry = client.register(replace(people(), profile=counts))
    assert sent(double) == [*NEW, "PUT tables", "GET tables"]
    assert double.requests[-2].parts == ["tables", entry.id, "tableProfile"]
    body = double.requests[-2].body
    assert (body["tableProfile"]["rowCount"], body["tableProfile"]["columnCount"]) == (4, 2)
    email = body["columnProfile"][0]
    assert (email["name"], email["valuesCount"], email["nullCount"]) == ("email", 3, 1)
    assert {"min", "max", "histogram", "mean"}.isdisjoint(email)


def test_numbers_that_are_nobodys_are_told_with_their_spread(client: OMClient, double: Double) -> None:
    spread = {
        "min": "1",
        "max": "9.5",
        "mean": 4.2,
        "stddev": 2.0,
        "histogram": [[1.0, 5.0, 3], [5.0, 9.5, 1]],
    }
    counts = {"rows": 4, "nulls": 0, "distinct": 4}
    client.register(replace(people(), profile=(counts, {**counts, **spread})))
    assert double.requests[-1].parts[-2:] == ["tableProfile", "latest"]
    email, city = double.requests[-2].body["columnProfile"]
    assert "mean" not in email
    assert (city["min"], city["max"], city["mean"], city["stddev"]) == (1.0, 9.5, 4.2, 2.0)
    assert city["histogram"] == {"boundaries": ["1 to 5", "5 to 9.5"], "frequencies": [3, 1]}


def test_counts_of_an_empty_table_are_taken(client: OMClient, double: Double) -> None:
    client.register(replace(people(), profile=({"rows": 0, "nulls": 0, "distinct": 0},) * 2))
    assert [request.status for request in double.requests] == [201, 200, 200, 200]


def test_a_table_is_registered_although_its_counts_are_refused(client: OMClient, double: Double) -> None:
    double.fail_next(1, 500, "/tableProfile")
    entry = client.register(replace(people(), profile=({"rows": 1, "nulls": 0, "distinct": 1},) * 2))
    assert double.requests[-1].status == 500
    assert client.fetch(entry.id) is not None


def test_counts_that_are_not_stored_are_told_of(
    client: OMClient, double: Double, caplog: pytest.LogCaptureFixture
) -> None:
    double.pretend("/tableProfile")
    client.register(replace(people(), profile=({"rows": 1, "nulls": 0, "distinct": 1},) * 2))
    assert "does not store it" in caplog.text
    double.calm()
    caplog.clear()
    client.register(replace(people(), profile=({"rows": 1, "nulls": 0, "distinct": 1},) * 2))
    assert caplog.text == ""


# --- A table that is there --------------------------------------------------------------------------------


def test_changed_tags_are_get_patch_put(client: OMClient, double: Double) -> None:
    first = client.register(people("PII.Sensitive", "DataKind.Email"))
    double.forget()
    second = client.register(people("PII.NonSensitive", "DataKind.Username"))
    assert sent(double) == CHANGED
    assert second.id == first.id
    assert second.tags["email"] == ("DataKind.Username", "PII.NonSensitive")
    assert set(labels(double, "email")) == {"DataKind.Username", "PII.NonSensitive"}


def test_one_patch_clears_three_hundred_columns(client: OMClient, double: Double) -> None:
    client.register(wide(300))
    double.forget()
    client.register(replace(wide(300), columns=tuple(catalog_column(f"c{number}") for number in range(300))))
    assert sent(double) == CHANGED
    table = double.table(FQN)
    assert table is not None
    assert not any(column["tags"] for column in table["columns"])


def test_the_same_again_needs_no_patch(client: OMClient, double: Double) -> None:
    first = client.register(people())
    double.forget()
    assert client.register(people()).tags == first.tags
    assert sent(double) == ["GET tables", *NEW]


def test_columns_that_go_and_come_and_change_their_type(client: OMClient, double: Double) -> None:
    client.register(people())
    changed = (
        replace(catalog_column("city", "PII.NonSensitive"), type=ColumnType.INT),
        catalog_column("phone", "DataKind.Email"),
    )
    entry = client.register(replace(people(), columns=changed))
    table = double.table(FQN)
    assert table is not None
    assert [(column["name"], column["dataType"]) for column in table["columns"]] == [
        ("city", "INT"),
        ("phone", "STRING"),
    ]
    assert entry.tags == {"city": ("PII.NonSensitive",), "phone": ("DataKind.Email",)}


def test_table_tags_are_replaced_too(client: OMClient, double: Double) -> None:
    client.register(replace(people(), tags=("Tier.Tier1",)))
    client.register(replace(people(), tags=("Tier.Tier2",)))
    table = double.table(FQN)
    assert table is not None
    assert [tag["tagFQN"] for tag in table["tags"]] == ["Tier.Tier2"]


def test_what_a_person_tagged_there_stays(client: OMClient, double: Double) -> None:
    client.register(people("PII.Sensitive"))
    double.edit_tags(FQN, {"city": ["PII.NonSensitive"]})
    entry = client.register(people("PII.Sensitive"))
    assert entry.tags["city"] == ("PII.NonSensitive",)
    assert labels(double, "city") == {"PII.NonSensitive": ("Manual", "Confirmed")}


def test_ours_is_held_back_where_a_persons_tag_excludes_it(client: OMClient, double: Double) -> None:
    client.register(people("PII.Sensitive"))
    double.edit_tags(FQN, {"email": ["PII.None"]})
    entry = client.register(people("PII.Sensitive", "DataKind.Email"))
    assert entry.tags["email"] == ("DataKind.Email", "PII.None")
    assert set(labels(double, "email")) == {"DataKind.Email", "PII.None"}


def test_suggestions_and_confirmed_tags_are_told_apart(client: OMClient, double: Double) -> None:
    column = replace(catalog_column("email", "DataKind.Email", "PII.Sensitive"), confirmed=("PII.Sensitive",))
    client.register(catalog_table(column))
    assert labels(double, "email") == {
        "DataKind.Email": ("Automated", "Suggested"),
        "PII.Sensitive": ("Manual", "Confirmed"),
    }


def test_a_suggestion_that_was_confirmed_becomes_a_persons(client: OMClient, double: Double) -> None:
    client.register(people("PII.Sensitive"))
    column = replace(catalog_column("email", "PII.Sensitive"), confirmed=("PII.Sensitive",))
    client.register(catalog_table(column))
    assert labels(double, "email") == {"PII.Sensitive": ("Manual", "Confirmed")}


@pytest.mark.parametrize("tags", [("DataKind.Email",), ("PII.None",)], ids=["goes", "is excluded"])
def test_another_process_finds_a_table_it_did_not_expect(double: Double, tags: tuple[str, ...]) -> None:
    """A worker died after the PUT: nobody wrote down that the table is there."""
    entry = OMClient.shared().register(people("PII.Sensitive"))
    again = OMClient(OMClient.shared().connection.server)
    assert again.register(people(*tags)).id == entry.id
    assert tuple(labels(double, "email")) == tags


def test_what_is_written_down_of_versions_says_that_a_table_is_there(
    client: OMClient, double: Double, people_table: Dataset
) -> None:
    client.register(people("PII.Sensitive"))
    people_table.versions.update(catalog_fqn=FQN)
    other = OMClient(client.connection.server)
    other.register(people("PII.Sensitive", name="warm"))
    double.forget()
    other.register(people("PII.None"))
    assert sent(double)[-5:] == CHANGED
    assert sent(double).count("PUT tables") == 1


@pytest.mark.parametrize("status", [409, 412, 500])
def test_a_patch_that_came_too_late_is_made_anew_once(client: OMClient, double: Double, status: int) -> None:
    client.register(people("PII.Sensitive"))
    double.forget()
    double.fail_next(1, status, "PATCH")
    client.register(people("PII.None"))
    assert sent(double) == ["GET tables", "PATCH tables", *CHANGED]
    assert set(labels(double, "email")) == {"PII.None"}


def test_a_patch_that_comes_too_late_twice_is_an_error(client: OMClient, double: Double) -> None:
    client.register(people("PII.Sensitive"))
    double.fail_next(2, 409, "PATCH")
    with pytest.raises(CatalogRefused) as refused:
        client.register(people("PII.None"))
    assert refused.value.answered == 409
    assert set(labels(double, "email")) == {"PII.Sensitive"}


def test_a_write_that_was_not_read_back_is_not_believed(
    client: OMClient, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of servers that answer 200 and show the change, and store nothing."""
    entry = client.register(people("PII.Sensitive"))
    monkeypatch.setattr(Connection, "patch", lambda *sent: None)
    with pytest.raises(CatalogUnavailable, match="does not store it"):
        client.apply_column_tags(entry.id, {"city": ["PII.None"]})
    with pytest.raises(CatalogUnavailable, match="does not store it"):
        client.describe(entry.id, {"city": "Where they live"})
    assert labels(double, "city") == {}


def test_what_a_put_left_out_is_sent_again(
    client: OMClient, double: Double, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Connection.put

    def bare(connection: Connection, path: str, body: Any) -> Any:
        if path == "/tables":
            body = {**body, "columns": [{**each, "tags": []} for each in body["columns"]]}
        return put(connection, path, body)

    monkeypatch.setattr(Connection, "put", bare)
    client.register(people("PII.Sensitive"))
    assert set(labels(double, "email")) == {"PII.Sensitive"}


def test_evidence_goes_with_a_suggestion_to_servers_that_know_of_it(client: OMClient, double: Double) -> None:
    evidence = {"PII.Sensitive": Evidence("38 of 40 look like e-mail addresses.", "omdplatform.email", 0.97)}
    column = replace(catalog_column("email", "PII.Sensitive"), evidence=evidence)
    table = replace(
        catalog_table(column),
        source_url="https://example.org/datasets/1/",
        retention_days=90,
        file_format="csv",
    )
    client.register(table)
    found = double.table(FQN)
    assert found is not None
    (tag,) = found["columns"][0]["tags"]
    if double.profile == "1.1":
        assert "reason" not in tag
        assert "sourceUrl" not in found
        return
    assert tag["reason"] == "38 of 40 look like e-mail addresses."
    assert tag["metadata"]["recognizer"]["recognizerName"] == "omdplatform.email"
    assert tag["metadata"]["recognizer"]["score"] == 0.97
    assert (found["sourceUrl"], found["retentionPeriod"], found["fileFormat"]) == (
        "https://example.org/datasets/1/", "P90D", "csv",
    )  # fmt: skip


def test_nested_columns_are_told_as_they_are_built(client: OMClient, double: Double) -> None:
    place = Nested("STRUCT", (Nested("STRING", name="city"), Nested("ARRAY", (Nested("INT"),), name="codes")))
    shapes = {
        "place": place,
        "places": Nested("ARRAY", (place,)),
        "codes": Nested("ARRAY", (Nested("INT"),)),
        "extra": Nested("MAP", (Nested("STRING"), Nested("FLOAT"))),
        "laps": Nested("ARRAY", (Nested("DURATION"),)),
    }
    columns = [replace(catalog_column(name), nested=shape) for name, shape in shapes.items()]
    client.register(catalog_table(*columns, catalog_column("plain")))
    found = double.table(FQN)
    assert found is not None
    told = {column["name"]: column for column in found["columns"]}
    assert [(each["dataType"], each.get("arrayDataType")) for each in told.values()] == [
        ("STRUCT", None), ("ARRAY", "STRUCT"), ("ARRAY", "INT"), ("MAP", None), ("ARRAY", "INTERVAL"),
        ("STRING", None),
    ]  # fmt: skip
    assert told["place"]["dataTypeDisplay"] == "struct<city:string,codes:array<int>>"
    assert told["extra"]["dataTypeDisplay"] == "map<string,float>"
    for name in ("place", "places"):
        children = told[name]["children"]
        assert [(each["name"], each["dataType"]) for each in children] == [
            ("city", "STRING"), ("codes", "ARRAY"),
        ]  # fmt: skip
    assert client.register(catalog_table(*columns, catalog_column("plain"))).tags["place"] == ()


def test_a_tag_on_a_field_inside_counts_for_the_column(client: OMClient, double: Double) -> None:
    shape = Nested("STRUCT", (Nested("STRING", name="city"), Nested("STRING", name="zip")))
    entry = client.register(catalog_table(replace(catalog_column("place"), nested=shape)))
    inside = {
        "op": "add",
        "path": "/columns/0/children/1/tags/0",
        "value": bodies.label("PII.Sensitive", confirmed=True),
    }
    double.edit(FQN, [inside])
    found = client.fetch(entry.id)
    assert found is not None
    assert found.states["place"] == {"PII.Sensitive": "confirmed"}
    edited = client.apply_column_tags(entry.id, {"place": ["PII.None"]})
    assert edited.tags["place"] == ("PII.None",)
    table = double.table(FQN)
    assert table is not None
    (place,) = table["columns"]
    assert [tag["tagFQN"] for tag in place["tags"]] == ["PII.None"]
    assert [child.get("tags") or [] for child in place["children"]] == [[], []]


# --- What is not believed ---------------------------------------------------------------------------------


def test_a_new_table_that_is_not_stored_is_not_believed(client: OMClient, double: Double) -> None:
    double.pretend("PUT /api/v1/tables")
    with pytest.raises((CatalogUnavailable, CatalogRefused)):
        client.register(people())
    double.calm()
    assert client.register(people()).fqn == FQN


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_no_write_of_a_table_that_is_there_is_believed_before_it_was_read_back(
    client: OMClient, double: Double, method: str
) -> None:
    entry = client.register(people("PII.Sensitive"))
    writes: dict[str, list[Callable[[], object]]] = {
        "PUT": [
            lambda: client.register(catalog_table(catalog_column("email", "PII.Sensitive"))),
            lambda: client.register(catalog_table(*people().columns, catalog_column("new"))),
            lambda: client.register(
                catalog_table(
                    replace(catalog_column("email", "PII.Sensitive"), type=ColumnType.INT),
                    catalog_column("city"),
                )
            ),
        ],
        "PATCH": [
            lambda: client.register(people("PII.None")),
            lambda: client.apply_column_tags(entry.id, {"email": ["PII.Sensitive"]}),
            lambda: client.apply_column_tags(entry.id, {"email": []}),
            lambda: client.describe(entry.id, {"email": "Where to write to"}),
            lambda: client.change_owner(entry.id, "maria"),
        ],
        "DELETE": [lambda: client.retire(entry.id)],
    }
    client.places.owner("maria")
    for write in writes[method]:
        double.pretend(f"{method} /api/v1/tables")
        with pytest.raises(CatalogUnavailable, match="does not store it"):
            write()
        double.calm()


def test_an_owner_is_changed_in_one_patch(client: OMClient, double: Double) -> None:
    entry = client.register(people())
    client.places.owner("maria")
    double.forget()
    assert client.change_owner(entry.id, "maria").owner == "maria"
    assert sent(double) == PATCHED
    assert client.change_owner(entry.id, "maria").owner == "maria"
    assert sent(double) == [*PATCHED, "GET tables"]


# --- Later edits ------------------------------------------------------------------------------------------


def test_edits_of_many_columns_are_one_patch(client: OMClient, double: Double) -> None:
    entry = client.register(wide(50))
    double.forget()
    edited = client.apply_column_tags(entry.id, {f"c{number}": ["PII.None"] for number in range(50)})
    assert sent(double) == PATCHED
    assert set(edited.tags.values()) == {("PII.None",)}
    assert labels(double, "c49") == {"PII.None": ("Manual", "Confirmed")}
    found = client.fetch(entry.id)
    assert found is not None
    assert (found.tags, found.version) == (edited.tags, edited.version)


def test_edits_leave_other_columns_alone(client: OMClient, double: Double) -> None:
    entry = client.register(people("PII.Sensitive", "DataKind.Email"))
    edited = client.apply_column_tags(entry.id, {"city": ["PII.NonSensitive", "DataKind.Location"]})
    assert edited.tags == {
        "email": ("DataKind.Email", "PII.Sensitive"),
        "city": ("DataKind.Location", "PII.NonSensitive"),
    }
    assert client.apply_column_tags(entry.id, {"email": []}).tags["email"] == ()
    assert labels(double, "email") == {}


def test_an_edit_that_changes_nothing_sends_nothing(client: OMClient, double: Double) -> None:
    entry = client.register(people("PII.Sensitive"))
    edited = client.apply_column_tags(entry.id, {"email": ["PII.Sensitive"]})
    double.forget()
    assert client.apply_column_tags(entry.id, {"email": ["PII.Sensitive"]}).version == edited.version
    assert sent(double) == ["GET tables"]


def test_what_a_person_confirms_or_adds_is_theirs_and_the_rest_a_suggestion(
    client: OMClient, double: Double
) -> None:
    entry = client.register(people("DataKind.Email", "PII.Sensitive"))
    client.apply_column_tags(
        entry.id,
        {"email": ["DataKind.Email", "PII.Sensitive"], "city": ["PII.NonSensitive", "DataKind.Username"]},
        {"email": ["PII.Sensitive"], "city": ["PII.NonSensitive"]},
    )
    assert labels(double, "email") == {
        "DataKind.Email": ("Automated", "Suggested"),
        "PII.Sensitive": ("Manual", "Confirmed"),
    }
    assert labels(double, "city") == {
        "DataKind.Username": ("Automated", "Suggested"),
        "PII.NonSensitive": ("Manual", "Confirmed"),
    }


def test_a_tag_that_the_server_alone_knows_may_be_put_on(client: OMClient) -> None:
    entry = client.register(people())
    assert client.apply_column_tags(entry.id, {"city": ["Tier.Tier3"]}).tags["city"] == ("Tier.Tier3",)


@pytest.mark.parametrize(
    ("changes", "status", "column", "word"),
    [
        ({"email": ["PII.Nope"]}, 404, "email", r"no tag PII\.Nope"),
        ({"city": ["PII.None"], "email": ["Nope.Nope"]}, 404, "email", r"no tag Nope\.Nope"),
        ({"email": ["PII.None", "PII.Sensitive"]}, 400, "email", "exclude each other"),
        ({"phone": ["PII.None"]}, 404, "phone", "no column phone"),
    ],
)
def test_bad_edits_are_refused_before_anything_is_sent(
    client: OMClient, double: Double, changes: dict[str, list[str]], status: int, column: str, word: str
) -> None:
    entry = client.register(people("PII.Sensitive"))
    double.forget()
    with pytest.raises(CatalogRefused, match=word) as refused:
        client.apply_column_tags(entry.id, changes)
    assert (refused.value.answered, refused.value.column) == (status, column)
    assert {request.method for request in double.requests} <= {"GET"}


def test_an_edit_of_a_table_that_is_gone_says_so(client: OMClient) -> None:
    entry = client.register(people())
    client.retire(entry.id)
    with pytest.raises(CatalogRefused, match="no such table") as refused:
        client.apply_column_tags(entry.id, {"city": []})
    assert refused.value.answered == 404


# --- The end ----------------------------------------------------------------------------------------------


def test_a_retired_table_is_gone_and_may_come_again(client: OMClient, double: Double) -> None:
    entry = client.register(people())
    client.retire(entry.id)
    client.retire(entry.id)
    assert client.fetch(entry.id) is None
    assert double.table(FQN) is None
    assert client.register(people("PII.None")).tags["email"] == ("PII.None",)


def test_a_server_in_settings_is_the_catalog(double: Double, settings: LazySettings) -> None:
    catalog: Any = get_catalog()
    assert catalog is OMClient.shared()
    settings.OPENMETADATA_SERVICE = "another"
    assert catalog.register(people()).fqn == "another.lake.owner-1.people"
