"""What the README promises: its variables are those that are read, and its examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.running import PROJECT, RunningPlatform

README = (PROJECT / "README.md").read_text()


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_every_variable_is_listed_and_none_besides() -> None:
    settings = (PROJECT / "omdplatform" / "settings.py").read_text()
    read = set(re.findall(r'\b(?:text|flag|number|items)\(\s*"([A-Z0-9_]+)"', settings))
    listed = re.findall(r"^\| `([A-Z0-9_]+)` \|", section("Configure"), re.MULTILINE)
    assert sorted(listed) == sorted(read)


def test_what_it_points_to_is_there() -> None:
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (PROJECT / path).exists(), path
    makefile = (PROJECT / "Makefile").read_text()
    for target in set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", README, re.MULTILINE)):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target
    commands = {path.stem for path in PROJECT.glob("*/management/commands/*.py")}
    for command in re.findall(r"manage\.py ([a-z_]+)", README):
        assert command in commands | {"check", "collectstatic", "qcluster"}, command


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningPlatform]:
    running = RunningPlatform(tmp_path_factory.mktemp("readme"))
    yield running
    running.stop()


def test_the_program_runs(platform: RunningPlatform, tmp_path: Path) -> None:
    (program,) = [text for text in examples("python") if "httpx" in text]
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            **os.environ,
            "OMD_URL": platform.url.rstrip("/"),
            "OMD_USER": platform.admin[0],
            "OMD_PASSWORD": platform.admin[1],
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "succeeded"
    assert any(line.endswith("Success!") for line in lines)
    assert "amount INT []" in lines
    assert any(line.startswith("answered ") for line in lines)


def test_its_extensions_work(tmp_path: Path) -> None:
    (text,) = [text for text in examples("python") if "BadgeRecogniser" in text]
    badges, tags = text.split("# acme/tags.py")
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "__init__.py").touch()
    (tmp_path / "acme" / "badges.py").write_text(badges)
    (tmp_path / "acme" / "tags.py").write_text(f"#{tags}")
    (tmp_path / "staff.csv").write_text("badge\n" + "".join(f"ACME-{n:04d}\n" for n in range(60)))
    done = subprocess.run(
        [sys.executable, "manage.py", "classify", str(tmp_path / "staff.csv")],
        cwd=PROJECT,
        env={
            **os.environ,
            "PYTHONPATH": str(tmp_path),
            "OMD_DATA_DIR": str(tmp_path / "data"),
            "CLASSIFIERS": "acme.badges.BadgeRecogniser",
            "TAG_SCHEMAS": "acme.tags",
        },
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "badge: BADGE 95%" in done.stdout
    assert "Acme.Badge, PII.Sensitive" in done.stdout
