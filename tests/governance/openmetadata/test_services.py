"""What tables hang on in OpenMetadata is made once: service, database, schemas, owners, tags."""

from __future__ import annotations

from dataclasses import replace

import pytest

from governance.catalog.contract import CatalogRefused
from governance.models import Classification, Tag
from governance.om_client import OMClient
from tests.governance.catalog_tables import catalog_column, catalog_table
from tests.governance.openmetadata_calls import labels, people, sent
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db


def test_what_tables_hang_on_is_made_once(double: Double) -> None:
    for number in range(3):
        OMClient.shared().register(people(name=f"table-{number}"))
    for things in ("services", "databases", "databaseSchemas", "users", "classifications"):
        assert sent(double).count(f"PUT {things}") == 1
    assert sent(double).count("PUT tags") == 1
    assert sent(double).count("PUT tables") == 3


def test_owners_have_schemas_of_their_own(client: OMClient) -> None:
    one, other = client.register(people()), client.register(replace(people(), schema="owner-2"))
    assert one.id != other.id
    assert other.fqn == "omdplatform.lake.owner-2.people"


def test_tags_that_the_server_lacks_are_made_with_their_meaning(client: OMClient, double: Double) -> None:
    family = Classification.objects.create(name="Retention", description="How long", exclusive=True)
    Tag.objects.create(classification=family, name="Days30", description="Thirty days")
    Tag.objects.create(classification=Classification.objects.get(name="PII"), name="PersonalData")
    client.register(people("Retention.Days30", "PII.PersonalData"))
    made = {request.parts[0]: request.body for request in double.requests if request.method == "PUT"}
    assert made["classifications"] == {
        "name": "Retention",
        "description": "How long",
        "mutuallyExclusive": True,
    }
    assert set(labels(double, "email")) == {"Retention.Days30", "PII.PersonalData"}


def test_each_classification_is_asked_for_once_and_each_tag_made_once(double: Double) -> None:
    kinds = [f"DataKind.{name}" for name in ("Email", "Phone", "Age", "Url", "Gender")]
    OMClient.shared().register(catalog_table(*(catalog_column(kind, kind, "PII.None") for kind in kinds)))
    asked = [request.parts for request in double.requests if request.method == "GET"]
    assert asked.count(["classifications", "name", "DataKind"]) == 1
    assert asked.count(["classifications", "name", "PII"]) == 1
    assert asked.count(["tags"]) == 1
    made = [request.body["name"] for request in double.requests if request.parts == ["tags"] and request.text]
    assert sorted(made) == sorted(kind.removeprefix("DataKind.") for kind in kinds)


def test_a_tag_made_there_meanwhile_is_seen(client: OMClient, double: Double) -> None:
    entry = client.register(people())
    with pytest.raises(CatalogRefused):
        client.apply_column_tags(entry.id, {"city": ["PII.Regional"]})
    client.connection.put("/tags", {"name": "Regional", "classification": "PII", "description": "Theirs"})
    assert client.apply_column_tags(entry.id, {"city": ["PII.Regional"]}).tags["city"] == ("PII.Regional",)


def test_a_tag_whose_name_the_server_would_change_is_refused(client: OMClient) -> None:
    Tag.objects.create(classification=Classification.objects.get(name="DataKind"), name="v1.2")
    with pytest.raises(CatalogRefused, match="without dots"):
        client.register(people("DataKind.v1.2"))


def test_a_table_with_an_unknown_tag_is_refused_as_a_whole(client: OMClient, double: Double) -> None:
    with pytest.raises(CatalogRefused, match=r"Column email: there is no tag PII\.Nope") as refused:
        client.register(people("PII.Nope"))
    assert (refused.value.answered, refused.value.column) == (404, "email")
    assert {request.method for request in double.requests} <= {"GET"}


def test_an_owner_who_is_there_is_not_made_again(client: OMClient, double: Double) -> None:
    client.connection.put("/users", {"name": "jane", "email": "jane@example.org"})
    double.forget()
    assert client.register(replace(people(), owner="jane")).owner == "jane"
    assert sent(double) == ["GET users", "PUT tables", "GET tables"]


@pytest.mark.parametrize(
    ("there", "owner"), [("jane@example.org", "jane"), ("jane@example.com", "jane_example.org-13d855ce")]
)
def test_an_owner_named_by_an_address_is_who_has_it(client: OMClient, there: str, owner: str) -> None:
    client.connection.put("/users", {"name": "jane", "email": there})
    assert client.register(replace(people(), owner="jane@example.org")).owner == owner


@pytest.mark.parametrize(
    ("username", "email"),
    [
        ("jane@example.org", "jane@example.org"),
        ("jane@localhost", "jane_localhost-132a774b@example.org"),
        ("jane", "jane@example.org"),
    ],
)
def test_an_owner_who_is_not_there_is_made(
    client: OMClient, double: Double, username: str, email: str
) -> None:
    client.register(replace(people(), owner=username))
    (made,) = [request.body for request in double.requests if request.parts == ["users"]]
    assert (made["email"], made["displayName"]) == (email, username)
    assert "isAdmin" not in made


def test_a_server_that_was_set_up_anew_gets_everything_again(client: OMClient, double: Double) -> None:
    schema = client.connection.get("/databaseSchemas/name/omdplatform.lake.owner-1")
    client.connection.delete(f"/databaseSchemas/{schema['id']}?hardDelete=true&recursive=true")
    entry = client.register(people())
    assert client.fetch(entry.id) is not None
