"""What is kept: vectors, the audit log and the tables that asking writes hold none of it."""

from __future__ import annotations

from pathlib import Path

from tests.ingested import bytes_below
from tests.promptiq.governed import tables
from tests.promptiq.governed.conftest import World
from tests.promptiq.governed.leaks import as_bytes


def test_the_columns_are_what_the_suite_takes_them_for(world: World) -> None:
    from governance.access import access_of

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
