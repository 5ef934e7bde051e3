"""What was masked is opened by two people."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from datasets.models import Dataset, Version
from governance.curation.agreeing import open_column
from governance.curation.decisions import Decision, decide, decide_all
from governance.curation.openings import OpeningRefused
from governance.models import AuditEvent, Grant, Policy, Tag
from governance.rights.access import access_of
from tests.conftest import person

pytestmark = pytest.mark.django_db


def tag(fqn: str) -> Tag:
    return Tag.objects.get(fqn=fqn)


def because(dataset: Dataset) -> tuple[str, ...]:
    version = Version.objects.get(pk=dataset.current_version_id)
    return access_of(version).get("email").because if access_of(version).masked_columns() else ()


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def reject(dataset: Dataset, by: User) -> None:
    decide(dataset.columns.get(key="email"), tag("PII.Sensitive"), "rejected", by, "Seems harmless.")


@pytest.mark.parametrize("how", ["rejected", "replaced", "none"])
def test_a_steward_alone_opens_nothing(people_table: Dataset, steward: User, how: str) -> None:
    email = people_table.columns.get(key="email")
    match how:
        case "rejected":
            reject(people_table, steward)
        case "replaced":
            new = [
                Decision(email, tag("PII.Sensitive"), "rejected"),
                Decision(email, tag("PII.None"), "confirmed"),
            ]
            decide_all(new, steward)
        case _:
            decide(email, tag("PII.None"), "confirmed", steward)
    assert because(people_table) == ("Access.AwaitsOwner",)
    page = client_of(steward).get(people_table.get_absolute_url()).content.decode()
    assert "a-email" not in page
    assert "It stays masked until its owner agrees" in page
    assert "Open email to its readers" not in page


def test_the_steward_takes_away_nothing_that_waits(people_table: Dataset, steward: User) -> None:
    reject(people_table, steward)
    email = people_table.columns.get(key="email")
    with pytest.raises(OpeningRefused):
        decide(email, tag("Access.AwaitsOwner"), "rejected", steward)
    with pytest.raises(OpeningRefused):
        open_column(email, steward)
    steward.is_staff = True
    steward.save()
    policy = Policy.objects.get(tag__fqn="Access.AwaitsOwner")
    client = client_of(steward)
    client.post(f"/admin/governance/policy/{policy.pk}/delete/", {"post": "yes"})
    client.post(f"/admin/governance/policy/{policy.pk}/change/", {"tag": policy.tag_id, "index": "index"})
    chosen = {"action": "delete_selected", "_selected_action": [policy.pk], "post": "yes"}
    client.post("/admin/governance/policy/", chosen)
    asked = {"action": "reject", "item": f"{email.pk}:Access.AwaitsOwner", "reason": "x"}
    assert client.post("/review/", asked).status_code == 400
    assert client.post(f"{people_table.get_absolute_url()}columns/{email.pk}/open").status_code == 404
    assert because(people_table) == ("Access.AwaitsOwner",)


def test_the_owner_sees_it_and_agrees(
    people_table: Dataset, steward: User, owner: User, colleague: User
) -> None:
    Grant.objects.create(dataset=people_table, user=colleague, view_pii=False, granted_by=owner)
    reject(people_table, steward)
    address = people_table.get_absolute_url()
    page = client_of(owner).get(address).content.decode()
    assert "Open email to its readers" in page
    assert "Opening asked for" in page
    email = people_table.columns.get(key="email")
    assert client_of(colleague).post(f"{address}columns/{email.pk}/open").status_code == 404
    assert client_of(owner).post(f"{address}columns/{email.pk}/open").status_code == 302
    assert because(people_table) == ()
    assert "a-email" in client_of(colleague).get(address).content.decode()
    event = AuditEvent.objects.get(action="column opened")
    assert (event.actor, event.detail) == (owner, {"column": "email"})


def test_another_administrator_may_agree_but_not_the_one_who_asked(
    people_table: Dataset, admin: User
) -> None:
    reject(people_table, admin)
    email = people_table.columns.get(key="email")
    with pytest.raises(OpeningRefused):
        open_column(email, admin)
    assert because(people_table) == ("Access.AwaitsOwner",)
    other = person("other-admin")
    other.is_superuser = True
    other.save()
    open_column(email, other)
    assert because(people_table) == ()


def test_an_owner_opens_what_is_theirs(people_table: Dataset, owner: User) -> None:
    reject(people_table, owner)
    assert because(people_table) == ()


def test_a_loosened_policy_waits_for_each_owner(people_table: Dataset, steward: User) -> None:
    steward.is_staff = True
    steward.save()
    policy = Policy.objects.get(tag__fqn="PII.Sensitive")
    answer = client_of(steward).post(
        f"/admin/governance/policy/{policy.pk}/change/", {"tag": policy.tag_id, "index": "index", "note": ""}
    )
    assert answer.status_code == 302
    policy.refresh_from_db()
    assert not policy.masked
    assert "Access.AwaitsOwner" in because(people_table)


def test_the_owner_hears_of_a_steward_who_deletes(people_table: Dataset, steward: User, owner: User) -> None:
    assert client_of(steward).post(f"{people_table.get_absolute_url()}delete").status_code == 302
    page = client_of(owner).get("/datasets/").content.decode()
    assert "Your dataset people was deleted by steward" in page
    assert "was deleted" not in client_of(person("else")).get("/datasets/").content.decode()
