"""What stewards do one after the other, in OpenMetadata's pages and in ours: all of it lasts."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User

from datasets.models import Column, Dataset, Version, VersionColumn
from governance.curation.decisions import decide
from governance.models import CatalogDebt, CatalogMirror, Tag
from governance.om_client import OMClient
from governance.rights.access import access_of, decided_tags
from governance.sync import agreement, registration
from governance.sync.owners import OwnerThere, other_owner
from tests.governance.openmetadata_calls import labels
from tests.governance.sync.soak import CITY
from tests.openmetadata_double import Double

pytestmark = pytest.mark.django_db(transaction=True)

TAGS = ("PII.Sensitive", "PII.NonSensitive", "DataKind.Email")
EMAIL, PLACE, FIELD = "/columns/0", "/columns/1", "/columns/1/children/0"


@pytest.fixture
def version(double: Double, people_table: Dataset) -> Version:
    """`people`, registered: a suggestion on `email`; `city` is a structure with the field `town`."""
    version = people_table.current_version
    assert version is not None
    version.columns.filter(name="city").update(nested=CITY)
    OMClient.shared().taxonomy.provide([("", [tag]) for tag in TAGS])
    entry = registration.register(version)
    version.catalog_id, version.catalog_fqn, version.catalog_version = entry.id, entry.fqn, entry.version
    version.save()
    return version


@pytest.fixture
def there(double: Double, version: Version) -> There:
    return There(double, version)


class There:
    """The table in OpenMetadata, as people see and edit it."""

    def __init__(self, double: Double, version: Version) -> None:
        self.double, self.version = double, version

    def edit(self, *operations: tuple[str, str, Any], user: str = "maria") -> None:
        """(op, path, value), in one PATCH."""
        said = [{"op": op, "path": path, "value": value} for op, path, value in operations]
        self.double.edit(self.version.catalog_fqn, said, user)

    def table(self) -> dict[str, Any]:
        found = self.double.table(self.version.catalog_fqn)
        assert found is not None
        return found

    def column(self, name: str) -> dict[str, Any]:
        return next(column for column in self.table()["columns"] if column["name"] == name)

    def tags(self, column: str) -> dict[str, str]:
        held = labels(self.double, column, self.version.catalog_fqn)
        return {tag: state for tag, (_, state) in held.items()}

    def place(self, column: str, path: str, tag: str) -> str:
        """The JSON pointer to a tag of the column."""
        return f"{path}/tags/{list(self.tags(column)).index(tag)}"


def label(tag: str, how: str = "Manual", state: str = "Confirmed", source: str = "Classification") -> Any:
    return {"tagFQN": tag, "source": source, "labelType": how, "state": state}


def here(version: Version, column: str) -> dict[str, str]:
    identity = version.dataset.columns.get(key=column)
    return {tag.fqn: tag.state for tag in decided_tags([identity])[identity.pk]}


def say(version: Version, column: str, tag: str, state: str) -> None:
    identity = version.dataset.columns.get(key=column)
    decide(identity, Tag.objects.get(fqn=tag), state, identity.dataset.owner, "Known.")


def agree(version: Version) -> None:
    """The periodic tasks, twice; nothing is owed then."""
    for _ in range(2):
        agreement.look(Dataset.objects.get(pk=version.dataset_id))
        registration.tell_catalog(Dataset.objects.get(pk=version.dataset_id))
        registration.tell_descriptions()
    assert not CatalogDebt.objects.exists()


def upload_again(version: Version) -> None:
    """A job registers the table anew; then the periodic tasks."""
    registration.tell_anew(Version.objects.get(pk=version.pk))
    agree(version)


def test_a_level_is_changed_there_and_changed_back(version: Version, there: There) -> None:
    there.edit(("replace", f"{EMAIL}/tags/0", label("PII.NonSensitive")))
    agree(version)
    assert here(version, "email")["PII.NonSensitive"] == "confirmed"
    assert "PII.Sensitive" not in here(version, "email")
    there.edit(("replace", there.place("email", EMAIL, "PII.NonSensitive"), label("PII.Sensitive")))
    upload_again(version)
    assert here(version, "email")["PII.Sensitive"] == "confirmed"
    assert there.tags("email")["PII.Sensitive"] == "Confirmed"
    assert "PII.NonSensitive" not in there.tags("email")


def test_both_sides_choose_a_level_and_the_later_one_holds(version: Version, there: There) -> None:
    say(version, "city", "PII.Sensitive", "confirmed")
    there.edit(("add", f"{PLACE}/tags/0", label("PII.NonSensitive")))
    agree(version)
    upload_again(version)
    assert here(version, "city") == {"PII.NonSensitive": "confirmed"}
    assert there.tags("city") == {"PII.NonSensitive": "Confirmed"}


def test_a_description_is_cleared_on_either_side(version: Version, there: There) -> None:
    city = version.dataset.columns.get(key="city")
    Dataset.objects.update(description="Whom we know")
    Column.objects.filter(pk=city.pk).update(description="Where")
    agree(version)
    assert (there.table()["description"], there.column("city")["description"]) == ("Whom we know", "Where")
    there.edit(("remove", "/description", None))
    agree(version)
    assert Dataset.objects.get().description == ""
    Column.objects.filter(pk=city.pk).update(description="")
    upload_again(version)
    assert not there.table().get("description")
    assert not there.column("city").get("description")


def test_names_that_are_shown_there_and_texts_of_fields_outlast_an_upload(
    version: Version, there: There
) -> None:
    there.edit(
        ("add", "/displayName", "People we know"),
        ("add", f"{EMAIL}/displayName", "Mail address"),
        ("add", f"{FIELD}/description", "Where they live"),
    )
    upload_again(version)
    assert there.table()["displayName"] == "People we know"
    assert there.column("email")["displayName"] == "Mail address"
    assert there.column("city")["children"][0]["description"] == "Where they live"


def test_a_table_is_deleted_decided_on_here_and_restored(version: Version, there: There) -> None:
    there.edit(("add", f"{PLACE}/tags/0", label("PII.Sensitive")))
    connection = OMClient.shared().connection
    connection.delete(f"/tables/{version.catalog_id}")
    agreement.look(version.dataset)
    say(version, "email", "DataKind.Email", "confirmed")
    assert not registration.tell_catalog(version.dataset)
    connection.put("/tables/restore", {"id": version.catalog_id})
    agree(version)
    assert here(version, "city") == {"PII.Sensitive": "confirmed"}
    assert there.tags("email")["DataKind.Email"] == "Confirmed"


@pytest.mark.parametrize("hard", ["true", "false"])
@pytest.mark.parametrize("how", ["kept", "uploaded again"])
def test_a_deleted_table_comes_back_as_people_say_here(
    version: Version, there: There, steward: User, hard: str, how: str
) -> None:
    """Also with a level that excludes the one which the deleted table had, and another description."""
    Dataset.objects.update(description="Whom we knew")
    there.edit(("add", f"{PLACE}/tags/0", label("PII.NonSensitive")))
    agree(version)
    OMClient.shared().connection.delete(f"/tables/{version.catalog_id}?hardDelete={hard}")
    agreement.look(version.dataset)
    say(version, "city", "PII.NonSensitive", "rejected")
    say(version, "city", "PII.Sensitive", "confirmed")
    Dataset.objects.update(description="Whom we know")
    if how == "kept":
        agreement.keep(version.dataset, steward)
        agree(version)
    else:
        upload_again(version)
    version.refresh_from_db()
    agree(version)
    assert there.tags("city")["PII.Sensitive"] == "Confirmed"
    assert "PII.NonSensitive" not in there.tags("city")
    assert there.tags("email")["PII.Sensitive"] == "Suggested"
    assert there.table()["description"] == Dataset.objects.get().description == "Whom we know"


def test_a_tier_and_a_domain_are_theirs(double: Double, version: Version, there: There) -> None:
    there.edit(("add", "/tags/0", label("Tier.Tier1")))
    if double.profile != "1.1":
        domain = {"name": "Sales", "domainType": "Source-aligned", "description": "What is sold"}
        key = OMClient.shared().connection.put("/domains", domain).body["id"]
        there.edit(("add", "/domains", [{"id": key, "type": "domain"}]))
    upload_again(version)
    assert [tag["tagFQN"] for tag in there.table()["tags"]] == ["Tier.Tier1"]
    if double.profile != "1.1":
        assert [domain["name"] for domain in there.table()["domains"]] == ["Sales"]
    there.edit(("replace", "/tags/0", label("Tier.Tier2")))
    upload_again(version)
    assert [tag["tagFQN"] for tag in there.table()["tags"]] == ["Tier.Tier2"]
    there.edit(("remove", "/tags/0", None))
    upload_again(version)
    assert there.table()["tags"] == []


def test_what_a_term_brings_along_holds_as_long_as_the_term(
    double: Double, version: Version, there: There
) -> None:
    if double.profile == "1.1":
        pytest.skip("it has no glossaries")
    connection = OMClient.shared().connection
    connection.put("/glossaries", {"name": "Business", "description": "Our words"})
    connection.put("/glossaryTerms", {"name": "Town", "glossary": "Business", "description": "Where"})
    there.edit(
        ("add", f"{PLACE}/tags/0", label("Business.Town", source="Glossary")),
        ("add", f"{PLACE}/tags/1", label("PII.Sensitive", how="Derived")),
    )
    agree(version)
    assert here(version, "city") == {"PII.Sensitive": "confirmed"}
    assert "city" in access_of(version).masked_columns()
    # A server refuses what it excludes, and takes it off with the term only.
    say(version, "city", "PII.NonSensitive", "confirmed")
    upload_again(version)
    assert set(there.tags("city")) == {"Business.Town", "PII.Sensitive"}
    terms = sorted((there.place("city", PLACE, tag) for tag in there.tags("city")), reverse=True)
    there.edit(*(("remove", place, None) for place in terms))
    agree(version)
    assert "PII.Sensitive" not in here(version, "city")


def test_a_field_inside_is_tagged_otherwise_and_then_not_at_all(version: Version, there: There) -> None:
    there.edit(("add", f"{FIELD}/tags/0", label("PII.Sensitive")))
    upload_again(version)
    assert here(version, "city") == {"PII.Sensitive": "confirmed"}
    assert there.column("city")["tags"] == [], "it stays where somebody put it"
    there.edit(("replace", f"{FIELD}/tags/0", label("PII.NonSensitive")))
    upload_again(version)
    assert "PII.NonSensitive" in here(version, "city")
    assert "PII.Sensitive" not in here(version, "city")
    there.edit(("remove", f"{FIELD}/tags/0", None))
    upload_again(version)
    assert "PII.NonSensitive" not in here(version, "city")
    assert there.column("city")["children"][0]["tags"] == []


def test_a_field_inside_that_is_gone_leaves_its_tag_to_the_column(version: Version, there: There) -> None:
    there.edit(("add", f"{FIELD}/tags/0", label("PII.Sensitive")))
    renamed = {**CITY, "parts": [{"kind": "STRING", "name": "village", "parts": []}]}
    version.columns.filter(name="city").update(nested=renamed)
    upload_again(version)
    assert here(version, "city") == {"PII.Sensitive": "confirmed"}
    assert there.tags("city") == {"PII.Sensitive": "Confirmed"}


@pytest.mark.parametrize("change", ["goes and comes back", "has another type"])
def test_a_column_keeps_what_was_said_there_of_it(version: Version, there: There, change: str) -> None:
    there.edit(
        ("add", f"{PLACE}/tags/0", label("PII.Sensitive")), ("add", f"{PLACE}/description", "Where they live")
    )
    item = version.columns.get(name="city")
    if change == "has another type":
        version.columns.filter(pk=item.pk).update(nested=None, type="INT")
    else:
        fields = {field.name: getattr(item, field.name) for field in item._meta.fields if field.name != "id"}
        item.delete()
        upload_again(version)
        assert [column["name"] for column in there.table()["columns"]] == ["email"]
        VersionColumn.objects.create(**fields)
    upload_again(version)
    assert here(version, "city") == {"PII.Sensitive": "confirmed"}
    assert there.tags("city") == {"PII.Sensitive": "Confirmed"}
    assert there.column("city")["description"] == "Where they live"


def test_a_tool_that_comes_after_a_person_has_no_say(version: Version, there: There) -> None:
    """Before we looked again: it puts a tag back, takes one off, and writes another description."""
    say(version, "email", "PII.Sensitive", "confirmed")
    agree(version)
    there.edit(
        ("remove", there.place("email", EMAIL, "PII.Sensitive"), None),
        ("add", f"{PLACE}/tags/0", label("PII.NonSensitive")),
        ("add", f"{PLACE}/description", "Theirs"),
    )
    there.edit(
        ("add", f"{EMAIL}/tags/0", label("PII.Sensitive", "Automated", "Suggested")),
        ("remove", there.place("city", PLACE, "PII.NonSensitive"), None),
        ("replace", f"{PLACE}/description", "A tool's"),
        user="ingestion-bot",
    )
    agree(version)
    assert "PII.Sensitive" not in {**here(version, "email"), **there.tags("email")}
    assert here(version, "city") == {"PII.NonSensitive": "confirmed"}
    assert there.tags("city") == {"PII.NonSensitive": "Confirmed"}
    assert version.dataset.columns.get(key="city").description == "Theirs"
    assert there.column("city")["description"] == "Theirs"


def test_a_team_becomes_the_owner_there(double: Double, version: Version, there: There, owner: User) -> None:
    found = OMClient.shared().connection.get(f"/users/name/{owner.get_username()}?fields=teams")
    team = {"id": found["teams"][0]["id"], "type": "team"}
    field, value = ("owner", team) if double.profile == "1.1" else ("owners", [team])
    there.edit(("add", f"/{field}", value))
    upload_again(version)
    assert other_owner(version.dataset) == OwnerThere("Organization (team)", None)
    assert CatalogMirror.objects.get().owner == "Organization (team)"
