"""The OpenMetadata SDK imported by several threads at once, as by a worker whose first job comes early."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.running import PROJECT

pytestmark = pytest.mark.slow

IN_A_FRESH_PROCESS = """
from threading import Thread
from governance.openmetadata import sdk
warming = sdk.warm_up()
made = []
others = [Thread(target=lambda: made.append(sdk.unsigned("http://127.0.0.1:9/api"))) for _ in range(3)]
for thread in others:
    thread.start()
for thread in [warming, *others]:
    thread.join()
print(len(made))
"""


def test_whoever_comes_first_the_others_wait() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "3\n"
    assert "could not be imported" not in done.stderr
