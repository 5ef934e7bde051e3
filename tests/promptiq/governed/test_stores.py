"""What is kept: vectors, the audit log and the tables that asking writes hold none of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from governance.models import CatalogRecord
from tests.ingested import bytes_below
from tests.promptiq.governed import tables
from tests.promptiq.governed.conftest import World
from tests.promptiq.governed.leaks import as_bytes, as_text, leaks


def test_the_columns_are_what_the_suite_takes_them_for(world: World) -> None:
    from governance.rights.access import access_of

    assert set(access_of(world.customers.current_version).masked_columns()) == {
        "customer_name", "email", "phone", "card_number", "birth_date", "income",
    }  # fmt: skip
    assert access_of(world.shifts.current_version).masked_columns() == ("confidential",)
    assert access_of(world.merger.current_version).masked_columns() == ()


def test_the_files_of_the_vector_server_hold_no_value(world: World, vector_folder: Path) -> None:
    kept = bytes_below(vector_folder)
    assert world.customers.current_version.collection.encode() in kept
    secrets = tables.masked_values() + tables.values_in_open_columns() + tables.private_values()
    assert not [secret for secret in as_bytes(secrets) if secret in kept]


def test_profiles_and_pages_show_the_viewer_no_value(
    world: World, api: Callable[[User | None], APIClient]
) -> None:
    client = Client()
    client.force_login(world.viewer)
    for dataset in (world.customers, world.shifts):
        for part in ("", "/profile", "/columns", "/lineage"):
            response = api(world.viewer).get(f"/api/v1/datasets/{dataset.pk}{part}")
            assert not leaks(response.content.decode()), part
        page = client.get(f"/datasets/{dataset.pk}/")
        assert page.status_code == 200
        assert not leaks(page.content.decode())
    whole = api(world.owner).get(f"/api/v1/datasets/{world.shifts.pk}/profile")
    assert leaks(whole.content.decode()), "its owner sees ranges and frequent values"


def test_the_catalog_is_told_no_value(world: World) -> None:
    """The name of the private dataset is known there; what is in it is not."""
    told = as_text(list(CatalogRecord.objects.values("document")))
    secrets = [*tables.masked_values(), *tables.values_in_open_columns(), "Obsidiana"]
    assert not leaks(told, secrets=secrets)
