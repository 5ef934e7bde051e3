"""Creates what a fresh clone lacks."""

from __future__ import annotations

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from governance.keys import make_key_pairs
from governance.seeding import seed_tags
from omdplatform.base import private_files


def prepare() -> None:
    """A private data folder, tables, cache table and key pairs. Fast if nothing is missing."""
    private_files.close(settings.DATA_DIR)
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
        call_command("createcachetable", verbosity=0)
    # Tags that the site has added to its settings since then.
    seed_tags()
    make_key_pairs(settings.KEYS_DIR)
