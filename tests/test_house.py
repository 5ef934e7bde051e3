"""The structure: every module stands in a layer of the import contract, and no folder is too full."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp

from tests.running import PROJECT

APPS = ("datasets", "governance", "promptiq", "omdplatform")
# A newcomer takes in about so many modules at a look.
MOST_MODULES = 15
# Django's own names, which each app has, and the API of each web room.
NAMES_OF_MANY = {"admin", "api", "apps", "forms", "models", "tables", "urls", "views"}
COMMANDS = "management/commands"


def modules() -> Iterator[Path]:
    """Every module of the applications but migrations, relative to the project."""
    for app in APPS:
        for path in (PROJECT / app).rglob("*.py"):
            if "migrations" not in path.parts and path.name != "__init__.py":
                yield path.relative_to(PROJECT)


def layers() -> list[set[str]]:
    """The contract's layers, the highest first."""
    config = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    (contract,) = config["tool"]["importlinter"]["contracts"]
    return [{name.strip() for name in layer.split(":")} for layer in contract["layers"]]


def test_every_module_stands_in_one_layer() -> None:
    assert len(layers()) <= 8
    for path in modules():
        name = ".".join(path.with_suffix("").parts)
        holding = [layer for layer in layers() if any(f"{name}.".startswith(f"{room}.") for room in layer)]
        assert len(holding) == 1, name


def test_no_imports_form_a_circle() -> None:
    """Imports for type checkers alone do not count. A circle raises CycleError, which names its modules."""
    graph = grimp.build_graph(*APPS, exclude_type_checking_imports=True, cache_dir=None)
    TopologicalSorter(
        {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    ).prepare()


def test_no_folder_is_too_full() -> None:
    by_folder = Counter(str(path.parent) for path in modules())
    too_full = {folder: count for folder, count in by_folder.items() if count > MOST_MODULES}
    assert too_full == {}


def test_no_two_modules_have_one_name() -> None:
    """Whoever looks for a name finds one place. Commands have the names that people type."""
    names = Counter(path.stem for path in modules() if COMMANDS not in str(path))
    assert {name for name, count in names.items() if count > 1} <= NAMES_OF_MANY


def test_no_line_of_a_template_is_too_long() -> None:
    for path in (PROJECT / "templates").rglob("*.html"):
        for number, line in enumerate(path.read_text().splitlines(), 1):
            assert len(line) <= 160, f"{path}:{number}"
