"""manage.py ask as a process: as the owner, as a viewer, as somebody else."""

from pathlib import Path
from typing import Any

import pytest

from governance.policies import MASK
from tests.commands import json_lines, left_running, manage
from tests.ingested import order, orders_csv

pytestmark = pytest.mark.slow

GRANT = """
from django.contrib.auth.models import User
from datasets.models import Dataset
from governance.models import Grant
viewer, _ = User.objects.get_or_create(username="vic")
User.objects.get_or_create(username="sam")
Grant.objects.create(dataset=Dataset.objects.get(), user=viewer)
"""
QUESTION = "Which rows are about a wooden table?"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with the orders of ann, which vic may view and sam may not."""
    place = tmp_path_factory.mktemp("asked")
    (place / "orders.csv").write_bytes(orders_csv())
    done = manage(place / "data", "ingest", place / "orders.csv", "--owner", "ann")
    assert done.returncode == 0, done.stderr
    shared = manage(place / "data", "shell", "-c", GRANT)
    assert shared.returncode == 0, shared.stderr
    return place / "data"


def ask(folder: Path, *arguments: str) -> dict[str, Any]:
    done = manage(folder, "ask", QUESTION, "--json", *arguments)
    assert done.returncode == 0, done.stderr
    (answer,) = json_lines(done.stdout)
    assert left_running(folder) == []
    return answer


def test_the_owner_sees_values_and_a_viewer_does_not(folder: Path) -> None:
    owned = ask(folder, "--as", "ann")
    assert (owned["outcome"], owned["kind"]) == ("answered", "lookup")
    for citation in owned["citations"]:
        assert citation["cells"] == order(citation["row"] - 1)
    viewed = ask(folder, "--as", "vic", "--dataset", owned["citations"][0]["dataset"])
    assert viewed["outcome"] == "masked"
    assert [item["row"] for item in viewed["citations"]] == [item["row"] for item in owned["citations"]]
    assert {item["cells"]["email"] for item in viewed["citations"]} == {MASK}
    assert viewed["citations"][0]["cells"]["goods"] == "oak table"
    assert "@post.example" not in str(viewed)
    assert list(viewed["governance"][0]["masked"]) == ["email"]


def test_a_foreign_dataset_is_like_one_that_is_absent(folder: Path) -> None:
    dataset = ask(folder, "--as", "ann")["citations"][0]["dataset"]
    foreign = ask(folder, "--as", "sam", "--dataset", dataset)
    absent = ask(folder, "--as", "sam", "--dataset", "00000000-0000-4000-8000-000000000000")
    assert foreign == absent
    assert (foreign["outcome"], foreign["citations"]) == ("not_found", [])


def test_for_people_it_is_text(folder: Path) -> None:
    done = manage(folder, "ask", QUESTION, "--as", "vic")
    assert done.returncode == 0, done.stderr
    assert "orders v1 row 1: " in done.stdout
    assert "goods: oak table" in done.stdout
    assert "Masked for you: email." in done.stdout
    assert "@post.example" not in done.stdout + done.stderr


def test_what_cannot_be_asked_is_said_in_a_sentence(folder: Path) -> None:
    nobody = manage(folder, "ask", QUESTION, "--as", "nobody")
    assert (nobody.returncode, nobody.stderr.strip()) == (
        1,
        "CommandError: There is no active user named nobody.",
    )
    empty = manage(folder, "ask", "  ", "--as", "ann")
    assert (empty.returncode, "The question is empty." in empty.stderr) == (1, True)
