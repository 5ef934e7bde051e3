"""What README and docs promise: settings are those that are read, links and commands exist, examples run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import PROJECT, RunningPlatform
from tests.test_house import APPS
from tests.variables import variables_of_settings

PAGES = sorted([*PROJECT.glob("*.md"), *(PROJECT / "docs").rglob("*.md")])
TEXTS = {page: page.read_text() for page in PAGES}


def examples(language: str) -> list[str]:
    return [
        found for text in TEXTS.values() for found in re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)
    ]


def docs(name: str) -> str:
    return TEXTS[PROJECT / "docs" / name]


def anchors(page: Path) -> set[str]:
    """Anchors of its headings, as the usual renderers make them."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_the_readme_is_read_in_two_minutes() -> None:
    assert len(TEXTS[PROJECT / "README.md"].splitlines()) <= 150


def test_every_variable_is_listed_and_none_besides() -> None:
    read = variables_of_settings()
    listed = re.findall(r"^\| `([A-Z0-9_]+)` \|", docs("settings.md"), re.MULTILINE)
    assert sorted(listed) == sorted(read)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_what_a_page_points_to_is_there(page: Path) -> None:
    text = TEXTS[page]
    for target in re.findall(r"\]\((?!http)([^)]+)\)", text):
        path, _, anchor = target.partition("#")
        pointed = (page.parent / path).resolve() if path else page
        assert pointed.exists(), target
        assert not anchor or anchor in anchors(pointed), target
    makefile = (PROJECT / "Makefile").read_text()
    for target in set(re.findall(r"^make ([a-z-]+)|`make ([a-z-]+)`", text, re.MULTILINE)):
        assert re.search(rf"^{''.join(target)}:", makefile, re.MULTILINE), target
    commands = {path.stem for path in PROJECT.glob("*/management/commands/*.py")}
    for command in re.findall(r"manage\.py ([a-z_]+)", text):
        assert command in commands | {"check", "collectstatic", "qcluster"}, command
    for path in re.findall(r"`((?:[a-z_]+/)+[\w.]*)`", text):
        assert not is_of_the_project(path) or (PROJECT / path).exists(), path


def is_of_the_project(path: str) -> bool:
    """Folders such as `keys/` lie in the data folder, and deploy/.env is made there."""
    return path != "deploy/.env" and path.split("/")[0] in {
        *APPS,
        "tests",
        "docs",
        "deploy",
        "bench",
        "templates",
        "static",
    }


def test_every_page_is_reached_from_the_readme() -> None:
    reached, waiting = set(), [PROJECT / "README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        found = {
            (page.parent / target).resolve()
            for target in re.findall(r"\]\((?!http)([^)#]+\.md)", TEXTS[page])
        }
        waiting.extend(found - reached)
    assert reached == set(PAGES)


def test_tree_and_picture_have_every_room() -> None:
    """In the tree every package but the commands; in the picture those of the first level."""
    shown, above = set(), [""] * 3
    for line in docs("architecture.md").partition("```\n")[2].partition("```")[0].splitlines():
        name, level = line.split()[0], (len(line) - len(line.lstrip())) // 2
        above[level] = name
        if above[0].rstrip("/") in APPS and level:
            path = "".join(above[: level + 1])
            assert (PROJECT / path).is_dir(), path
            shown.add(path)
    rooms = {
        f"{path.parent.relative_to(PROJECT)}/"
        for app in APPS
        for path in (PROJECT / app).rglob("*/__init__.py")
        if path.parent.name not in {"migrations", "commands"} and path.parent != PROJECT / app
    }
    assert shown == rooms
    picture = (PROJECT / "docs/rooms.svg").read_text()
    for room in rooms:
        if room.count("/") == 2:
            assert re.search(rf"[>/]{Path(room).name}[ <]", picture), room


def test_the_embedding_embeds() -> None:
    (text,) = [text for text in examples("python") if "class Letters" in text]
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102
    embedding = names["Letters"]()
    assert embedding.embed(["oak", "kettle"]).shape == (2, embedding.dimensions)


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


@pytest.mark.slow
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
