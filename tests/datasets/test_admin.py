"""Curation in the admin site."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from datasets.models import Column, Dataset, Job
from governance.models import Tag, TagDecision
from governance.rights.access import held_tags
from tests.making import ready_dataset


@pytest.fixture
def curator(steward: User) -> Client:
    """A steward signed in to the admin site."""
    steward.is_staff = True
    steward.save()
    client = Client()
    client.force_login(steward)
    return client


def email_of(dataset: Dataset) -> Column:
    return dataset.columns.get(key="email")


def state_of(column: Column, tag: str) -> str | None:
    return next((held.state for held in held_tags([column])[column.pk] if held.fqn == tag), None)


@pytest.mark.parametrize(
    "name",
    [
        "datasets_dataset", "datasets_column", "datasets_job", "governance_tag", "governance_policy",
        "governance_classification", "governance_tagdecision", "governance_auditevent", "governance_grant",
    ],
)  # fmt: skip
def test_every_list_opens_and_is_searched(curator: Client, people_table: Dataset, name: str) -> None:
    response = curator.get(reverse(f"admin:{name}_changelist"), {"q": "people"})
    assert response.status_code == 200


def test_pages_show_no_values(curator: Client, people_table: Dataset) -> None:
    column = email_of(people_table)
    for page in (
        reverse("admin:datasets_dataset_change", args=[people_table.pk]),
        reverse("admin:datasets_column_change", args=[column.pk]),
    ):
        response = curator.get(page)
        assert response.status_code == 200
        assert "a-email" not in response.content.decode()


def test_suggestions_of_many_columns_are_decided_at_once(
    curator: Client, people_table: Dataset, owner: User, steward: User
) -> None:
    other = ready_dataset(owner, "clients")
    columns = [email_of(people_table), email_of(other)]
    curator.post(
        reverse("admin:datasets_column_changelist"),
        {"action": "confirm_suggestions", "_selected_action": [column.pk for column in columns]},
    )
    assert [state_of(column, "PII.Sensitive") for column in columns] == ["confirmed", "confirmed"]
    decision = TagDecision.objects.filter(source="person").first()
    assert decision is not None
    assert decision.actor == steward


def test_a_tag_is_rejected_with_a_reason(curator: Client, people_table: Dataset) -> None:
    column = email_of(people_table)
    response = curator.post(
        reverse("admin:datasets_column_change", args=[column.pk]),
        {
            "description": "The shop's own address",
            "tag": Tag.objects.get(fqn="PII.Sensitive").pk,
            "decision": "rejected",
            "reason": "One address of the shop, no person's.",
            "decisions-TOTAL_FORMS": 0,
            "decisions-INITIAL_FORMS": 0,
        },
    )
    assert response.status_code == 302
    column.refresh_from_db()
    assert column.description == "The shop's own address"
    assert state_of(column, "PII.Sensitive") is None
    assert TagDecision.objects.filter(column=column, state="rejected").get().reason.startswith("One address")


def test_the_list_of_columns_asks_once_for_all_tags(
    curator: Client, owner: User, django_assert_max_num_queries: Callable[..., object]
) -> None:
    for number in range(10):
        ready_dataset(owner, f"table{number}")
    with django_assert_max_num_queries(24):  # type: ignore[attr-defined]
        curator.get(reverse("admin:datasets_column_changelist"))


def test_rows_that_only_the_platform_writes(curator: Client, people_table: Dataset, admin: User) -> None:
    client = Client()
    client.force_login(admin)
    for name in ("datasets_dataset_add", "datasets_job_add", "governance_auditevent_add"):
        assert client.get(reverse(f"admin:{name}")).status_code == 403
    assert client.get(reverse("admin:datasets_dataset_delete", args=[people_table.pk])).status_code == 403


def test_contributors_stay_outside(owner: User, people_table: Dataset) -> None:
    client = Client()
    client.force_login(owner)
    assert client.get(reverse("admin:datasets_dataset_changelist")).status_code == 302
    assert not Job.objects.exists()
