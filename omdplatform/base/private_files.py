"""The data folder is for its owner only: it holds values, password hashes, session keys and private keys."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close(folder: Path) -> int:
    """Take from everything below a folder, and from itself, what others may do; how many paths that changed.

    What belongs to another user cannot be changed and stays; links are not followed.
    """
    return sum(_close(path) for path in (folder, *_below(folder)))


def open_to_others(folder: Path) -> Iterator[Path]:
    """The folder where others may enter it; then what lies directly in it and may be reached as well."""
    if is_open(folder):
        yield folder
        yield from filter(is_open, sorted(folder.iterdir()))


def is_open(path: Path) -> bool:
    """Whether anybody but its owner may do anything with it; False where it is not there, or is a link."""
    mode = _mode(path)
    return mode is not None and bool(mode & _OTHERS)


def _close(path: Path) -> bool:
    mode = _mode(path)
    if mode is None or not mode & _OTHERS:
        return False
    try:
        path.chmod(mode & ~_OTHERS)
    except (PermissionError, FileNotFoundError):
        return False
    return True


def _mode(path: Path) -> int | None:
    try:
        found = path.lstat()
    except OSError:
        return None
    return None if stat.S_ISLNK(found.st_mode) else stat.S_IMODE(found.st_mode)


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        yield from (Path(root) / name for name in (*folders, *files))
