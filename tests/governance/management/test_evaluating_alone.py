"""The evaluation runs on what `make install` installs: no server, no database, nothing for developers."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from tests.governance import tables
from tests.governance.tables import many

pytestmark = pytest.mark.slow

# Left out of the process below, as if they were not installed.
DEVELOPERS_ONLY = ["pytest", "playwright", "mypy", "mypy_django_plugin", "ruff", "importlinter", "websockets"]
RUN = f"""
import sys
sys.modules.update(dict.fromkeys({DEVELOPERS_ONLY!r}))
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with (tmp_path / "people.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "mail"])
        writer.writerows(enumerate(many(tables.email)))
    (tmp_path / "labels.csv").write_text(
        "file,column,expected_entity,expected_sensitivity\n"
        "people.csv,id,NONE,None\n"
        "people.csv,mail,EMAIL,Sensitive\n"
        "gone.csv,mail,EMAIL,Sensitive\n"
    )
    return tmp_path


def test_without_server_database_and_developers_packages(folder: Path) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "omdplatform.settings",
        "OMD_DATA_DIR": str(folder / "data"),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
        "OPENMETADATA_HOST": "http://127.0.0.1:9/api",
        "CHROMA_URL": "http://127.0.0.1:9",
    }
    command = [
        sys.executable,
        "-c",
        RUN,
        "evaluate_classifier",
        str(folder),
        "--out",
        str(folder / "out.csv"),
    ]
    done = subprocess.run(
        command,
        env=environment,
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with (folder / "out.csv").open(newline="") as file:
        rows = [(row["column"], row["entity"], row["sensitivity"]) for row in csv.DictReader(file)]
    assert rows == [("id", "NONE", "None"), ("mail", "EMAIL", "Sensitive")]
    # A file that is missing is named and counts against the figures.
    assert "gone.csv" in done.stderr
    assert "recall                 0.500" in done.stdout
    shares = {
        line.split()[0]: line.split()[1:] for line in done.stdout.splitlines() if len(line.split()) == 3
    }
    assert shares["email"] == ["1", "0"]
    assert shares["(none)"] == ["1", "1"]
