"""Receives files in parts, in order, for the tus protocol. Parts are collected in one private local file."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count, Sum
from django.utils import timezone

from datasets import storage
from datasets.ingestion.receiving.uploads import (
    UploadRefused,
    Wish,
    accept_local,
    clean_filename,
    copy_bounded,
    refuse_no_table,
    require_upload_right,
    too_large,
)
from datasets.models import Job, PartialUpload
from datasets.previews.corrections import Corrections
from omdplatform.base import disk


def begin_partial(
    user: User, filename: str, length: int, wish: Wish, *, whole: bool = False
) -> PartialUpload:
    """Announce a file of `length` bytes. `whole`: all bytes are here already, so no other size is possible.
    Raises UploadRefused, DiskFull.
    """
    require_upload_right(user)
    name = clean_filename(filename)
    if length > settings.UPLOAD_MAX_BYTES:
        raise too_large()
    if length == 0:
        raise UploadRefused("empty-file", "The file is empty: there is nothing to take in.", 422)
    announced = 0 if whole else length
    _refuse_beyond_quota(user, announced)
    disk.require(announced, Path(settings.FILE_UPLOAD_TEMP_DIR))
    partial = PartialUpload.objects.create(owner=user, filename=name, length=length, wish=wish.as_json())
    path_of(partial).touch(mode=0o600)
    return partial


def _refuse_beyond_quota(user: User, length: int) -> None:
    """Limit announced but unsent files: the space that one person reserves is missing for all."""
    unfinished = PartialUpload.objects.filter(owner=user, job=None, refusal="")
    told = unfinished.aggregate(files=Count("pk"), announced=Sum("length"))
    if told["files"] >= settings.UNFINISHED_UPLOADS:
        raise UploadRefused(
            "too-many-unfinished",
            f"You have {told['files']} unfinished uploads. Finish or give up one of them; each is forgotten "
            "after an hour without a part.",
            429,
        )
    if (told["announced"] or 0) + length > settings.UNFINISHED_BYTES:
        raise UploadRefused(
            "too-much-unfinished",
            f"Your unfinished uploads come to more than {settings.UNFINISHED_BYTES:,} bytes. "
            "Finish or give up one of them.",
            429,
        )


def append_part(partial: PartialUpload, offset: int, stream: BinaryIO) -> PartialUpload:
    """Append the next bytes. Bytes that arrived count even if the connection broke. The last part opens the
    job.

    Raises UploadRefused: 409 if `offset` is not the current end, 413 if more arrives than was announced, 404
    if the earlier bytes are gone.
    """
    if partial.refusal:
        raise UploadRefused("upload-gone", partial.refusal, 404)
    if offset != partial.offset:
        raise UploadRefused(
            "wrong-offset", f"The next byte expected is number {partial.offset}, not {offset}.", 409
        )
    if partial.offset < partial.length:
        _write(partial, stream)
    if partial.is_whole and partial.job is None:
        if partial.is_held:
            refuse_no_table(path_of(partial))
        else:
            _complete(partial)
    return partial


def hold_file(user: User, filename: str, content: BinaryIO, wish: Wish) -> PartialUpload:
    """Hold a complete file until its sender decides. Raises UploadRefused, DiskFull."""
    held = begin_partial(user, filename, settings.UPLOAD_MAX_BYTES, replace(wish, hold=True), whole=True)
    path = path_of(held)
    try:
        arrived = copy_bounded(content, path)
        refuse_no_table(path)
    except UploadRefused:
        discard_partial(held)
        raise
    held.length = held.offset = arrived.size
    held.sha256 = arrived.sha256
    held.save()
    return held


def keep(held: PartialUpload, wish: Wish, corrections: Corrections) -> Job:
    """Take in a held file with its corrections. Raises UploadRefused; the bytes are kept."""
    if held.job is not None:
        return held.job
    path = path_of(held)
    if not held.is_whole:
        raise UploadRefused("upload-unfinished", "The file has not arrived as a whole yet.", 409)
    if not path.exists():
        raise UploadRefused("upload-gone", "The file is not kept any more. Send it again.", 404)
    held.job = accept_local(
        held.owner, held.filename, path, replace(wish, hold=False), corrections, held.sha256
    )
    held.save(update_fields=["job", "touched_at"])
    path.unlink(missing_ok=True)
    return held.job


def _write(partial: PartialUpload, stream: BinaryIO) -> None:
    try:
        file = path_of(partial).open("r+b")
    except FileNotFoundError:
        raise UploadRefused("upload-gone", "The upload was given up. Begin it again.", 404) from None
    with file:
        file.seek(partial.offset)
        start = partial.offset
        try:
            _copy_part(partial, stream, file)
        finally:
            file.flush()
            os.fsync(file.fileno())
            arrived = file.tell()
            # If two requests send the same part, the first one to finish counts.
            moved = PartialUpload.objects.filter(pk=partial.pk, offset=start).update(
                offset=arrived, touched_at=timezone.now()
            )
            if moved:
                partial.offset = arrived
            else:
                partial.refresh_from_db()


def _copy_part(partial: PartialUpload, stream: BinaryIO, file: BinaryIO) -> None:
    while chunk := stream.read(storage.CHUNK_BYTES):
        if file.tell() + len(chunk) > partial.length:
            raise UploadRefused("longer-than-announced", "More bytes came than were announced.", 413)
        file.write(chunk)


def _complete(partial: PartialUpload) -> None:
    """Open the job. If it is refused, the bytes stay, so the sender can ask again with other options."""
    partial.job = accept_local(
        partial.owner, partial.filename, path_of(partial), Wish.from_json(partial.wish)
    )
    partial.save(update_fields=["job"])
    path_of(partial).unlink(missing_ok=True)


def refuse(partial: PartialUpload, why: str) -> None:
    """Delete the bytes of a file that is refused. For a held file, the sender sees the reason until they
    dismiss it.
    """
    if not partial.is_held:
        discard_partial(partial)
        return
    path_of(partial).unlink(missing_ok=True)
    partial.refusal = why[:500]
    partial.save(update_fields=["refusal", "touched_at"])


def discard_partial(partial: PartialUpload) -> None:
    """Forget an upload and delete its bytes. A job that it opened goes on."""
    path_of(partial).unlink(missing_ok=True)
    partial.delete()


def discard_old_partials() -> int:
    """Discard uploads without a new part for QUARANTINE_SECONDS. Returns how many."""
    limit = timezone.now() - timedelta(seconds=settings.QUARANTINE_SECONDS)
    old = list(PartialUpload.objects.filter(touched_at__lt=limit))
    for partial in old:
        discard_partial(partial)
    return len(old)


def path_of(partial: PartialUpload) -> Path:
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR) / "parts"
    folder.mkdir(exist_ok=True, mode=0o700)
    return folder / str(partial.pk)
