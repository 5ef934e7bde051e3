"""The catalog in our own tables keeps what governance.catalog.contract.Catalog promises."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from governance.catalog.contract import CatalogRefused, CatalogTable
from governance.catalog.local import LocalCatalog
from governance.models import CatalogRecord
from tests.governance.catalog_tables import catalog_column, catalog_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def catalog() -> LocalCatalog:
    return LocalCatalog()


def people(**tags: tuple[str, ...]) -> CatalogTable:
    return catalog_table(catalog_column("email", *tags.get("email", ())), catalog_column("city"))


def test_a_table_comes_back_as_it_was_registered(catalog: LocalCatalog) -> None:
    entry = catalog.register(people(email=("PII.Sensitive", "DataKind.Email")))
    found = catalog.fetch(entry.id)
    assert found is not None
    assert found.fqn == "omdplatform.lake.owner-1.people"
    assert found.tags == {"email": ("DataKind.Email", "PII.Sensitive"), "city": ()}
    assert (found.owner, found.version) == ("owner", "1")


def test_registering_the_same_again_changes_nothing(catalog: LocalCatalog) -> None:
    first, second = catalog.register(people()), catalog.register(people())
    assert (first.id, first.version) == (second.id, second.version)
    assert CatalogRecord.objects.count() == 1


def test_registering_again_replaces_tags_and_columns(catalog: LocalCatalog) -> None:
    first = catalog.register(people(email=("PII.Sensitive",)))
    changed = replace(people(email=("PII.None",)), columns=(catalog_column("email", "PII.None"),))
    second = catalog.register(changed)
    assert second.id == first.id
    assert second.version == "2"
    assert second.tags == {"email": ("PII.None",)}


def test_tables_of_two_owners_with_one_name_do_not_meet(catalog: LocalCatalog) -> None:
    one = catalog.register(people())
    other = catalog.register(replace(people(), schema="owner-2"))
    assert one.id != other.id


def test_edits_replace_the_tags_of_the_named_columns_only(catalog: LocalCatalog) -> None:
    entry = catalog.register(people(email=("PII.Sensitive",)))
    edited = catalog.apply_column_tags(entry.id, {"city": ["PII.NonSensitive"]})
    assert edited.tags == {"email": ("PII.Sensitive",), "city": ("PII.NonSensitive",)}
    assert edited.version == "2"
    assert catalog.apply_column_tags(entry.id, {"email": []}).tags["email"] == ()


@pytest.mark.parametrize(
    ("changes", "status", "column", "word"),
    [
        ({"email": ["PII.Nope"]}, 404, "email", "PII.Nope"),
        ({"email": ["PII.None", "PII.Sensitive"]}, 400, "email", "exclude"),
        ({"phone": ["PII.None"]}, 404, "phone", "phone"),
        ({"city": ["PII.None"], "email": ["Nope.Nope"]}, 404, "email", "Nope.Nope"),
    ],
)
def test_refused_edits_change_nothing(
    catalog: LocalCatalog, changes: dict[str, list[str]], status: int, column: str, word: str
) -> None:
    entry = catalog.register(people(email=("PII.Sensitive",)))
    with pytest.raises(CatalogRefused, match=word) as refused:
        catalog.apply_column_tags(entry.id, changes)
    assert (refused.value.answered, refused.value.column) == (status, column)
    found = catalog.fetch(entry.id)
    assert found is not None
    assert (found.tags, found.version) == (entry.tags, "1")


def test_a_table_with_a_tag_that_nobody_made_is_refused_as_a_whole(catalog: LocalCatalog) -> None:
    with pytest.raises(CatalogRefused, match=r"PII\.Nope"):
        catalog.register(people(email=("PII.Nope",)))
    assert not CatalogRecord.objects.exists()


def test_tags_that_exclude_nobody_go_together(catalog: LocalCatalog) -> None:
    entry = catalog.register(people(email=("DataKind.Email", "DataKind.FreeText", "PII.Sensitive")))
    assert len(entry.tags["email"]) == 3


def test_a_retired_table_is_gone_until_it_is_registered_again(catalog: LocalCatalog) -> None:
    entry = catalog.register(people())
    catalog.retire(entry.id)
    catalog.retire(entry.id)
    assert catalog.fetch(entry.id) is None
    with pytest.raises(CatalogRefused, match="no such table"):
        catalog.apply_column_tags(entry.id, {"email": []})
    assert catalog.register(people()).id == entry.id
    assert catalog.fetch(entry.id) is not None


def test_what_was_never_there_is_not_found_and_may_be_retired(catalog: LocalCatalog) -> None:
    unknown = str(uuid4())
    assert catalog.fetch(unknown) is None
    catalog.retire(unknown)


def test_the_record_holds_original_names_types_and_counts(catalog: LocalCatalog) -> None:
    column = replace(catalog_column("a:b"), display_name="a::b", description="two colons")
    table = replace(people(), columns=(column,), profile=({"rows": 2, "nulls": 0},))
    catalog.register(table)
    document = CatalogRecord.objects.get().document
    assert document["columns"] == [
        {"name": "a:b", "displayName": "a::b", "dataType": "STRING", "description": "two colons", "tags": []}
    ]
    assert document["profile"] == [{"rows": 2, "nulls": 0}]


def test_table_tags_are_ruled_like_column_tags(catalog: LocalCatalog) -> None:
    with pytest.raises(CatalogRefused, match=r"Nope\.Nope"):
        catalog.register(replace(people(), tags=("Nope.Nope",)))
