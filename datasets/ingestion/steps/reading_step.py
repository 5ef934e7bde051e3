"""Read: turn the received file into a typed Parquet copy, with people's corrections."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from datasets import storage
from datasets.ingestion.steps.fenced_writes import Progress, keep
from datasets.models import Job, Version
from datasets.previews.corrections import Corrections
from datasets.tables.parser_process import read_in_child
from datasets.tables.table import Dialect, Table, folded
from datasets.tables.unreadable import UnreadableFile
from datasets.versions.appending import put_behind
from omdplatform.base import disk
from omdplatform.base.digests import sha256_of

Step = Job.Step


@contextmanager
def received_file(version: Version) -> Iterator[Path]:
    """The file in quarantine. A version that goes back to another one uses that one's raw file."""
    if version.again is not None:
        place, key = storage.raw(), version.again.raw_key
    else:
        place, key = storage.quarantine(), version.quarantine_key
    with storage.local_copy(place, key) as file:
        yield file


def read(job: Job, file: Path, parquet: Path) -> Table:
    """Read the raw file into a typed Parquet copy, in a child process with limits."""
    job.advance(Step.READ, "Reading the file…")
    # A typed copy is seldom larger than its file.
    disk.require(job.version.size_bytes, parquet.parent)
    table = read_as_corrected(job, file, parquet)
    if job.version.base_id is not None:
        table = behind_its_base(job, table, parquet.with_name("whole.parquet"))
    keep(
        job,
        rows=table.rows,
        dialect=table.dialect.as_json(),
        notes=list(table.notes),
        parquet_sha256=sha256_of(table.parquet),
    )
    job.note(f"Read {table.rows:,} rows and {len(table.columns):,} columns.")
    return table


def read_as_corrected(job: Job, file: Path, parquet: Path) -> Table:
    """Read the file with the corrections of this version, or those remembered from the version before.

    Remembered corrections are dropped if they do not fit: the file cannot be read with them, or no column
    name matches.
    """
    version, progress = job.version, Progress(job, Step.READ)
    if version.again is not None:
        return read_in_child(file, parquet, Dialect.from_json(version.again.dialect), progress)
    dialect = Corrections.from_json(version.corrections).dialect
    before = version.dataset.current_version
    if before is None or not remembered(version, before):
        return read_in_child(file, parquet, dialect, progress)
    known = {folded(name) for name in before.columns.values_list("name", flat=True)}
    try:
        table = read_in_child(file, parquet, dialect, progress)
    except UnreadableFile:
        table = None
    if table is None or known.isdisjoint(folded(column.name) for column in table.columns):
        job.note(f"How version {before.number} was read does not fit this file: it was detected again.")
        keep(job, corrections={})
        return read_in_child(file, parquet, progress=progress)
    return table


def behind_its_base(job: Job, table: Table, whole: Path) -> Table:
    """Put the table's rows behind those of its base. The base is the current version, or, when going back to
    a version, the base that it had.
    """
    version = job.version
    if version.again_id is None:
        keep(job, base=version.dataset.current_version)
    assert version.base is not None  # noqa: S101 - a current version is never removed
    return put_behind(version.base, storage.local_parquet(version.base), table, whole)


def remembered(version: Version, before: Version) -> bool:
    """Whether the version's corrections were made for the version before, not for this one."""
    lasting = Corrections.from_json(before.corrections).lasting()
    return bool(lasting) and lasting.as_json() == version.corrections
