"""Keeps the data folder private: it has values, password hashes, session keys and private keys."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def close(folder: Path) -> int:
    """Remove other users' rights from a folder and everything below it. Returns how many paths changed.

    Other users' files cannot be changed and stay. Links are not followed.
    """
    return sum(_close(path) for path in (folder, *_below(folder)))


def open_to_others(folder: Path) -> Iterator[Path]:
    """The folder if others may enter it, then paths directly in it that others may reach."""
    if is_open(folder):
        yield folder
        yield from filter(is_open, sorted(folder.iterdir()))


def is_open(path: Path) -> bool:
    """Whether others have any right to it. False if it is missing or a link."""
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
