"""Unpacks gzip files, and ZIP archives with one table, within limits."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from datasets.tables.table import Limits
from datasets.tables.unreadable import UnreadableFile

CHUNK_BYTES = 1024**2
# Below this size the ratio means nothing: small tables of zeros compress a thousandfold.
RATIO_FROM = 64 * 1024**2
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
# Formats whose beginning alone says nothing: workbooks, and Parquet, which describes its columns at the end.
_NOT_CUT = frozenset({_ZIP, b"PAR1", b"PARE"})
# Entries found only in archives that are workbooks, of Excel or of other programs.
_WORKBOOK = "xl/workbook.xml"


@contextmanager
def unpacked(path: Path, beside: Path, limits: Limits, first_bytes: int | None = None) -> Iterator[Path]:
    """The file itself, or its content in a temporary file beside another.

    Workbooks are ZIP archives, too, and stay as they are. `first_bytes`: of a text, at most this many;
    exactly this many if it is longer. Raises UnreadableFile.
    """
    with path.open("rb") as file:
        magic = file.read(4)
    packed = magic[:2] == _GZIP or (magic == _ZIP and not is_workbook(path))
    is_short = first_bytes is None or path.stat().st_size <= first_bytes
    if not packed and (is_short or magic in _NOT_CUT):
        yield path
        return
    inner = beside.with_name(beside.name + ".unpacked")
    try:
        with _opened(path, magic) as content:
            _copy(content, inner, path.stat().st_size, limits, first_bytes)
        yield inner
    finally:
        inner.unlink(missing_ok=True)


def is_workbook(path: Path) -> bool:
    """Whether a ZIP archive is an Excel workbook."""
    try:
        with zipfile.ZipFile(path) as archive:
            return _WORKBOOK in archive.namelist()
    except (zipfile.BadZipFile, OSError):
        return False


@contextmanager
def _opened(path: Path, magic: bytes) -> Iterator[IO[bytes]]:
    try:
        if magic[:2] == _GZIP:
            with gzip.open(path) as content:
                yield cast(IO[bytes], content)
            return
        if magic != _ZIP:
            with path.open("rb") as plain:
                yield plain
            return
        with zipfile.ZipFile(path) as archive, archive.open(_only_table(archive)) as content:
            yield content
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError):
        raise UnreadableFile(
            "damaged-archive",
            "The archive is damaged, cut off or has a password.",
            "Pack it again without a password, or upload the table itself.",
        ) from None


def _only_table(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """The only file in the archive, ignoring files that operating systems add."""
    inside = [
        entry
        for entry in archive.infolist()
        if not entry.is_dir() and not entry.filename.startswith("__MACOSX") and entry.file_size
        if not Path(entry.filename).name.startswith(".")
    ]
    if len(inside) != 1:
        raise UnreadableFile(
            "not-one-table",
            f"The ZIP archive holds {len(inside):,} files instead of one table.",
            "Upload each table by itself.",
        )
    return inside[0]


def end_with_a_line(path: Path) -> None:
    """Cut a text after its last line end. Its beginning shows how many bytes a line end has."""
    with path.open("r+b") as file:
        width = 2 if b"\x00" in file.read(64) else 1
        size = path.stat().st_size
        file.seek(max(0, size - CHUNK_BYTES))
        found = file.read().rfind(b"\n")
        if found >= 0:
            end = max(0, size - CHUNK_BYTES) + found + 1
            file.truncate(end + end % width)


def _copy(content: IO[bytes], inner: Path, packed: int, limits: Limits, first_bytes: int | None) -> None:
    size = 0
    with inner.open("wb") as file:
        while chunk := content.read(CHUNK_BYTES):
            size += len(chunk)
            if size > limits.unpacked_bytes or (size > RATIO_FROM and size > packed * limits.unpacked_ratio):
                raise UnreadableFile(
                    "too-large-unpacked",
                    f"More than {size // CHUNK_BYTES:,} MB come out of the archive.",
                    "Upload the table itself, or split it.",
                )
            if first_bytes is not None and size >= first_bytes:
                file.write(chunk[: len(chunk) - (size - first_bytes)])
                return
            file.write(chunk)
