"""Where files are stored: quarantine, the raw archive, typed Parquet copies, and their local cache."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory
from uuid import UUID

from django.conf import settings
from django.core.files import File
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.utils.text import get_valid_filename

from datasets.damage import report
from datasets.models import Version
from omdplatform.base.digests import sha256_of
from omdplatform.base.errors import PlatformError, Unavailable

CHUNK_BYTES = 1024 * 1024
# Minimum seconds between two notes of a cached copy's last use. Each note changes the file's times, so the
# copy is hashed again.
NOTE_USE_AFTER = 3600
# A folder younger than this may not be locked yet (seconds).
JUST_MADE = 5.0


class StorageMismatch(PlatformError):
    """What was read back is not what was written. The message names the key and no content."""


class TypedCopyDamaged(StorageMismatch):
    """A version's typed copy is missing or changed. The message says what is done about it."""

    code = "typed-copy-damaged"
    status = 503


class StorageUnavailable(Unavailable):
    """The object storage does not answer, or refuses the request. The message has its address."""

    code = "storage-unavailable"


def quarantine() -> Storage:
    """Files that were not checked yet: never listed, never served."""
    return storages["quarantine"]


def raw() -> Storage:
    """Files as they were uploaded, under keys that are never overwritten."""
    return storages["raw"]


def parquet() -> Storage:
    """Typed copies, private."""
    return storages["parquet"]


def raw_key(version: Version) -> str:
    """`{dataset}/{version}/{file name made safe}` in the bucket raw-data."""
    return f"{version.dataset_id}/{version.pk}/{get_valid_filename(version.filename)}"


def parquet_key(version: Version) -> str:
    return f"{version.dataset_id}/{version.pk}.parquet"


def put(storage: Storage, key: str, source: Path, sha256: str) -> None:
    """Store a local file under exactly this key and read it back. Safe to repeat.

    Raises StorageMismatch if the SHA-256 of what came back is not `sha256`.
    """
    if storage.exists(key):
        if sha256_stored(storage, key) == sha256:
            return
        storage.delete(key)  # incomplete, from an interrupted attempt
    with source.open("rb") as file:
        stored_as = storage.save(key, File(file))
    if stored_as != key or sha256_stored(storage, key) != sha256:
        storage.delete(stored_as)
        raise StorageMismatch(f"The storage gave back other bytes than were written under {key}.")


class _LocalFile(File):  # type: ignore[type-arg]
    """A local file that file storage may move instead of copying."""

    def temporary_file_path(self) -> str:
        return str(self.name)


def save_local(storage: Storage, key: str, source: Path) -> None:
    """Store a local file under a new key. `source` may be gone afterwards."""
    with source.open("rb") as file:
        storage.save(key, _LocalFile(file, name=str(source)))


def sha256_stored(storage: Storage, key: str) -> str:
    digest = hashlib.sha256()
    with storage.open(key, "rb") as file:
        for chunk in file.chunks(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored object. `size`: bytes. `at`: when it was last written."""

    key: str
    size: int
    at: datetime


def everything(storage: Storage) -> Iterator[Stored]:
    """All objects of the storage, in no order. Raises StorageUnavailable."""
    if not isinstance(storage, FileSystemStorage):
        yield from storage.everything()  # type: ignore[attr-defined]
        return
    place = Path(storage.location)
    for path in place.rglob("*"):
        try:
            seen = path.stat()
        except FileNotFoundError:
            continue  # removed meanwhile
        if path.is_file():
            at = datetime.fromtimestamp(seen.st_mtime, UTC)
            yield Stored(path.relative_to(place).as_posix(), seen.st_size, at)


@contextmanager
def local_copy(storage: Storage, key: str) -> Iterator[Path]:
    """A stored file as a local path, for parsers. If storage is remote, this is a temporary copy.

    Raises FileNotFoundError if nothing is stored under the key.
    """
    if isinstance(storage, FileSystemStorage):
        path = Path(storage.path(key))
        if not path.exists():
            raise FileNotFoundError(key)
        yield path
        return
    with work_folder() as folder:
        path = folder / "copy"
        _download(storage, key, path)
        yield path


WORK = "work-"


@contextmanager
def work_folder() -> Iterator[Path]:
    """A private folder under the data folder, removed at the end.

    It is locked while its process lives. An unlocked folder was left by a process that is gone.
    """
    with TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR, prefix=WORK) as folder, _locked(Path(folder)):
        yield Path(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Raises BlockingIOError if another process holds the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)


def remove_work_left_behind() -> int:
    """Remove work folders of killed processes. Returns how many."""
    removed = 0
    for folder in Path(settings.FILE_UPLOAD_TEMP_DIR).glob(f"{WORK}*"):
        try:
            if time.time() - folder.stat().st_mtime < JUST_MADE:
                continue  # its process may not have locked it yet
            with _locked(folder):
                shutil.rmtree(folder, ignore_errors=True)
            removed += 1
        except (BlockingIOError, FileNotFoundError):
            continue
    return removed


def local_parquet(version: Version) -> Path:
    """A version's typed copy as a local file, from the cache, which is filled as needed: DuckDB does not read
    S3 here.

    The copy is hashed once in each process, and again when its times have changed. Raises FileNotFoundError
    if the version has none yet, and TypedCopyDamaged if it is missing or changed; then a job is opened to
    restore it.
    """
    if not version.parquet_key:
        raise FileNotFoundError(f"Version {version.pk} has no typed copy.")
    try:
        return intact_parquet(version)
    except (FileNotFoundError, StorageMismatch) as error:
        state = "missing" if isinstance(error, FileNotFoundError) else "not as it was stored"
        what = f"The typed copy of version {version.number} is {state}."
        raise TypedCopyDamaged(f"{what} {report(version, what)}") from None


def intact_parquet(version: Version) -> Path:
    """As local_parquet, but without repair. Raises FileNotFoundError, StorageMismatch."""
    storage = parquet()
    if isinstance(storage, FileSystemStorage):
        path = Path(storage.path(version.parquet_key))
    else:
        path = cache_folder() / f"{version.parquet_sha256}.parquet"
        if not path.exists() or _hash_of(path) != version.parquet_sha256:
            _fill_cache(storage, version, path)
    if _hash_of(path) != version.parquet_sha256:
        raise StorageMismatch(f"The typed copy under {version.parquet_key} is not the one that was stored.")
    if not isinstance(storage, FileSystemStorage) and time.time() - path.stat().st_mtime > NOTE_USE_AFTER:
        os.utime(path)  # the cache drops the least recently used copies
    return path


def _hash_of(path: Path) -> str:
    """The file's SHA-256, computed again only if the file's times have changed. Raises FileNotFoundError."""
    seen = path.stat()
    return _hashed(path, (seen.st_ino, seen.st_size, seen.st_mtime_ns, seen.st_ctime_ns))


@lru_cache(maxsize=4096)
def _hashed(path: Path, stamp: tuple[int, ...]) -> str:
    return sha256_of(path)


def _fill_cache(storage: Storage, version: Version, cached: Path) -> None:
    cached.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with NamedTemporaryFile(dir=cached.parent, delete=False) as temporary:
        path = Path(temporary.name)
    try:
        _download(storage, version.parquet_key, path)
        if sha256_of(path) != version.parquet_sha256:
            raise StorageMismatch(
                f"The typed copy under {version.parquet_key} is not the one that was stored."
            )
        path.replace(cached)
    finally:
        path.unlink(missing_ok=True)
    shrink_cache(keep=cached)


def cache_folder() -> Path:
    """This machine's folder of typed copies, and of what is made from them. It may not exist yet."""
    return Path(settings.PARQUET_CACHE_DIR)


def words_name(version_id: UUID, parquet_sha256: str) -> str:
    """What the names of files with the words of a typed copy begin with in the cache, up to a hyphen."""
    return f"{version_id.hex}.{parquet_sha256[:16]}"


def shrink_cache(keep: Path) -> None:
    """Remove the files that were not used for longest, until the others fit into PARQUET_CACHE_BYTES."""
    files = [*keep.parent.glob("*.parquet"), *keep.parent.glob("*.words")]
    files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    total = 0
    for path in files:
        total += path.stat().st_size
        if total > settings.PARQUET_CACHE_BYTES and path != keep:
            path.unlink(missing_ok=True)


def _download(storage: Storage, key: str, path: Path) -> None:
    with storage.open(key, "rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, CHUNK_BYTES)


def forget(version: Version) -> None:
    """Remove every stored file of a version. Safe to repeat."""
    for storage, key in (
        (quarantine(), version.quarantine_key),
        (raw(), version.raw_key),
        (parquet(), version.parquet_key),
    ):
        if key:
            storage.delete(key)
    cached = cache_folder() / f"{version.parquet_sha256}.parquet"
    if version.parquet_sha256:
        cached.unlink(missing_ok=True)
