"""A backup: the database, the files that it names, and the keys, in one new folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.files.storage import storages
from django.utils import timezone

from datasets.storage import CHUNK_BYTES
from omdplatform.backup import databases
from omdplatform.backup.databases import Claim
from omdplatform.backup.manifest import BackupRefused, Manifest, applied_migrations, chunks, copied

# Files may be moved or erased while they are copied. Then the database is copied again.
ATTEMPTS = 5


def back_up(folder: Path) -> Manifest:
    """Write everything that cannot be rebuilt into `folder`, which is new or empty.

    The platform may run meanwhile. Changes after the database was copied are not in the backup. Raises
    BackupRefused, StorageUnavailable.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupRefused(f"{folder} is not empty. Name a new folder: backups are never mixed.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    manifest = Manifest(timezone.now().isoformat(), "", applied_migrations())
    for attempt in range(ATTEMPTS):
        with databases.saved(folder) as (database, claims):
            manifest.database = database.name
            manifest.missing = [claim.key for claim in claims if not _copy(claim, folder)]
        if not manifest.missing or attempt == ATTEMPTS - 1:
            break
    _remove_unclaimed(folder, claims)
    _copy_keys(folder)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            manifest.note(folder, path)
    hashes = {_path_of(claim): claim for claim in claims if claim.sha256}
    manifest.damaged = [
        hashes[name].key
        for name, known in manifest.files.items()
        if name in hashes and known["sha256"] != hashes[name].sha256
    ]
    manifest.write(folder)
    return manifest


def _path_of(claim: Claim) -> str:
    return f"files/{claim.storage}/{claim.key}"


def _copy(claim: Claim, folder: Path) -> bool:
    """False if there is no such file. A file copied by an earlier attempt is not copied again."""
    target = folder / _path_of(claim)
    if target.exists():
        return True
    try:
        copied(_stored(claim), target)
    except FileNotFoundError:
        target.unlink(missing_ok=True)
        return False
    return True


def _stored(claim: Claim) -> Iterator[bytes]:
    with storages[claim.storage].open(claim.key, "rb") as file:
        yield from file.chunks(CHUNK_BYTES)


def _remove_unclaimed(folder: Path, claims: list[Claim]) -> None:
    """Remove copies of versions that were erased after an earlier attempt."""
    claimed = {folder / _path_of(claim) for claim in claims}
    for path in list((folder / "files").rglob("*")):
        if path.is_file() and path not in claimed:
            path.unlink()


def _copy_keys(folder: Path) -> None:
    for path in Path(settings.KEYS_DIR).glob("*/*.der"):
        copied(chunks(path), folder / "keys" / path.parent.name / path.name)
    secret = Path(settings.DATA_DIR) / "secret_key"
    if secret.exists():
        copied(chunks(secret), folder / "secret_key")
