"""Checks free disk space before it is needed, and recognises the error of a full disk."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from omdplatform.base.errors import Unavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskFull(Unavailable):
    """There is no room for the request. Nothing incomplete is kept."""

    code = "disk-full"
    status = 507

    def sentence(self) -> str:
        return str(self)


class Room(NamedTuple):
    """Space of one disk, in bytes."""

    total: int
    used: int
    free: int


def room(folder: Path | None = None) -> Room:
    """Of the disk with a folder, by default the data folder."""
    return Room(*shutil.disk_usage(folder or settings.DATA_DIR))


def require(size: int, folder: Path) -> None:
    """Raises DiskFull if `size` more bytes would leave less than DISK_RESERVE_BYTES on the folder's disk."""
    free = room(folder).free
    if free < size + settings.DISK_RESERVE_BYTES:
        raise DiskFull(
            f"The platform's disk is full: {megabytes(size + settings.DISK_RESERVE_BYTES)} are needed and "
            f"{megabytes(free)} free. An administrator has to make room."
        )


def full() -> DiskFull:
    """For a write that has failed."""
    return DiskFull("The platform's disk is full. An administrator has to make room.")


def is_full(error: BaseException | None) -> bool:
    """Whether the error is, or was caused by, a write without room."""
    while error is not None:
        if getattr(error, "errno", None) in _FULL or "database or disk is full" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"
