"""What people decide: all or none, tags that exclude each other, the catalog, and the index."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django_q.models import OrmQ

from datasets.ingestion import tasks
from datasets.models import Column, Dataset, Version
from governance.catalog.configured import get_catalog
from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.catalog.local import LocalCatalog
from governance.curation.decisions import Decision, decide, decide_all
from governance.curation.staleness import mark_stale
from governance.models import AuditEvent, CatalogDebt, Policy, Tag, TagDecision
from governance.rights.access import access_of, held_tags
from governance.sync.registration import catalog_table
from tests.making import ready_dataset

pytestmark = pytest.mark.django_db


def tag(fqn: str) -> Tag:
    return Tag.objects.get(fqn=fqn)


def column(dataset: Dataset, key: str) -> Column:
    return dataset.columns.get(key=key)


def held(dataset: Dataset, key: str) -> dict[str, str]:
    """Tag -> its state."""
    of = column(dataset, key)
    return {each.fqn: each.state for each in held_tags([of])[of.pk]}


def registered(owner: User, name: str) -> Dataset:
    """Indexed under what governs it now, and known to the catalog."""
    dataset = ready_dataset(owner, name)
    version = dataset.current_version
    assert version is not None
    entry = get_catalog().register(catalog_table(version))
    Version.objects.filter(pk=version.pk).update(
        catalog_id=entry.id, index_state="ready", policy_fingerprint=access_of(version).fingerprint()
    )
    return Dataset.objects.get(pk=dataset.pk)


def queued() -> list[str]:
    return sorted(each.func() for each in OrmQ.objects.all())


def test_a_persons_tag_excludes_what_a_classifier_suggests(people_table: Dataset, steward: User) -> None:
    decide(column(people_table, "email"), tag("PII.None"), "confirmed", people_table.owner, "Test accounts.")
    assert held(people_table, "email") == {"PII.None": "confirmed"}
    newer = TagDecision.objects.get(source="classifier")
    newer.pk, newer._state.adding = None, True
    newer.save()
    assert held(people_table, "email") == {"PII.None": "confirmed"}


def test_a_persons_tag_replaces_another_persons_where_they_exclude_each_other(
    people_table: Dataset, steward: User, owner: User
) -> None:
    city = column(people_table, "city")
    decide(city, tag("PII.Sensitive"), "confirmed", owner)
    decide(city, tag("DataKind.Location"), "confirmed", owner)
    decide(city, tag("PII.NonSensitive"), "confirmed", steward, "Public.")
    assert held(people_table, "city") == {"DataKind.Location": "confirmed", "PII.NonSensitive": "confirmed"}
    replaced = TagDecision.objects.get(state="rejected")
    assert (replaced.tag.fqn, replaced.actor, replaced.reason) == (
        "PII.Sensitive", steward, "Replaced by PII.NonSensitive.",
    )  # fmt: skip
    get_catalog().register(catalog_table(Version.objects.get()))


def test_of_two_that_exclude_each_other_the_last_holds(people_table: Dataset, steward: User) -> None:
    city = column(people_table, "city")
    both = [Decision(city, tag(fqn), "confirmed") for fqn in ("PII.Sensitive", "PII.NonSensitive")]
    decide_all(both, steward)
    assert held(people_table, "city") == {"PII.NonSensitive": "confirmed"}


def test_all_or_none(people_table: Dataset, steward: User) -> None:
    email, city = column(people_table, "email"), column(people_table, "city")
    wrong = [Decision(email, tag("PII.Sensitive"), "rejected"), Decision(city, tag("PII.None"), "perhaps")]
    with pytest.raises(ValueError):
        decide_all(wrong, steward)
    assert held(people_table, "email") == {"PII.Sensitive": "suggested"}
    assert not AuditEvent.objects.exists()


def test_each_decision_says_who_when_and_why(people_table: Dataset, owner: User) -> None:
    both = [
        Decision(column(people_table, key), tag("PII.None"), "confirmed", "Made up.")
        for key in ("email", "city")
    ]
    decide_all(both, owner)
    events = AuditEvent.objects.order_by("pk")
    assert [(event.actor, event.action, event.dataset_id) for event in events] == [
        (owner, "tag confirmed", people_table.pk)
    ] * 2
    assert [event.detail for event in events] == [
        {"column": key, "tag": "PII.None", "reason": "Made up."} for key in ("email", "city")
    ]
    assert all(event.at for event in events)


def test_only_the_indexes_that_no_longer_fit_are_closed_and_rebuilt(owner: User, steward: User) -> None:
    one, other = registered(owner, "one"), registered(owner, "other")
    decide(column(one, "city"), tag("DataKind.Location"), "confirmed", steward)
    assert queued() == ["datasets.ingestion.tasks.tell_catalog"]
    decide(column(one, "city"), tag("PII.NonSensitive"), "confirmed", steward)
    assert "datasets.ingestion.queue.queue_rebuilds" in queued()
    states = dict(Version.objects.values_list("dataset", "index_state"))
    assert states == {one.pk: "stale", other.pk: "ready"}


def test_a_policy_closes_the_indexes_of_its_tag_alone(owner: User, steward: User) -> None:
    one, other = registered(owner, "one"), registered(owner, "other")
    decide(column(one, "city"), tag("DataKind.Location"), "confirmed", steward)
    Policy.objects.create(tag=tag("DataKind.Location"), masked=False, index="leave_out")
    assert mark_stale() == 1
    states = dict(Version.objects.values_list("dataset", "index_state"))
    assert states == {one.pk: "stale", other.pk: "ready"}


def test_the_catalog_is_told(owner: User, steward: User) -> None:
    dataset = registered(owner, "one")
    decide(column(dataset, "city"), tag("DataKind.Location"), "confirmed", steward)
    decide(column(dataset, "email"), tag("PII.Sensitive"), "rejected", owner)
    tasks.tell_catalog(str(dataset.pk))
    version = Version.objects.get()
    entry = get_catalog().fetch(version.catalog_id)
    assert entry is not None
    assert entry.tags == {"email": (), "city": ("DataKind.Location",)}
    assert version.catalog_version == entry.version
    assert not CatalogDebt.objects.exists()


def test_a_catalog_that_is_away_is_told_later(owner: User, steward: User) -> None:
    dataset = registered(owner, "one")
    decide(column(dataset, "city"), tag("DataKind.Location"), "confirmed", steward)
    away = patch.object(LocalCatalog, "apply_column_tags", side_effect=CatalogUnavailable("away"))
    with away, pytest.raises(tasks.TaskFailed):
        tasks.tell_catalog(str(dataset.pk))
    assert CatalogDebt.objects.count() == 1
    assert tasks.tell_catalog_what_is_owed() == 1
    entry = get_catalog().fetch(Version.objects.get().catalog_id)
    assert entry is not None
    assert entry.tags["city"] == ("DataKind.Location",)
    assert tasks.tell_catalog_what_is_owed() == 0


def test_what_changes_while_the_catalog_is_told_is_told_again(owner: User, steward: User) -> None:
    dataset = registered(owner, "one")
    city = column(dataset, "city")
    decide(city, tag("DataKind.Location"), "confirmed", steward)
    apply = LocalCatalog.apply_column_tags

    def slowly(self: LocalCatalog, *told: Any) -> object:
        decide(city, tag("DataKind.Location"), "rejected", steward)
        return apply(self, *told)

    with patch.object(LocalCatalog, "apply_column_tags", slowly):
        tasks.tell_catalog(str(dataset.pk))
    assert CatalogDebt.objects.filter(column=city).exists()
    tasks.tell_catalog(str(dataset.pk))
    entry = get_catalog().fetch(Version.objects.get().catalog_id)
    assert entry is not None
    assert entry.tags["city"] == ()


def test_a_dataset_that_the_catalog_refuses_keeps_no_other_waiting(owner: User, steward: User) -> None:
    refused, taken = registered(owner, "one"), registered(owner, "two")
    both = [
        Decision(column(each, "city"), tag("DataKind.Location"), "confirmed") for each in (refused, taken)
    ]
    decide_all(both, steward)
    assert "datasets.ingestion.tasks.tell_catalog_what_is_owed" in queued()
    apply, bad = LocalCatalog.apply_column_tags, refused.versions.get().catalog_id

    def picky(self: LocalCatalog, entry_id: str, *rest: dict[str, tuple[str, ...]]) -> object:
        if entry_id == bad:
            raise CatalogRefused("No.")
        return apply(self, entry_id, *rest)

    with patch.object(LocalCatalog, "apply_column_tags", picky):
        assert tasks.tell_catalog_what_is_owed() == 1
    assert [debt.column.dataset for debt in CatalogDebt.objects.all()] == [refused]


def test_thousands_of_decisions_take_a_handful_of_queries(
    owner: User, steward: User, django_assert_max_num_queries: Callable[[int], AbstractContextManager[object]]
) -> None:
    datasets = [ready_dataset(owner, f"table {number}") for number in range(20)]
    location = Tag.objects.select_related("classification").get(fqn="DataKind.Location")
    many = [Decision(column(each, "city"), location, "confirmed") for each in datasets]
    with django_assert_max_num_queries(14):
        decide_all(many, steward)
    assert TagDecision.objects.filter(source="person").count() == 20
