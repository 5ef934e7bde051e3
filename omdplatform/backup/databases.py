"""Copies the database to a file and back: with SQLite's backup, PostgreSQL's dump, or as rows."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import connection, transaction

from datasets.models import Version
from omdplatform.backup.manifest import BackupRefused

SQLITE, DUMP, ROWS = "database.sqlite3", "database.sql", "database.jsonl"
# Rebuilt by every installation, or useless in another one.
NOT_AS_ROWS = ("contenttypes", "auth.permission", "sessions", "admin.logentry", "django_q")
CLAIMS = ("dataset_id", "number", "raw_key", "sha256", "parquet_key", "parquet_sha256", "quarantine_key")


@dataclass(frozen=True, slots=True)
class Claim:
    """A file that the database names. `storage`: its alias. `sha256`: "" if unknown."""

    storage: str
    key: str
    sha256: str


@contextmanager
def saved(folder: Path) -> Iterator[tuple[Path, list[Claim]]]:
    """The database's file in `folder`, and the files that it names at that moment."""
    if connection.vendor == "sqlite":
        path = folder / SQLITE
        _copy_sqlite(path)
        yield path, _claims_of_file(path)
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        claims = _claims(Version.objects.values_list(*CLAIMS))
        yield (_dump(folder / DUMP) if shutil.which("pg_dump") else _dump_rows(folder / ROWS)), claims


def _claims(rows: Any) -> list[Claim]:
    claims = []
    for _, _, raw_key, sha256, parquet_key, parquet_sha256, quarantine_key in rows:
        claims += [
            Claim("raw", raw_key, sha256),
            Claim("parquet", parquet_key, parquet_sha256),
            Claim("quarantine", quarantine_key, sha256),
        ]
    return [claim for claim in claims if claim.key]


# --- SQLite -----------------------------------------------------------------------------------------------


def _copy_sqlite(target: Path) -> None:
    """Safe while the database is written: SQLite starts the copy again if something changed."""
    target.unlink(missing_ok=True)
    with (
        closing(sqlite3.connect(connection.settings_dict["NAME"], timeout=60)) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
    target.chmod(0o600)


def _claims_of_file(path: Path) -> list[Claim]:
    with closing(sqlite3.connect(path)) as database:
        return _claims(database.execute(f"SELECT {', '.join(CLAIMS)} FROM datasets_version"))  # noqa: S608


# --- PostgreSQL -------------------------------------------------------------------------------------------


def _postgresql(program: str, *arguments: str) -> None:
    """Run a PostgreSQL program on our database. The password goes through its environment. Raises
    BackupRefused.
    """
    from django.db.backends.postgresql.client import DatabaseClient

    command, environment = DatabaseClient.settings_to_cmd_args_env(connection.settings_dict, [])
    found = shutil.which(program)
    if found is None:
        raise BackupRefused(f"{program} is missing: install PostgreSQL's client programs.")
    done = subprocess.run(
        [found, *command[1:], *arguments],
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # Its message may quote a row.
        raise BackupRefused(f"{program} ended with {done.returncode}: {done.stderr.splitlines()[:1]}")


def _dump(path: Path) -> Path:
    """The database as of the present transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        snapshot = str(cursor.fetchone()[0])
    _postgresql("pg_dump", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={path}")
    path.chmod(0o600)
    return path


# --- Rows, where PostgreSQL's programs are absent ---------------------------------------------------------


def _dump_rows(path: Path) -> Path:
    call_command(
        "dumpdata", format="jsonl", use_natural_foreign_keys=True, exclude=NOT_AS_ROWS, output=str(path),
        verbosity=0,
    )  # fmt: skip
    path.chmod(0o600)
    return path


def _load_rows(path: Path) -> None:
    call_command("migrate", verbosity=0, interactive=False)
    excluded = {name for name in NOT_AS_ROWS if "." not in name}
    tables = [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.app_label not in excluded and model._meta.label_lower not in NOT_AS_ROWS
    ]
    # Rows that migrations created are included.
    flush = connection.ops.sql_flush(no_style(), tables, allow_cascade=connection.vendor == "postgresql")
    connection.ops.execute_sql_flush(flush)
    call_command("loaddata", str(path), verbosity=0)


# --- Back -------------------------------------------------------------------------------------------------


def is_empty() -> bool:
    """Whether the database is empty. Creates no file if there is none."""
    if connection.vendor == "sqlite" and not Path(str(connection.settings_dict["NAME"])).exists():
        return True
    return not connection.introspection.table_names()


def load(path: Path) -> None:
    """Load into a database without tables. Raises BackupRefused."""
    kinds = {"sqlite": {SQLITE, ROWS}, "postgresql": {DUMP, ROWS}}[connection.vendor]
    if path.name not in kinds:
        raise BackupRefused(
            f"The backup's {path.name} is of another kind of database than this one, {connection.vendor}."
        )
    if path.name == SQLITE:
        connection.close()
        target = Path(connection.settings_dict["NAME"])
        target.unlink(missing_ok=True)
        shutil.copyfile(path, target)
        target.chmod(0o600)
    elif path.name == DUMP:
        _postgresql("psql", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", f"--file={path}")
    else:
        _load_rows(path)
