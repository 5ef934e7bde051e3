"""Room on the disk: looked at before it is needed, and a full disk told from everything else."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import NamedTuple

from django.conf import settings

from omdplatform.base.errors import Unavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskFull(Unavailable):
    """There is no room for what was asked; nothing of it is kept half done."""

    code = "disk-full"
    status = 507

    def sentence(self) -> str:
        return str(self)


class Room(NamedTuple):
    """Of one disk, in bytes."""

    total: int
    used: int
    free: int


def room(folder: Path | None = None) -> Room:
    """On the disk of a folder, by default the data folder."""
    return Room(*shutil.disk_usage(folder or settings.DATA_DIR))


def require(size: int, folder: Path) -> None:
    """Raises DiskFull where `size` bytes would leave less than DISK_RESERVE_BYTES on the folder's disk."""
    free = room(folder).free
    if free < size + settings.DISK_RESERVE_BYTES:
        raise DiskFull(
            f"The platform's disk is full: {megabytes(size + settings.DISK_RESERVE_BYTES)} are needed and "
            f"{megabytes(free)} free. An administrator has to make room."
        )


def full() -> DiskFull:
    """For where writing has found it out."""
    return DiskFull("The platform's disk is full. An administrator has to make room.")


def is_full(error: BaseException | None) -> bool:
    """Whether this is, or comes from, a write for which there was no room."""
    while error is not None:
        if getattr(error, "errno", None) in _FULL or "database or disk is full" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"
