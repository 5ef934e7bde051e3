"""A platform in a folder of its own, for one measurement."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def fresh_platform() -> Iterator[Path]:
    """A temporary data folder with tables, keys and a running vector server; Django is ready inside.

    Only one in a process: settings are read once.
    """
    with TemporaryDirectory(prefix="omdplatform-bench-") as name:
        os.environ.update(
            OMD_DATA_DIR=name, DJANGO_SETTINGS_MODULE="omdplatform.settings", HF_HUB_OFFLINE="1"
        )
        import django

        django.setup()
        from omdplatform.running.preparation import prepare
        from promptiq.index import vector_server

        prepare()
        with vector_server.running():
            yield Path(name)


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
