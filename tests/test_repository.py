"""What contributors rely on: hooks before a commit are the checks of `make lint`; CI runs `.ci/run`."""

from __future__ import annotations

import re
from typing import Any

import yaml

from tests.running import PROJECT


def loaded(path: str) -> Any:
    return yaml.safe_load((PROJECT / path).read_text())


def lint_commands() -> list[str]:
    """Commands of `make lint`, written as a shell in the project's folder would take them."""
    makefile = (PROJECT / "Makefile").read_text()
    recipe = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, re.MULTILINE)
    assert recipe is not None
    commands = recipe[1].replace("$(MANAGE)", "$(BIN)/python manage.py").replace("$(BIN)", ".venv/bin")
    return commands.replace("\t", "").splitlines()


def test_hooks_are_the_checks_of_lint() -> None:
    (repository,) = loaded(".pre-commit-config.yaml")["repos"]
    entries = [hook["entry"].removeprefix("env ") for hook in repository["hooks"]]
    assert sorted(entries) == sorted(lint_commands())


def test_the_workflow_runs_all_that_must_pass() -> None:
    jobs = loaded(".github/workflows/ci.yml")["jobs"]
    assert [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step] == [".ci/run"]
    for target in re.findall(r"^make ([a-z-]+)$", (PROJECT / ".ci/run").read_text(), re.MULTILINE):
        assert re.search(rf"^{target}:", (PROJECT / "Makefile").read_text(), re.MULTILINE), target


def test_what_a_repository_tells_its_visitors_is_there() -> None:
    assert "Apache License" in (PROJECT / "LICENSE").read_text()
    for name in ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", ".editorconfig"):
        assert (PROJECT / name).stat().st_size > 200, name
    for path in (PROJECT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        assert loaded(str(path.relative_to(PROJECT)))
