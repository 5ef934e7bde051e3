"""An owner changed in the catalog is asked about, and taken over or set back by people, never by itself."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from datasets.models import Dataset, Version
from governance.catalog.configured import get_catalog
from governance.models import AuditEvent, CatalogMirror
from governance.om_client import OMClient
from governance.rights.access import may_view_pii
from governance.sync import agreement, registration
from governance.sync.owners import OwnerThere, other_owner
from tests.conftest import person
from tests.making import ready_dataset
from tests.openmetadata_double import Double
from tests.pages import as_read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(double: Double, people_table: Dataset) -> Dataset:
    """Registered, with owner `owner` on both sides."""
    version = people_table.current_version
    assert version is not None
    entry = registration.register(version)
    Version.objects.filter(pk=version.pk).update(catalog_id=entry.id, catalog_fqn=entry.fqn)
    return Dataset.objects.select_related("owner", "current_version").get(pk=people_table.pk)


def own_there(double: Double, dataset: Dataset, *names: str) -> None:
    """A person changes the owners in the catalog, and we look."""
    ids = [{"id": OMClient.shared().places.owner(name), "type": "user"} for name in names]
    assert dataset.current_version is not None
    field, value = ("owner", ids[0] if ids else None) if double.profile == "1.1" else ("owners", ids)
    change = (
        {"op": "add", "path": f"/{field}", "value": value} if ids else {"op": "remove", "path": f"/{field}"}
    )
    double.edit(dataset.current_version.catalog_fqn, [change])
    agreement.look(dataset)


def known(dataset: Dataset) -> OwnerThere:
    found = other_owner(dataset)
    assert found is not None
    return found


def owner_there(dataset: Dataset) -> str | None:
    assert dataset.current_version is not None
    found = get_catalog().fetch(dataset.current_version.catalog_id)
    return found.owner if found else None


def page_of(dataset: Dataset, user: User) -> str:
    return as_read(signed_in(user).get(dataset.get_absolute_url()))


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def settle(dataset: Dataset, user: User, holds: str) -> int:
    return signed_in(user).post(f"{dataset.get_absolute_url()}owner", {"holds": holds}).status_code


def test_nothing_is_asked_while_both_sides_agree(people: Dataset, owner: User) -> None:
    assert other_owner(people) is None
    assert "Neither is changed" not in page_of(people, owner)


def test_the_page_asks_and_the_owner_hands_over(
    double: Double, people: Dataset, owner: User, colleague: User
) -> None:
    own_there(double, people, "colleague")
    registration.register(people.current_version)  # type: ignore[arg-type]
    assert owner_there(people) == "colleague", "never set back by itself"
    page = page_of(people, owner)
    assert "In the catalog colleague owns this table; here owner does." in page
    assert "Make colleague the owner here" in page
    assert "Keep owner, and tell the catalog" in page
    assert settle(people, owner, "there") == 302
    people.refresh_from_db()
    assert people.owner == colleague
    assert not may_view_pii(colleague, people), "rights to personal values do not go along"
    assert other_owner(people) is None
    event = AuditEvent.objects.get(action="owner taken over from the catalog")
    assert event.detail == {"owner": "colleague", "before": "owner"}
    assert "Owner taken over from the catalog" in page_of(people, colleague)


def test_ours_is_kept_and_told(double: Double, people: Dataset, owner: User, steward: User) -> None:
    own_there(double, people, "colleague")
    assert settle(people, steward, "here") == 302
    assert owner_there(people) == "owner"
    assert CatalogMirror.objects.get().owner == "owner"
    agreement.look(people)
    assert other_owner(people) is None
    assert AuditEvent.objects.filter(action="owner kept against the catalog").exists()


def test_ours_is_not_believed_to_be_told_unless_it_was_read_back(
    double: Double, people: Dataset, owner: User, colleague: User
) -> None:
    own_there(double, people, "colleague")
    double.pretend("PATCH")
    settle(people, owner, "here")
    assert CatalogMirror.objects.get().owner == "colleague"
    assert not AuditEvent.objects.filter(action="owner kept against the catalog").exists()


def test_a_steward_makes_nobody_the_owner(
    double: Double, people: Dataset, steward: User, admin: User, colleague: User, stranger: User
) -> None:
    """Owners decide what is opened: a steward who names one in the catalog would open it alone."""
    own_there(double, people, "steward")
    assert "Make steward the owner here" not in page_of(people, steward)
    assert settle(people, steward, "there") == 404
    assert settle(people, stranger, "here") == 404
    people.grants.create(user=colleague)
    assert settle(people, colleague, "here") == 404
    people.refresh_from_db()
    assert people.owner.username == "owner"
    assert settle(people, admin, "there") == 302
    people.refresh_from_db()
    assert people.owner == steward


def test_nobody_there_is_asked_about_too(double: Double, people: Dataset, owner: User) -> None:
    own_there(double, people)
    page = page_of(people, owner)
    assert "In the catalog nobody owns this table" in page
    assert "the owner here" not in page
    registration.register(people.current_version)  # type: ignore[arg-type]
    assert owner_there(people) is None


def test_somebody_without_an_account_cannot_own_it_here(double: Double, people: Dataset, owner: User) -> None:
    own_there(double, people, "nobody-of-us")
    assert "nobody-of-us has no account here" in page_of(people, owner)
    settle(people, owner, "there")
    people.refresh_from_db()
    assert people.owner == owner


def test_an_owner_among_others_is_no_other_owner(double: Double, people: Dataset) -> None:
    if double.profile == "1.1":
        pytest.skip("it knows one owner")
    own_there(double, people, "maria", "owner")
    assert other_owner(people) is None
    own_there(double, people, "maria", "otto")
    assert known(people).names == "maria, otto"


def test_people_with_addresses_are_known_by_what_the_catalog_calls_them(
    double: Double, people: Dataset
) -> None:
    ann = person("ann@example.org", "contributors")
    own_there(double, people, "ann@example.org")
    assert known(people).heir == ann
    CatalogMirror.objects.update(owner="ann")
    assert known(people).heir == ann
    person("ann@example.net", "contributors")
    assert known(people).heir is None, "one of two"


def test_two_datasets_of_one_name_have_different_owners(
    double: Double, people: Dataset, owner: User, colleague: User
) -> None:
    ready_dataset(colleague, "people")
    own_there(double, people, "colleague")
    client = signed_in(owner)
    client.post(f"{people.get_absolute_url()}owner", {"holds": "there"})
    assert "colleague has a dataset of this name" in as_read(client.get(people.get_absolute_url()))
    people.refresh_from_db()
    assert people.owner == owner
