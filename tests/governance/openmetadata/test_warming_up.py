"""The SDK is imported before it is needed, where it will be, and never where it will not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from governance.openmetadata import sdk
from tests.commands import OTHER_PARTS, ROOT

pytestmark = pytest.mark.slow

# What a process has imported of the SDK once its background work has ended.
PROGRAM = """
import sys, threading, django
django.setup()
{start}
for thread in threading.enumerate():
    if thread.name == "sdk-warm-up":
        thread.join()
print(*sorted(name for name in sys.modules if name.startswith("metadata.")))
"""
BY_THE_QUEUE = "from django_q.signals import post_spawn; post_spawn.send(sender='django_q', proc_name='w')"
BY_THE_WEB_PROCESS = "from governance.catalog.configured import warm_up; warm_up()"


def imported(start: str, folder: Path, **variables: str) -> set[str]:
    environment = {name: value for name, value in os.environ.items() if name not in OTHER_PARTS}
    environment |= {"OMD_DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "omdplatform.settings"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(start=start)],
        cwd=ROOT, env=environment | variables, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


@pytest.mark.parametrize("start", [BY_THE_QUEUE, BY_THE_WEB_PROCESS], ids=["worker", "web"])
def test_it_is_imported_where_a_server_is_named(start: str, tmp_path: Path) -> None:
    assert set(sdk.MODULES) <= imported(start, tmp_path, OPENMETADATA_HOST="http://127.0.0.1:9/api")


def test_it_is_not_imported_without_one(tmp_path: Path) -> None:
    assert imported(f"{BY_THE_QUEUE}\n{BY_THE_WEB_PROCESS}", tmp_path) == set()


def test_nothing_that_is_used_is_left_out() -> None:
    folder = ROOT / "governance" / "openmetadata"
    text = "".join((folder / name).read_text() for name in ("bodies.py", "sdk.py"))
    used = set(re.findall(r"^ +from (metadata\.generated\.schema\.api\.[\w.]+) import", text, re.MULTILINE))
    assert used
    assert used <= set(sdk.MODULES)
