"""The list of a backup's content, which is checked before the backup is used."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection
from django.db.migrations.loader import MigrationLoader

from datasets.storage import CHUNK_BYTES
from omdplatform.base.digests import sha256_of
from omdplatform.base.errors import PlatformError

NAME = "manifest.json"
# Raised when older backups can no longer be read.
FORMAT = 1


class BackupRefused(PlatformError):
    """A backup that cannot be made or restored. The text says why and what to do."""

    code = "backup-refused"
    status = 409


@dataclass(slots=True)
class Manifest:
    """`database`: its file. `migrations`: the applied ones, as app.name. `files`: size in bytes and SHA-256
    by path within the backup. `missing`, `damaged`: keys of files that were not as the database said when the
    backup was made.
    """

    made_at: str
    database: str
    migrations: list[str]
    files: dict[str, dict[str, Any]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    format: int = FORMAT

    def note(self, folder: Path, path: Path) -> str:
        """Add a file of the backup. Returns its SHA-256."""
        sha256 = sha256_of(path)
        self.files[path.relative_to(folder).as_posix()] = {"bytes": path.stat().st_size, "sha256": sha256}
        return sha256

    def write(self, folder: Path) -> None:
        (folder / NAME).write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False))


def read(folder: Path) -> Manifest:
    """Raises BackupRefused."""
    try:
        content = json.loads((folder / NAME).read_text())
        manifest = Manifest(**content)
    except (OSError, ValueError, TypeError):
        raise BackupRefused(f"{folder} is no whole backup: {NAME} is missing or cannot be read.") from None
    if manifest.format != FORMAT:
        raise BackupRefused(f"The backup has the format {manifest.format}, and this version reads {FORMAT}.")
    return manifest


def check(folder: Path, manifest: Manifest) -> None:
    """Check that every file is as it was written, and that there are no others. Raises BackupRefused."""
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {NAME}
    if lost := sorted(manifest.files.keys() - there):
        raise BackupRefused(f"The backup is not whole: {lost[0]} is missing, {len(lost):,} files in all.")
    if foreign := sorted(there - manifest.files.keys()):
        raise BackupRefused(f"The backup holds a file that its manifest does not name: {foreign[0]}.")
    for name, known in manifest.files.items():
        if sha256_of(folder / name) != known["sha256"]:
            raise BackupRefused(f"The backup is damaged: {name} is not as it was written.")


def refuse_newer(manifest: Manifest) -> None:
    """This version cannot read the tables of a later one. Raises BackupRefused."""
    known = {
        f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    }
    if unknown := sorted(set(manifest.migrations) - known):
        raise BackupRefused(
            f"The backup was made by a later version of the platform ({unknown[0]}). Restore it with that."
        )


def applied_migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(connection).applied_migrations)


def copied(source: Iterator[bytes], target: Path) -> str:
    """Write a stream to a file that only its owner may read. Returns its SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for chunk in source:
            digest.update(chunk)
            file.write(chunk)
    target.chmod(0o600)
    return digest.hexdigest()


def chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
