"""The default embedding needs no torch, in no process of the platform."""

import json
import subprocess
import sys

import pytest

from tests.running import PROJECT
from tests.test_house import modules

SCRIPT = """
import importlib, json, os, sys
import django
os.environ["DJANGO_SETTINGS_MODULE"] = "omdplatform.settings"
django.setup()
for name in json.load(sys.stdin):
    importlib.import_module(name)
from promptiq.index.embeddings import get_embedder
assert get_embedder().embed(["a brass lamp"]).shape[0] == 1
sys.stdout.write(" ".join({"torch", "transformers", "sentence_transformers"} & set(sys.modules)))
"""


@pytest.mark.slow
def test_no_module_and_no_text_loads_torch() -> None:
    """Every module of the platform is imported in a new interpreter, and one text embedded."""
    names = [".".join(path.with_suffix("").parts) for path in modules()]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        input=json.dumps(names),
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
