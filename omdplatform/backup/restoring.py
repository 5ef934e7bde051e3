"""Restores a backup into an empty installation, after checking it."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.db import connection, transaction
from django_q.models import OrmQ

from datasets import storage
from datasets.models import Version
from omdplatform.backup import databases, manifest
from omdplatform.backup.manifest import BackupRefused, Manifest
from omdplatform.running.preparation import prepare

STORAGES = ("raw", "parquet", "quarantine")
# What a folder contains as soon as a command has run.
NO_DATA = frozenset({"tmp", "secret_key", "metrics", "staticfiles"})


def restore(folder: Path) -> Manifest:
    """Restore a backup into this installation, which has no data yet, and migrate its tables.

    The backup has no vectors: every index is rebuilt by a worker's next sweep or `reconcile --mend`. Raises
    BackupRefused, StorageMismatch, StorageUnavailable.
    """
    held = manifest.read(folder)
    manifest.check(folder, held)
    manifest.refuse_newer(held)
    refuse_unless_empty(folder)
    _restore_keys(folder)
    for alias in STORAGES:
        _restore_files(folder, alias, held)
    databases.load(folder / held.database)
    prepare()
    with transaction.atomic():
        # Entries of the old queue. The sweep queues open jobs again.
        OrmQ.objects.all().delete()
        built = Version.objects.filter(index_state__in=[Version.Index.READY, Version.Index.BUILDING])
        built.update(index_state=Version.Index.STALE)
    return held


def refuse_unless_empty(folder: Path) -> None:
    """Raises BackupRefused if anything would be overwritten."""
    if not databases.is_empty():
        raise BackupRefused(f"{_database_name()} has tables already. Restore into an empty one.")
    database = Path(str(connection.settings_dict["NAME"]))
    ours = {database.name, f"{database.name}-wal", f"{database.name}-shm"}
    there = {path.name for path in Path(settings.DATA_DIR).iterdir()} - NO_DATA - ours
    if left := sorted(name for name in there if _has_files(Path(settings.DATA_DIR) / name)):
        raise BackupRefused(f"{settings.DATA_DIR} is not empty: it holds {left[0]}. Name another folder.")
    for alias in STORAGES:
        if next(storage.everything(storages[alias]), None) is not None:
            raise BackupRefused(f"The storage for {alias} files is not empty. Restore into an empty one.")
    for path in (folder / "keys").rglob("*.der"):
        target = Path(settings.KEYS_DIR) / path.relative_to(folder / "keys")
        if target.exists() and target.read_bytes() != path.read_bytes():
            raise BackupRefused(f"{target} is another key than the backup's. Move it away.")


def _has_files(path: Path) -> bool:
    """Keys may exist: they are compared one by one."""
    if path == Path(settings.KEYS_DIR):
        return False
    return path.is_file() or any(each.is_file() for each in path.rglob("*"))


def _database_name() -> str:
    return f"The database {connection.settings_dict['NAME']}"


def _restore_keys(folder: Path) -> None:
    for path in (folder / "keys").rglob("*.der"):
        _place(path, Path(settings.KEYS_DIR) / path.relative_to(folder / "keys"))
    if (folder / "secret_key").exists():
        _place(folder / "secret_key", Path(settings.DATA_DIR) / "secret_key")


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if target.exists() and target.read_bytes() == source.read_bytes():
        return  # it may be mounted read-only
    shutil.copyfile(source, target)
    target.chmod(0o644 if target.name == "public_key.der" else 0o600)


def _restore_files(folder: Path, alias: str, held: Manifest) -> None:
    """Restore the files; each is read back and compared. Storages may choose other paths, so exact keys are
    used.
    """
    prefix = f"files/{alias}/"
    for name, known in held.files.items():
        if name.startswith(prefix):
            storage.put(storages[alias], name.removeprefix(prefix), folder / name, known["sha256"])
