"""Receives files: from a request, in parts, or from a command. The result is always a queued job."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, Max, Q

from datasets import storage
from datasets.ingestion.queue import enqueue
from datasets.ingestion.upkeep.mending import mend_from
from datasets.models import Dataset, IdempotentRequest, Job, Version
from datasets.previews.corrections import Corrections
from datasets.tables.sniffing import HEAD_BYTES, refuse_foreign
from datasets.tables.unreadable import UnreadableFile
from governance.audit import record
from governance.catalog.names import catalog_name
from governance.models import Grant
from governance.rights.access import may_change
from omdplatform.base import disk
from omdplatform.base.deceptive_names import is_deceptive
from omdplatform.base.digests import sha256_of
from omdplatform.base.errors import Refused

OnConflict = Literal["refuse", "new_version", "append", "new_dataset"]
# Bytes in UTF-8. File systems allow 255, and our own file names are a little longer.
MAX_FILENAME = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What the sender wants done with a file.

    `dataset`: make a new version of this one. `on_conflict`: what to do if the sender has a dataset of the
    same name; "append" adds the rows to the current version. `hold`: keep a file that came in parts until its
    sender has previewed and confirmed it.
    """

    dataset: UUID | None = None
    on_conflict: OnConflict = "refuse"
    description: str = ""
    hold: bool = False

    def as_json(self) -> dict[str, Any]:
        said = {**asdict(self), "dataset": str(self.dataset) if self.dataset else None}
        if not self.hold:
            del said["hold"]
        return said

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Wish:
        dataset = data.get("dataset")
        return cls(**{**data, "dataset": UUID(dataset) if dataset else None})


@dataclass(frozen=True, slots=True)
class Received:
    """`is_new`: False if the same bytes were received before. `job` is then that upload's job."""

    job: Job
    is_new: bool


class UploadRefused(Refused):
    """The upload was refused, and nothing of it is stored."""


# --- Whole files ------------------------------------------------------------------------------------------


def receive(
    user: User,
    filename: str,
    content: BinaryIO,
    wish: Wish | None = None,
    idempotency_key: str = "",
    *,
    queue: bool = True,
) -> Received:
    """Stream a file into quarantine, hash it, and create its version and job.

    `queue=False` leaves the job to the caller, who takes it at once. Raises UploadRefused, DiskFull.
    """
    require_upload_right(user)
    name = clean_filename(filename)
    disk.require(0, Path(settings.FILE_UPLOAD_TEMP_DIR))
    with storage.work_folder() as folder:
        arrival = copy_bounded(content, folder / "arrival")
        return _accept(user, name, arrival, wish or Wish(), idempotency_key, queue)


def require_upload_right(user: User) -> None:
    if not user.has_perm("governance.upload"):
        raise UploadRefused(
            "no-upload-right",
            "You may not upload files. Ask an administrator to make you a contributor.",
            403,
        )


def clean_filename(filename: str) -> str:
    """The name, normalised (NFC). Raises UploadRefused if it has path parts or control characters, or is
    empty or too long.
    """
    name = unicodedata.normalize("NFC", filename).strip()
    if not name or name in {".", ".."}:
        raise UploadRefused(
            "no-file-name", "The file has no name. Send it with a name such as sales.csv.", 400
        )
    if re.search(r"[/\\\x00-\x1f\x7f]", name) or is_deceptive(name):
        raise UploadRefused(
            "bad-file-name",
            "The file name holds path parts or control characters. Send the bare name, such as sales.csv.",
            400,
        )
    if len(name.encode()) > MAX_FILENAME:
        raise UploadRefused("bad-file-name", f"The file name is longer than {MAX_FILENAME} bytes.", 400)
    return name


@dataclass(frozen=True, slots=True)
class Arrival:
    """A received local file that does not belong to a dataset yet."""

    path: Path
    size: int
    sha256: str


def copy_bounded(content: BinaryIO, path: Path) -> Arrival:
    """Copy the stream to `path` and hash it. Raises UploadRefused if it is empty or too large."""
    digest = hashlib.sha256()
    size = 0
    with path.open("wb") as file:
        while chunk := content.read(storage.CHUNK_BYTES):
            size += len(chunk)
            if size > settings.UPLOAD_MAX_BYTES:
                raise too_large()
            digest.update(chunk)
            file.write(chunk)
    return Arrival(path, size, digest.hexdigest())


def too_large() -> UploadRefused:
    return UploadRefused(
        "too-large",
        f"The file is larger than {settings.UPLOAD_MAX_BYTES:,} bytes, the most that is taken. "
        "Split it, or send it as Parquet.",
        413,
    )


def accept_local(
    user: User,
    filename: str,
    path: Path,
    wish: Wish,
    corrections: Corrections | None = None,
    sha256: str = "",
) -> Job:
    """Receive a file that is already in our own folders, such as one that came in parts.

    `sha256`: of the file, if known. Raises UploadRefused.
    """
    arrival = Arrival(path, path.stat().st_size, sha256 or sha256_of(path))
    return _accept(user, filename, arrival, wish, "", queue=True, corrections=corrections).job


def _accept(
    user: User,
    name: str,
    arrival: Arrival,
    wish: Wish,
    key: str,
    queue: bool,
    corrections: Corrections | None = None,
) -> Received:
    refuse_no_table(arrival.path)
    # Decide before the file is moved, because a refused file that came in parts stays where it is. Decide
    # again under the lock that writes the rows, because another request may have decided meanwhile.
    with transaction.atomic():
        decided = _decide(user, name, arrival, wish, key, corrections)
        transaction.set_rollback(True)
    if isinstance(decided, Job):
        return Received(mend_from(arrival.path, decided), is_new=False)
    quarantine_key = f"{uuid4()}"
    storage.save_local(storage.quarantine(), quarantine_key, arrival.path)
    try:
        with transaction.atomic():
            decided = _decide(user, name, arrival, wish, key, corrections)
            if isinstance(decided, Job):
                storage.quarantine().delete(quarantine_key)
                return Received(decided, is_new=False)
            version = _new_version(user, decided, name, arrival, quarantine_key)
            job = _open_job(user, version, wish, corrections)
            if key:
                fingerprint = _request_fingerprint(name, arrival, wish)
                IdempotentRequest.objects.create(user=user, key=key, body_sha256=fingerprint, job=job)
            if queue:
                enqueue(job)
    except BaseException:
        storage.quarantine().delete(quarantine_key)
        raise
    return Received(job, is_new=True)


def _decide(
    user: User, name: str, arrival: Arrival, wish: Wish, key: str, corrections: Corrections | None
) -> Job | Dataset:
    """The job of an earlier identical upload, else the dataset that the file belongs to. Uploads of one user
    are decided one at a time. Raises UploadRefused.
    """
    User.objects.select_for_update().get(pk=user.pk)
    fingerprint = _request_fingerprint(name, arrival, wish)
    earlier = _answered_before(user, key, fingerprint) or _same_bytes(user, name, arrival, wish, corrections)
    return earlier or _dataset_for(user, name, wish)


def refuse_no_table(path: Path) -> None:
    """Refuse a file whose first bytes show that it is not a table. Raises UploadRefused."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    try:
        refuse_foreign(head)
    except UnreadableFile as error:
        raise UploadRefused(error.code, str(error), 422) from None


def _request_fingerprint(name: str, arrival: Arrival, wish: Wish) -> str:
    asked = [name, arrival.sha256, wish.as_json()]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _answered_before(user: User, key: str, fingerprint: str) -> Job | None:
    """The job that this Idempotency-Key opened. Raises UploadRefused if its request was different."""
    if not key:
        return None
    earlier = IdempotentRequest.objects.filter(user=user, key=key).select_related("job").first()
    if earlier is None:
        return None
    if earlier.body_sha256 != fingerprint:
        raise UploadRefused(
            "idempotency-key-reused",
            "This Idempotency-Key was sent before with another file or other wishes. Use a new key.",
            409,
        )
    # If it failed and was retried: the newest attempt.
    return earlier.job.version.jobs.filter(kind=Job.Kind.INGEST).first()


def _same_bytes(
    user: User, name: str, arrival: Arrival, wish: Wish, corrections: Corrections | None
) -> Job | None:
    """The job of the user's version with the same bytes, name and corrections, if it is current or in
    progress.
    """
    if wish.on_conflict == "new_dataset":
        return None
    versions = Version.objects.filter(sha256=arrival.sha256, dataset__owner=user, dataset__retired_at=None)
    versions = versions.filter(Q(state=Version.State.PENDING) | Q(pk=F("dataset__current_version")))
    same = versions.filter(dataset=wish.dataset) if wish.dataset else versions.filter(filename=name)
    if corrections is not None:
        same = same.filter(corrections=corrections.as_json())
    version = same.order_by("-created_at").first()
    return version.jobs.filter(kind=Job.Kind.INGEST).first() if version else None


def _dataset_for(user: User, name: str, wish: Wish) -> Dataset:
    """The dataset for the file, locked: the given one, the one of the same name, or a new one."""
    if wish.dataset:
        return _given_dataset(user, wish.dataset)
    table_name = table_name_of(name)
    existing = Dataset.objects.select_for_update().filter(owner=user, table_name__iexact=table_name).first()
    if existing is None:
        return _new_dataset(user, name, table_name, wish)
    if wish.on_conflict in {"new_version", "append"} or _never_filled(existing):
        return existing
    if wish.on_conflict == "new_dataset":
        return _new_dataset(user, name, _free_name(user, table_name), wish)
    raise UploadRefused(
        "name-exists",
        f"You already have a dataset named {existing.name}. Make the file a new version of it "
        "(on_conflict=new_version), add its rows to it (on_conflict=append), or keep both "
        "(on_conflict=new_dataset).",
        409,
        {
            "dataset": str(existing.pk),
            "dataset_name": existing.name,
            "dataset_url": existing.get_absolute_url(),
        },
    )


def table_name_of(filename: str) -> str:
    """The name of a file's table in the catalog."""
    return catalog_name(Path(filename).stem).lower()


def _never_filled(dataset: Dataset) -> bool:
    """Whether no upload under this name succeeded or is in progress: then the name is free."""
    pending = dataset.versions.filter(state=Version.State.PENDING)
    return dataset.current_version_id is None and not pending.exists()


def _given_dataset(user: User, dataset_id: UUID) -> Dataset:
    visible = Dataset.objects.visible_to(user)
    dataset = Dataset.objects.select_for_update().filter(pk__in=visible.values("pk"), pk=dataset_id).first()
    if dataset is None:
        raise UploadRefused("no-such-dataset", "There is no such dataset.", 404)
    if not may_change(user, dataset):
        raise UploadRefused("no-change-right", "You may read this dataset, but not change it.", 403)
    return dataset


def _new_dataset(user: User, filename: str, table_name: str, wish: Wish) -> Dataset:
    """Create a dataset, with a grant for the uploader to see personal values: they know them already."""
    dataset = Dataset.objects.create(
        owner=user,
        name=Path(filename).stem[:200],
        table_name=table_name,
        schema_name=catalog_name(f"owner-{user.pk}-{user.get_username()}"),
        description=wish.description,
    )
    Grant.objects.create(dataset=dataset, user=user, view_pii=True, granted_by=user)
    return dataset


def _free_name(user: User, table_name: str) -> str:
    taken = {name.lower() for name in Dataset.objects.filter(owner=user).values_list("table_name", flat=True)}
    number = 2
    while (candidate := catalog_name(f"{table_name}_{number}").lower()) in taken:
        number += 1
    return candidate


def _new_version(
    user: User, dataset: Dataset, filename: str, arrival: Arrival, quarantine_key: str
) -> Version:
    """The version, not saved yet."""
    return Version(
        dataset=dataset,
        number=next_number(dataset),
        created_by=user,
        filename=filename,
        size_bytes=arrival.size,
        sha256=arrival.sha256,
        quarantine_key=quarantine_key,
    )


def next_number(dataset: Dataset) -> int:
    return (dataset.versions.aggregate(newest=Max("number"))["newest"] or 0) + 1


def _open_job(user: User, version: Version, wish: Wish, corrections: Corrections | None) -> Job:
    dataset = version.dataset
    current = dataset.current_version
    if corrections is not None:
        version.corrections = corrections.as_json()
    elif current is not None:
        version.corrections = Corrections.from_json(current.corrections).lasting().as_json()
    if wish.on_conflict == "append":
        version.base = current
    version.save(force_insert=True)
    job = Job.open(version, Job.Kind.INGEST, user, f"Received {version.filename}.")
    record(user, "uploaded", dataset.pk, version=version.number)
    return job


def _has_open_job(version: Version) -> bool:
    return Job.objects.open().filter(version=version).exists()


def retry(job: Job, user: User) -> Job:
    """Open a new job for a version whose job failed or was cancelled, as long as its file is kept.

    Raises UploadRefused.
    """
    if not may_change(user, job.dataset):
        raise UploadRefused("no-change-right", "You may see this job, but not start it again.", 403)
    version = job.version
    if _has_open_job(version) or (version.state == Version.State.READY and job.kind == Job.Kind.INGEST):
        raise UploadRefused("nothing-to-retry", "The job has not failed: there is nothing to do again.", 409)
    is_gone = version.again_id is None and not storage.quarantine().exists(version.quarantine_key or "-")
    if job.kind == Job.Kind.INGEST and is_gone:
        raise UploadRefused("file-gone", "The file is not kept any more. Upload it again.", 409)
    with transaction.atomic():
        Version.objects.filter(pk=version.pk, state=Version.State.FAILED).update(state=Version.State.PENDING)
        again = Job.open(version, Job.Kind(job.kind), user, "Starting again.")
        enqueue(again)
    return again
