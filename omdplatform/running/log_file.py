"""Sends the output of all processes to a file, so that the terminal shows only what its reader needs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

# A larger file is renamed at the next start (bytes). One such file is kept.
LARGE = 20 * 1024**2


@contextmanager
def lines_kept_in(path: Path) -> Iterator[TextIO]:
    """Send standard output and error of this process, and of all that it starts, to the file.

    Yields the former standard output. Only its owner may read the file. An error leaves its traceback in the
    file, and a line on the terminal that says where.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGE:
        path.replace(path.with_suffix(".old.log"))
    terminal = os.fdopen(os.dup(1), "w", buffering=1)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.close(file)
    logging.captureWarnings(True)
    try:
        yield terminal
    except Exception as error:
        terminal.write(f"Stopped by an error ({type(error).__name__}). See the end of {path}\n")
        raise
