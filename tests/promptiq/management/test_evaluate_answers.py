"""The command that measures exact answers on tables with questions."""

import csv
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from promptiq.evaluation.scoring import Answered, Asked, is_right, nearest_cells, score
from promptiq.index.embeddings import get_embedder
from tests.promptiq.exact.tables import CHESS, LIGHTHOUSES

pytestmark = pytest.mark.slow

QUESTIONS = """\
table,question,answer
lights.csv,which lighthouse is the tallest?,The Needle
chess.csv,how many points did Eva Novak score?,4.50
chess.csv,who painted the doors of the club house?,Hana Sato
lights.csv,how many lighthouses are in England?,7
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qa.csv").write_text(QUESTIONS, encoding="utf-8")
    (tmp_path / "lights.csv").write_text(LIGHTHOUSES, encoding="utf-8")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "chess.csv").write_text(CHESS, encoding="utf-8")
    return tmp_path


def test_predictions_and_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "predictions.csv"
    call_command("evaluate_answers", str(folder), "--out", str(out))
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["answer"] for row in rows] == ["The Needle", "4.5", "", "2"]
    assert [row["outcome"] for row in rows] == ["answered", "answered", "abstained", "answered"]
    assert [row["kind"] for row in rows] == ["exact", "exact", "", "exact"]
    told = capsys.readouterr().out
    assert "right of all         0.500" in told
    assert "right of answered    0.667" in told
    assert "vector lookup alone" in told
    assert "wrong: how many lighthouses are in England?: said 2, expected 7" in told


def test_questions_without_answers_are_answered_and_not_measured(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "qa.csv").write_text("table,question\nlights.csv,what is the height of Old Tom?\n", "utf-8")
    call_command("evaluate_answers", str(folder), "--out", str(folder / "out.csv"))
    assert (folder / "out.csv").read_text("utf-8").splitlines()[1].endswith("18 m,answered,exact")
    assert "right" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("qa", "said"),
    [
        (None, "is missing"),
        ("table,answer\na,b\n", "lacks the column question"),
        ("table,question\nx.csv,y\n", "neither"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, qa: str | None, said: str) -> None:
    if qa:
        (tmp_path / "qa.csv").write_text(qa, encoding="utf-8")
    with pytest.raises(CommandError, match=said):
        call_command("evaluate_answers", str(tmp_path))


@pytest.mark.parametrize(
    ("said", "expected", "right"),
    [
        (["1234"], ["1,234"], True),
        (["0.287"], [".287"], True),
        (["39.1"], ["+39.1%"], True),
        (["Mexico (MEX)"], ["mexico"], True),
        (["B", "A"], ["A", "B"], True),
        (["A"], ["A", "B"], False),
        (["A", "B"], ["A"], False),
        (["12"], ["13"], False),
        ([], ["A"], False),
    ],
)
def test_what_counts_as_right(said: list[str], expected: list[str], right: bool) -> None:
    assert is_right(said, expected) is right


def test_abstaining_is_not_answering() -> None:
    asked = Asked("t", "q", ("1",))
    result = score([Answered(asked, ("1",), "answered", "exact"), Answered(asked, (), "abstained", "")])
    assert (result.accuracy, result.precision) == (0.5, 1.0)


def test_the_nearest_cell_is_of_the_nearest_row() -> None:
    rows = [{"Animal": "cat", "Sound": "meow"}, {"Animal": "dog", "Sound": "bark"}]
    (answer,) = nearest_cells(
        [Asked("t", "what sound does a dog make?", ("bark",))], rows, get_embedder().embed
    )
    assert answer.right
