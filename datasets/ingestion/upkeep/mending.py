"""Repairs stored files that were lost or changed, from the copies that are intact."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datasets import storage
from datasets.damage import BEYOND_MENDING, report
from datasets.models import Job, Version
from datasets.tables.parser_process import read_in_child
from datasets.tables.table import Dialect, Table
from datasets.versions.appending import put_behind
from omdplatform.base.digests import sha256_of
from omdplatform.base.errors import PlatformError
from promptiq.index.embeddings import configured
from promptiq.index.indexing import close_index, is_whole
from promptiq.vector_client import VectorServerUnavailable


class CopiesLost(PlatformError):
    """Neither the typed copy nor the raw file is intact: only somebody who has the file can help."""

    code = BEYOND_MENDING


def mend_typed_copy(version: Version) -> bool:
    """Make the typed copy again from the raw file if it is missing or changed. Returns whether it was.

    Safe to repeat. Raises CopiesLost, UnreadableFile, StorageUnavailable.
    """
    if typed_copy_is_intact(version):
        return False
    with _intact_raw(version) as file, storage.work_folder() as folder:
        table = read_in_child(file, folder / "table.parquet", Dialect.from_json(version.dialect))
        if version.base is not None:
            table = put_behind(version.base, _intact_base(version.base), table, folder / "whole.parquet")
        _refuse_another_table(version, table)
        sha256 = sha256_of(table.parquet)
        storage.put(storage.parquet(), version.parquet_key, table.parquet, sha256)
    if sha256 != version.parquet_sha256:
        # Same rows, written by another version of the library.
        Version.objects.filter(pk=version.pk).update(parquet_sha256=sha256)
        version.parquet_sha256 = sha256
    return True


def typed_copy_is_intact(version: Version) -> bool:
    try:
        storage.intact_parquet(version)
    except (FileNotFoundError, storage.StorageMismatch):
        return False
    return True


def _intact_base(base: Version) -> Path:
    """The typed copy of the version that this one's rows were appended to. Raises as mend_typed_copy."""
    mend_typed_copy(base)
    return storage.intact_parquet(base)


@contextmanager
def _intact_raw(version: Version) -> Iterator[Path]:
    """The raw file as it was uploaded. Raises CopiesLost."""
    try:
        with storage.local_copy(storage.raw(), version.raw_key) as file:
            if sha256_of(file) == version.sha256:
                yield file
                return
    except FileNotFoundError:
        pass
    raise CopiesLost(
        "Neither the typed copy nor the raw file of this version is as it was stored, so it cannot be mended "
        "here. Upload the same file again, or restore both from a backup."
    )


def _refuse_another_table(version: Version, table: Table) -> None:
    """Refuse a copy that reads differently than the version says: its columns would get the wrong tags."""
    known = list(version.columns.order_by("position").values_list("name", "type"))
    read = [(column.name, column.type.value) for column in table.columns]
    if read != known or table.rows != version.rows:
        raise CopiesLost(
            "The raw file is whole, but reads otherwise than when it was uploaded. Upload it as a new "
            "version."
        )


def index_needs_nothing(job: Job) -> bool:
    """Whether the index that the job would build exists, is complete, and uses the configured embedding.

    A version that was replaced has no index, and needs none.
    """
    version = job.version
    version.refresh_from_db()
    if version.index_state == Version.Index.NONE:
        return True
    open_ = version.index_state == Version.Index.READY
    return open_ and version.embedding_name == configured().name and is_whole(version)


def mend_from(file: Path, job: Job) -> Job:
    """The same bytes were uploaded again: restore what the version of `job` has lost.

    Returns `job` if nothing is lost, else the job that repairs it. Raises StorageUnavailable.
    """
    version = job.version
    if version.state != Version.State.READY:
        return job
    storage.put(storage.raw(), version.raw_key, file, version.sha256)
    if not typed_copy_is_intact(version):
        report(version, "The same file was uploaded again; its typed copy is made again.", again=True)
    elif not _index_is_whole(version):
        close_index(version)
    else:
        return job
    return Job.objects.open().filter(version=version).first() or job


def _index_is_whole(version: Version) -> bool:
    """Also True if the vector server is unavailable: then it cannot be checked."""
    if version.index_state != Version.Index.READY:
        return True
    try:
        return is_whole(version)
    except VectorServerUnavailable:
        return True
