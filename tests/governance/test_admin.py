"""What stewards and admins edit in the admin site, and what they may not."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from datasets.models import Dataset, Version
from governance.curation.agreeing import open_column
from governance.models import AuditEvent, Classification, Grant, Policy, Tag, TagDecision
from governance.rights.access import access_of

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def sign_in() -> SignIn:
    def signed_in(user: User) -> Client:
        User.objects.filter(pk=user.pk).update(is_staff=True)
        client = Client()
        client.force_login(User.objects.get(pk=user.pk))
        return client

    return signed_in


def test_a_steward_edits_a_policy(sign_in: SignIn, steward: User, people_table: Dataset) -> None:
    version = Version.objects.get()
    Version.objects.update(index_state="ready", policy_fingerprint=access_of(version).fingerprint())
    policy = Policy.objects.get(tag__fqn="PII.Sensitive")
    form = {"tag": policy.tag_id, "masked": "on", "index": "leave_out", "retain_days": "30", "note": ""}
    response = sign_in(steward).post(f"/admin/governance/policy/{policy.pk}/change/", form)
    assert response.status_code == 302
    assert Version.objects.get().index_state == "stale"
    event = AuditEvent.objects.get(action="policy changed")
    assert event.actor == steward
    assert event.detail == {"tag": "PII.Sensitive", "masked": True, "index": "leave_out", "retain_days": 30}


def test_a_policy_that_is_deleted_rules_no_more(
    sign_in: SignIn, steward: User, people_table: Dataset
) -> None:
    version = Version.objects.get()
    Version.objects.update(index_state="ready", policy_fingerprint=access_of(version).fingerprint())
    policy = Policy.objects.get(tag__fqn="PII.Sensitive")
    sign_in(steward).post(f"/admin/governance/policy/{policy.pk}/delete/", {"post": "yes"})
    # The steward's word alone shows nothing: the column waits for its owner.
    assert access_of(version).get("email").because == ("Access.AwaitsOwner",)
    open_column(people_table.columns.get(key="email"), people_table.owner)
    assert access_of(version).masked_columns() == ()
    assert Version.objects.get().index_state == "stale"
    assert AuditEvent.objects.get(action="policy deleted").actor == steward


def test_a_steward_makes_a_classification_with_tags_whose_names_last(sign_in: SignIn, steward: User) -> None:
    client = sign_in(steward)
    none = {f"tags-{name}": value for name, value in (("INITIAL_FORMS", 0), ("MIN_NUM_FORMS", 0))}
    form = {"name": "Acme", "description": "Ours", "tags-TOTAL_FORMS": 1, **none, "tags-0-name": "Badge"}
    assert client.post("/admin/governance/classification/add/", form).status_code == 302
    tag = Tag.objects.get(fqn="Acme.Badge")
    acme = Classification.objects.get(name="Acme")
    again = {"name": "Other", "description": "Changed", "tags-TOTAL_FORMS": 0, **none}
    client.post(f"/admin/governance/classification/{acme.pk}/change/", again)
    acme.refresh_from_db()
    assert (acme.name, acme.description) == ("Acme", "Changed")
    change = {"classification": acme.pk, "name": "Other", "description": "A badge"}
    client.post(f"/admin/governance/tag/{tag.pk}/change/", change)
    tag.refresh_from_db()
    assert (tag.fqn, tag.description) == ("Acme.Badge", "A badge")
    actions = AuditEvent.objects.exclude(action="signed in").order_by("pk").values_list("action", flat=True)
    assert list(actions) == ["classification made", "classification changed", "tag changed"]


def test_what_is_written_is_not_edited(sign_in: SignIn, admin: User, people_table: Dataset) -> None:
    client = sign_in(admin)
    decision = TagDecision.objects.get()
    event = AuditEvent.objects.create(action="asked")
    for path in (f"tagdecision/{decision.pk}", f"auditevent/{event.pk}"):
        assert client.get(f"/admin/governance/{path}/change/").status_code == 200
        assert client.post(f"/admin/governance/{path}/change/", {"reason": "x"}).status_code == 403
        assert client.post(f"/admin/governance/{path}/delete/", {"post": "yes"}).status_code == 403
    for model in ("tagdecision", "auditevent"):
        assert client.post(f"/admin/governance/{model}/add/", {}).status_code == 403


@pytest.mark.parametrize("path", ["add/", "{grant}/change/"])
def test_being_an_admin_gives_no_right_to_personal_values(
    sign_in: SignIn, admin: User, people_table: Dataset, colleague: User, path: str
) -> None:
    grant = Grant.objects.create(dataset=people_table, user=colleague)
    form = {"dataset": people_table.pk, "user": admin.pk, "view_pii": "on"}
    response = sign_in(admin).post(f"/admin/governance/grant/{path.format(grant=grant.pk)}", form)
    assert response.status_code == 200
    assert "you cannot let others see them" in response.content.decode()
    assert Grant.objects.filter(view_pii=True).get().user == people_table.owner
