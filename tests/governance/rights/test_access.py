"""What holds now: suggestions mask at once, people's words last, rights come from grants alone."""

import pytest
from django.contrib.auth.models import User

from datasets.models import Column, Dataset, Version, VersionColumn
from governance.classifier import Evidence, Finding
from governance.curation.decisions import decide, suggest
from governance.models import AuditEvent, Grant, Policy, Tag, TagDecision
from governance.rights.access import access_of, held_tags, may_change, may_view_pii

pytestmark = pytest.mark.django_db

MAPPING = {"EMAIL": ("PII.Sensitive", "DataKind.Email"), "PHONE": ("PII.NonSensitive",)}


def finding(column: str, entity: str) -> Finding:
    evidence = Evidence(1.0, 10, None, None, ("Every value has the form of an address.",), (), ())
    return Finding(column, entity, 0.9, evidence, personal=entity != "NONE")


def add_version(dataset: Dataset, number: int, names: list[str]) -> Version:
    version = Version.objects.create(
        dataset=dataset, number=number, created_by=dataset.owner, filename="a.csv", size_bytes=1
    )
    for position, name in enumerate(names):
        column, _ = Column.objects.get_or_create(
            dataset=dataset, key=Column.key_of(name), defaults={"name": name}
        )
        VersionColumn.objects.create(
            version=version, column=column, position=position, name=name, type="STRING"
        )
    return version


@pytest.fixture
def dataset(owner: User) -> Dataset:
    return Dataset.objects.create(owner=owner, name="People", table_name="people", schema_name="owner-1")


@pytest.fixture
def version(dataset: Dataset) -> Version:
    return add_version(dataset, 1, ["mail", "call", "note"])


def fqns(version: Version, name: str) -> list[str]:
    column = version.dataset.columns.get(key=name)
    return [tag.fqn for tag in held_tags([column], version)[column.pk]]


def test_a_suggestion_masks_at_once(version: Version) -> None:
    suggest(version, [finding("mail", "EMAIL"), finding("call", "NONE"), finding("note", "NONE")], MAPPING)
    access = access_of(version)
    assert access.masked_columns() == ("mail",)
    assert access.get("mail").because == ("PII.Sensitive",)


def test_suggesting_again_writes_nothing_new(version: Version) -> None:
    for _ in range(2):
        suggest(version, [finding("mail", "EMAIL")], MAPPING)
    assert TagDecision.objects.count() == 2


def test_a_classifier_takes_its_own_word_back_but_nobody_elses(version: Version, steward: User) -> None:
    suggest(version, [finding("mail", "EMAIL")], MAPPING)
    mail = version.dataset.columns.get(key="mail")
    decide(mail, Tag.objects.get(fqn="PII.Sensitive"), "confirmed", steward, "Seen")
    suggest(version, [finding("mail", "NONE")], MAPPING)
    assert fqns(version, "mail") == ["PII.Sensitive"]


def test_a_rejected_tag_stays_away(version: Version, steward: User) -> None:
    suggest(version, [finding("mail", "EMAIL")], MAPPING)
    mail = version.dataset.columns.get(key="mail")
    decide(mail, Tag.objects.get(fqn="PII.Sensitive"), "rejected", steward)
    newer = add_version(version.dataset, 2, ["note", "MAIL "])
    suggest(newer, [finding("MAIL ", "EMAIL"), finding("note", "NONE")], MAPPING)
    assert fqns(newer, "mail") == ["DataKind.Email"]
    assert AuditEvent.objects.get().detail == {"column": "mail", "tag": "PII.Sensitive", "reason": ""}


def test_an_older_version_keeps_what_was_found_in_it(version: Version) -> None:
    suggest(version, [finding("mail", "EMAIL")], MAPPING)
    newer = add_version(version.dataset, 2, ["mail"])
    suggest(newer, [finding("mail", "NONE")], MAPPING)
    assert access_of(version).masked_columns() == ("mail",)
    assert access_of(newer).masked_columns() == ()


def test_a_tag_that_only_the_mapping_knows_is_made_and_masks(version: Version) -> None:
    suggest(version, [finding("mail", "EMAIL")], {"EMAIL": ("PII.PersonalData",)})
    assert Policy.objects.get(tag__fqn="PII.PersonalData").masked
    assert access_of(version).masked_columns() == ("mail",)


def test_a_decision_closes_an_index_that_no_longer_fits(version: Version, steward: User) -> None:
    suggest(version, [finding("mail", "EMAIL")], MAPPING)
    fits = access_of(version).fingerprint()
    Version.objects.update(index_state="ready", policy_fingerprint=fits, catalog_version="1")
    call = version.dataset.columns.get(key="call")
    decide(call, Tag.objects.get(fqn="DataKind.Phone"), "confirmed", steward)
    version.refresh_from_db()
    assert version.index_state == "ready"
    decide(call, Tag.objects.get(fqn="PII.NonSensitive"), "confirmed", steward)
    version.refresh_from_db()
    assert version.index_state == "stale"


def test_personal_values_are_shown_by_grant_alone(dataset: Dataset, owner: User, admin: User) -> None:
    assert not may_view_pii(owner, dataset)
    assert not may_view_pii(admin, dataset)
    Grant.objects.create(dataset=dataset, user=owner, view_pii=True)
    assert may_view_pii(owner, dataset)
    owner.is_active = False
    assert not may_view_pii(owner, dataset)


def test_who_may_see_and_change(
    dataset: Dataset, owner: User, colleague: User, stranger: User, steward: User
) -> None:
    Grant.objects.create(dataset=dataset, user=colleague)
    sees = {user.username: dataset in Dataset.objects.all().visible_to(user) for user in User.objects.all()}
    assert sees == {user.username: user != stranger for user in User.objects.all()}
    assert [may_change(user, dataset) for user in (owner, colleague, stranger, steward)] == [
        True, False, False, True,
    ]  # fmt: skip
