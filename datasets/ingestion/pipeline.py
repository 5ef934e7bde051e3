"""What happens to an upload, top to bottom: governed first, only then stored and indexed.

receive → read → profile → classify → apply policies → register in the catalog → archive → index → verify
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from django.conf import settings
from django.contrib.auth.models import User
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from datasets import storage
from datasets.ingestion import waiting
from datasets.ingestion.catalog_samples import show_sample
from datasets.ingestion.failures import GaveUp, failure_of
from datasets.ingestion.leases import lease_kept
from datasets.ingestion.undoing import undo_quietly
from datasets.ingestion.upkeep import mending
from datasets.models import Column, Dataset, Job, LeaseLost, Version, VersionColumn
from datasets.previews.changes import distinct_keys, identities
from datasets.previews.corrections import Corrections
from datasets.tables.parser_process import read_in_child
from datasets.tables.profiling import ColumnProfile
from datasets.tables.profiling_process import profile_in_child
from datasets.tables.table import Dialect, Table, folded
from datasets.tables.unreadable import UnreadableFile
from datasets.versions.appending import put_behind
from governance.catalog.contract import CatalogEntry, CatalogRefused, CatalogUnavailable
from governance.classifier import CLASSIFIER_VERSION, classify
from governance.curation.decisions import Decision, decide_all, known_tags, suggest
from governance.extending.extensions import recognisers, tags_by_kind
from governance.policies import Access
from governance.rights.access import access_of, held_tags, tags_of
from governance.subjects import subject_of
from governance.sync import registration
from omdplatform.base import disk
from omdplatform.base.errors import PlatformError, Unavailable, log_without_text
from omdplatform.base.logs import job_id
from omdplatform.base.stopping import Stopping
from promptiq.index import routing
from promptiq.index.indexing import IndexBuild, drop_collections

log = logging.getLogger(__name__)

Step = Job.Step
# Progress within a step is written at most this often (seconds).
PROGRESS_SECONDS = 0.5


def run(job: Job, on_yield: Callable[[Job], None] | None = None) -> None:
    """Work on a job that the caller has taken, to its end, or until the catalog is away.

    With `on_yield`, indexing gives up its turn after INDEX_SLICE_SECONDS, and `on_yield` queues the job
    again in the same transaction; None works through. A part of the platform that is away makes the job wait.
    Whatever else goes wrong ends the job with a sentence for people, and undoes what it had done; save for
    a database that is away, which is raised: the job is taken up again once its lease has run out. Raises
    Stopping, too, once the job is handed back.
    """
    job_id.set(str(job.pk))
    try:
        with lease_kept(job):
            try:
                _go_through(job, on_yield)
            except (LeaseLost, OperationalError, InterfaceError):
                raise
            except Exception as error:
                _end_or_wait(job, failure_of(error), on_yield)
    except LeaseLost:
        _clean_up_if_cancelled(job)
    except Stopping:
        _hand_back(job, on_yield)
        raise
    finally:
        job_id.set("")


def _end_or_wait(job: Job, failure: PlatformError, on_yield: Callable[[Job], None] | None) -> None:
    """Somebody who watches a command is told at once; only for the catalog does it wait, too."""
    waits_for = Unavailable if on_yield is not None else CatalogUnavailable
    if not isinstance(failure, waits_for) or not waiting.wait_for(job, failure):
        _fail(job, failure)


def _hand_back(job: Job, on_yield: Callable[[Job], None] | None) -> None:
    """What cannot be handed back is taken up by the next worker, who sees that this one is gone."""
    try:
        with transaction.atomic():
            job.hand_back("The worker is stopped. The job goes on once one runs again.")
            if on_yield is not None:
                on_yield(job)
    except LeaseLost:
        return
    except Exception as error:
        log_without_text(error)


def _go_through(job: Job, on_yield: Callable[[Job], None] | None) -> None:
    _refuse_after_crashes(job)
    waiting.look_whether_catalog_is_back(job)
    if job.kind == Job.Kind.REBUILD and not job.cursor and mended(job):
        return
    if not job.version.parquet_key:
        govern_and_store(job)
    if job.kind == Job.Kind.INGEST:
        show_while_it_is_indexed(job)
    if build := index(job, on_yield):
        job.waited_enough()
        verify(job, build)
        finish(job, build)


def govern_and_store(job: Job) -> None:
    """Everything up to the archive. Safe to repeat: a second attempt begins again from quarantine."""
    version = job.version
    with received_file(version) as file, storage.work_folder() as folder:
        table = read(job, file, folder / "table.parquet")
        profiles, rows = profile_columns(job, table)
        classify_columns(job, table, profiles, rows)
        apply_policies(job)
        register(job)
        archive(job, file, table.parquet)
        register_file(job)


@contextmanager
def received_file(version: Version) -> Iterator[Path]:
    """The file in quarantine; of a version that goes back to another one, that one's raw file."""
    if version.again is not None:
        place, key = storage.raw(), version.again.raw_key
    else:
        place, key = storage.quarantine(), version.quarantine_key
    with storage.local_copy(place, key) as file:
        yield file


# --- Steps, in order --------------------------------------------------------------------------------------


def read(job: Job, file: Path, parquet: Path) -> Table:
    """The raw file as a typed Parquet copy, made in a child process with limits."""
    job.advance(Step.READ, "Reading the file…")
    # A typed copy is seldom larger than its file.
    disk.require(job.version.size_bytes, parquet.parent)
    table = read_as_corrected(job, file, parquet)
    if job.version.base_id is not None:
        table = behind_its_base(job, table, parquet.with_name("whole.parquet"))
    _keep(
        job,
        rows=table.rows,
        dialect=table.dialect.as_json(),
        notes=list(table.notes),
        parquet_sha256=storage.sha256_of(table.parquet),
    )
    job.note(f"Read {table.rows:,} rows and {len(table.columns):,} columns.")
    return table


def read_as_corrected(job: Job, file: Path, parquet: Path) -> Table:
    """The file as a person has corrected how it is read: this one, or the version before. What was said of
    that one does not count where it makes of this file another table.
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
        job.note(f"How version {before.number} was read does not fit this file: it was looked at anew.")
        _keep(job, corrections={})
        return read_in_child(file, parquet, progress=progress)
    return table


def behind_its_base(job: Job, table: Table, whole: Path) -> Table:
    """With the rows of the version that is current now before it; where a version is gone back to, with those
    that it had before it then."""
    version = job.version
    if version.again_id is None:
        _keep(job, base=version.dataset.current_version)
    assert version.base is not None  # noqa: S101 - a current version is never removed
    return put_behind(version.base, storage.local_parquet(version.base), table, whole)


def remembered(version: Version, before: Version) -> bool:
    """Whether what a version is read by was said of the version before, and not of this one."""
    lasting = Corrections.from_json(before.corrections).lasting()
    return bool(lasting) and lasting.as_json() == version.corrections


def profile_columns(job: Job, table: Table) -> tuple[list[ColumnProfile], pd.DataFrame]:
    """Of all rows, with the sample that is classified; in a child process with limits, as reading is."""
    job.advance(Step.PROFILE, "Profiling every column…", done=0, total=table.rows)
    progress = Progress(job, Step.PROFILE, table.rows)
    profiles, rows = profile_in_child(table, settings.CLASSIFY_SAMPLE_ROWS, progress)
    with transaction.atomic():
        job.renew()
        _write_columns(job.version, table, profiles)
        describe(job.version, table)
    return profiles, rows


def describe(version: Version, table: Table) -> None:
    """What a person said of the columns before the file was kept."""
    said = Corrections.from_json(version.corrections).descriptions
    items = {item.position: item.column for item in version.columns.select_related("column")}
    for column in table.columns:
        if (text := said.get(column.own_name)) is not None:
            Column.objects.filter(pk=items[column.position].pk).update(description=text)


def classify_columns(job: Job, table: Table, profiles: list[ColumnProfile], rows: pd.DataFrame) -> None:
    job.advance(Step.CLASSIFY, "Classifying every column…")
    if longest := rows.attrs.get("longest"):
        job.note(f"Of cells longer than {longest:,} characters the beginning is classified.")
    findings = classify(rows, profiles, job.dataset.table_name, recognisers())
    with transaction.atomic():
        job.renew()
        suggest(job.version, findings, tags_by_kind())
        decide_as_corrected(job.version, table)
        _keep(
            job,
            classifier_version=CLASSIFIER_VERSION,
            subject=subject_of(profiles, findings).column or "",
        )
    found = sum(finding.entity != "NONE" for finding in findings)
    job.note(f"Recognised the data in {found:,} of {len(findings):,} columns.")


def decide_as_corrected(version: Version, table: Table) -> None:
    """Tags that a person put on or took off before the file was kept, as decisions of that person. Safe to
    repeat."""
    said = Corrections.from_json(version.corrections).tags
    if not said:
        return
    items = {item.position: item.column for item in version.columns.select_related("column")}
    columns = [(items[c.position], said[c.own_name]) for c in table.columns if c.own_name in said]
    tags = known_tags({fqn for _, wanted in columns for fqn in wanted})
    held = held_tags([column for column, _ in columns], version)
    states = {key: {tag.fqn: tag.state for tag in own} for key, own in held.items()}
    decisions = [
        Decision(column, tags[fqn], "confirmed" if put_on else "rejected", "Said before the file was kept.")
        for column, wanted in columns
        for fqn, put_on in wanted.items()
        if (states[column.pk].get(fqn) != "confirmed" if put_on else fqn in states[column.pk])
    ]
    if decisions:
        decide_all(decisions, version.created_by)


def apply_policies(job: Job) -> Access:
    job.advance(Step.POLICIES, "Applying policies…")
    access = access_of(job.version)
    masked = access.masked_columns()
    job.note(f"{len(masked):,} of {len(access.columns):,} columns are masked for those who may not see them.")
    return access


def register(job: Job) -> CatalogEntry:
    """The table with all its columns and tags, in one request to the catalog."""
    job.advance(Step.REGISTER, "Registering in the catalog…")
    entry = registration.register(job.version)
    job.waited_enough()
    _keep(job, catalog_id=entry.id, catalog_fqn=entry.fqn, catalog_version=entry.version)
    job.note(f"Registered as {entry.fqn}, version {entry.version}.")
    return entry


def archive(job: Job, file: Path, parquet: Path) -> None:
    """Raw file and typed copy under keys that only this version uses, each read back and compared."""
    job.advance(Step.ARCHIVE, "Archiving raw data…")
    version = job.version
    if not settings.S3_ENDPOINT_URL:
        disk.require(version.size_bytes + parquet.stat().st_size, settings.DATA_DIR)
    raw_key, parquet_key = storage.raw_key(version), storage.parquet_key(version)
    # The keys are known before the files are there, so that whatever stops us here leaves nothing unclaimed.
    _keep(job, raw_key=raw_key)
    storage.put(storage.raw(), raw_key, file, version.sha256)
    storage.put(storage.parquet(), parquet_key, parquet, version.parquet_sha256)
    with transaction.atomic():
        _keep(job, parquet_key=parquet_key)
        registration.owe_file(version)


def register_file(job: Job) -> None:
    """The raw file in the catalog, with its lineage. The table is governed without it: what fails is owed."""
    try:
        registration.register_file(job.version)
    except (CatalogRefused, CatalogUnavailable) as error:
        job.note(f"The catalog does not know of the raw file yet; it is told again later. {error}")


def show_while_it_is_indexed(job: Job) -> None:
    """The first version of a dataset, governed and stored, can be opened and computed with; it is only not
    searched yet. A job that does not end well takes it back: see datasets.ingestion.undoing."""
    version = job.version
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        if dataset.current_version_id is not None:
            return
        _keep(job, state=Version.State.READY, ready_at=timezone.now(), index_state=Version.Index.BUILDING)
        dataset.current_version = version
        dataset.save(update_fields=["current_version", "updated_at"])
    job.dataset.current_version = version.dataset.current_version = version


def mended(job: Job) -> bool:
    """See that there is a whole typed copy to index; True where nothing else is to be done, and it ended."""
    job.advance(Step.VERIFY, "Looking at what is stored…")
    if mending.mend_typed_copy(job.version):
        job.note("The typed copy was made anew from the raw file.")
    if not mending.index_needs_nothing(job):
        return False
    job.finish("Success!")
    return True


def index(job: Job, on_yield: Callable[[Job], None] | None) -> IndexBuild | None:
    """Vectors for the rows that are indexed. None where the turn was given up before the end."""
    version = job.version
    build = IndexBuild(version, storage.local_parquet(version), access_of(version), job.cursor)
    if not settings.CHROMA_URL:
        # Twice each vector: in the log and in the index.
        disk.require(2 * 4 * build.embedder.dimensions * build.rows_total, settings.DATA_DIR)
    if not job.cursor:
        job.advance(Step.INDEX, "Building semantic index…", done=0, total=build.rows_total)
        _close_unless_it_fits(job)
        show_sample(job)
    seconds = settings.INDEX_SLICE_SECONDS if on_yield else None
    if not build.run(seconds, Progress(job, Step.INDEX, build.rows_total)):
        with transaction.atomic():
            job.advance(Step.INDEX, done=build.rows_done, total=build.rows_total)
            job.yield_turn(build.cursor())
            if on_yield:
                on_yield(job)
        return None
    return build


def _close_unless_it_fits(job: Job) -> None:
    """An index that fits its tags, and is only to be built by another embedding, answers until the swap."""
    with transaction.atomic():
        job.renew()
        closed = Version.objects.filter(pk=job.version_id).exclude(index_state=Version.Index.READY)
        closed.update(index_state=Version.Index.BUILDING)
    job.version.refresh_from_db(fields=["index_state"])


def verify(job: Job, build: IndexBuild) -> None:
    """What was stored is there and whole, and the index holds as many vectors as were built."""
    job.advance(Step.VERIFY, "Verifying…")
    version = job.version
    build.verify()
    # It may have been moved since: see datasets.ingestion.upkeep.public_files.
    version.refresh_from_db(fields=["raw_key"])
    if not storage.raw().exists(version.raw_key):
        raise storage.StorageMismatch(f"The raw file is not under {version.raw_key}.")
    if pq.ParquetFile(storage.local_parquet(version)).metadata.num_rows != version.rows:
        raise storage.StorageMismatch(f"The typed copy under {version.parquet_key} has lost rows.")


def finish(job: Job, build: IndexBuild) -> None:
    """Make the version current and say so, in one transaction; then drop what it replaces."""
    version = job.version
    replaced = {version.collection} - {build.collection}
    quarantined = version.quarantine_key
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        before = dataset.current_version
        # Tags or policies may have changed while vectors were made: then the index is closed until rebuilt.
        fits = access_of(version).fingerprint() == build.fingerprint
        _keep(
            job,
            state=Version.State.READY,
            ready_at=version.ready_at or timezone.now(),
            index_state=Version.Index.READY if fits else Version.Index.STALE,
            collection=build.collection,
            policy_fingerprint=build.fingerprint,
            embedding_name=build.embedding.name,
            embedding_model=build.embedding.model,
            embedding_url=build.embedding.url,
            indexed_rows=build.rows_done,
            vectors=build.vectors,
            vector_sums=build.sums,
            quarantine_key="",
        )
        # An older version that ends later does not push a newer one aside.
        if before is None or before.number < version.number:
            dataset.current_version = version
            dataset.save(update_fields=["current_version", "updated_at"])
            if before is not None:
                replaced.add(before.collection)
                Version.objects.filter(pk=before.pk).update(
                    collection="", vectors=0, indexed_rows=0, index_state=Version.Index.NONE
                )
        job.finish("Success!")
        Version.objects.filter(pk=version.pk).update(receipt=receipt(job, build))
    _drop(replaced - {""}, quarantined)
    routing.write_quietly(version.dataset_id)


def receipt(job: Job, build: IndexBuild) -> dict[str, Any]:
    """What was done: {"dataset", "version", "job", "file", "rows", "columns", "tags", "classifier",
    "catalog", "storage", "index", "seconds"}; seconds by step, from the job's own events."""
    version = job.version
    tags = tags_of(version)
    return {
        "dataset": str(version.dataset_id),
        "version": version.number,
        "job": str(job.pk),
        "file": {"name": version.filename, "bytes": version.size_bytes, "sha256": version.sha256},
        "rows": version.rows,
        "columns": len(tags),
        "tags": {name: list(held) for name, held in tags.items() if held},
        "classifier": version.classifier_version,
        "catalog": {
            "id": version.catalog_id,
            "name": version.catalog_fqn,
            "version": version.catalog_version,
        },
        "storage": {"raw": version.raw_key, "parquet": version.parquet_key},
        "index": {
            "collection": build.collection,
            "vectors": build.vectors,
            "rows": build.rows_done,
            "policies": build.fingerprint,
            "embedding": build.embedding.name,
        },
        "seconds": _seconds_by_step(job),
    }


def cancel(job: Job, user: User) -> bool:
    """End an open job on somebody's wish. False where it had ended."""
    if not job.cancel(f"Cancelled by {user.get_username()}."):
        return False
    # A worker that holds it notices at its next move and cleans up; a job that nobody holds is cleaned here.
    job.version.refresh_from_db()
    _clean_up_if_cancelled(job)
    return True


# --- Around the steps -------------------------------------------------------------------------------------


class Progress:
    """Rows done within a step, written at most every PROGRESS_SECONDS. `total` None: not known yet."""

    def __init__(self, job: Job, step: Job.Step, total: int | None = None) -> None:
        self.job, self.step, self.total = job, step, total
        self.written = time.monotonic()

    def __call__(self, rows_done: int) -> None:
        now = time.monotonic()
        if now - self.written >= PROGRESS_SECONDS:
            self.written = now
            self.job.advance(self.step, done=rows_done, total=self.total)


def _keep(job: Job, **fields: Any) -> None:
    """Write fields of the job's version, under the job's fencing token. Raises LeaseLost.

    In memory they are set even then: who lost the lease because the job was cancelled undoes by them.
    """
    for name, value in fields.items():
        setattr(job.version, name, value)
    with transaction.atomic():
        job.renew()
        Version.objects.filter(pk=job.version_id).update(**fields)


def _write_columns(version: Version, table: Table, profiles: list[ColumnProfile]) -> None:
    """The version's columns, each hung on the column of the dataset that it is."""
    version.columns.all().delete()
    names = [column.name for column in table.columns]
    found = identities(list(version.dataset.columns.all()), names)
    new = [
        Column(dataset=version.dataset, key=key, name=name)
        for key, name, column in zip(distinct_keys(names), names, found, strict=True)
        if column is None
    ]
    made = iter(Column.objects.bulk_create(new))
    VersionColumn.objects.bulk_create(
        VersionColumn(
            version=version,
            column=identity or next(made),
            position=column.position,
            name=column.name,
            type=column.type.value,
            nested=column.nested,
            profile=column_profile.as_json(),
        )
        for identity, column, column_profile in zip(found, table.columns, profiles, strict=True)
    )


def _seconds_by_step(job: Job) -> dict[str, float]:
    moments = list(job.events.order_by("number").values_list("step", "at"))
    seconds: dict[str, float] = {}
    for (step, begun), (_, ended) in pairwise(moments):
        seconds[step] = round(seconds.get(step, 0.0) + (ended - begun).total_seconds(), 3)
    return seconds


def _refuse_after_crashes(job: Job) -> None:
    if job.crashes >= settings.JOB_MAX_ATTEMPTS:
        raise GaveUp(
            f"The job was begun {job.crashes} times and its worker vanished each time. It was set aside."
        )


def _fail(job: Job, failure: PlatformError) -> None:
    """End the job once what it had done is undone, so that a retry finds a clean start. Raises LeaseLost."""
    job.renew()
    version = job.version
    if job.kind == Job.Kind.INGEST:
        undo_quietly(version)
        if not failure.keep_file and version.quarantine_key:
            storage.quarantine().delete(version.quarantine_key)
            _keep(job, quarantine_key="")
    with transaction.atomic():
        if job.kind == Job.Kind.INGEST:
            _keep(job, state=Version.State.FAILED)
        else:
            built = Version.objects.filter(pk=job.version_id, index_state=Version.Index.BUILDING)
            built.update(index_state=Version.Index.STALE)
        job.fail(failure.code, failure.sentence())


def _clean_up_if_cancelled(job: Job) -> None:
    """Whoever held a job that was cancelled, or whose dataset was erased, undoes what it had done so far."""
    ended_as = Job.objects.filter(pk=job.pk).values_list("state", flat=True).first()
    begun_again = Job.objects.filter(version_id=job.version_id).open().exists()
    if job.kind == Job.Kind.INGEST and ended_as in {None, Job.State.CANCELLED} and not begun_again:
        undo_quietly(job.version)


def _drop(collections: set[str], quarantined: str) -> None:
    """Remove what nothing points to any more. A failure here is no failure of the job."""
    try:
        if quarantined:
            storage.quarantine().delete(quarantined)
        if collections:
            drop_collections(sorted(collections))
    except Exception as error:
        failure_of(error)
        log.warning("left over for the next sweep: %d collections", len(collections))
