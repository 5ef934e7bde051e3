"""Room on the disk: looked at before it is needed, and a full disk told from everything else."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from django.conf import settings

from omdplatform.base.errors import Unavailable

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class DiskFull(Unavailable):
    """There is no room for what was asked; nothing of it is kept half done."""

    code = "disk-full"
    status = 507

    def sentence(self) -> str:
        return str(self)


def require(size: int, folder: Path) -> None:
    """Raises DiskFull where `size` bytes would leave less than DISK_RESERVE_BYTES on the folder's disk."""
    free = shutil.disk_usage(folder).free
    if free < size + settings.DISK_RESERVE_BYTES:
        raise DiskFull(
            f"The platform's disk is full: {_megabytes(size + settings.DISK_RESERVE_BYTES)} are needed and "
            f"{_megabytes(free)} free. An administrator has to make room."
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


def _megabytes(size: int) -> str:
    return f"{size / 1024**2:,.0f} MB"
