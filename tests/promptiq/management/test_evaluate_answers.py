"""The command that measures exact answers on tables with questions."""

import csv
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.promptiq.exact.tables import CHESS, LIGHTHOUSES

pytestmark = pytest.mark.slow

QUESTIONS = """\
table,question,answer,kind,note
lighthouses.csv,which lighthouse has the highest height?,The Needle,top,
chess.csv,how many points did Eva Novak score?,4.50 || 5,lookup,
chess.csv,who painted the doors of the club house?,REFUSE,refuse,
lighthouses.csv,how many lighthouses are in England?,7,count,
lighthouses.csv,and in Wales?,2,followup,how many lighthouses are in England?
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qa.csv").write_text(QUESTIONS, encoding="utf-8")
    (tmp_path / "lighthouses.csv").write_text(LIGHTHOUSES, encoding="utf-8")
    (tmp_path / "tables").mkdir()
    (tmp_path / "tables" / "chess.csv").write_text(CHESS, encoding="utf-8")
    return tmp_path


def test_predictions_and_figures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "predictions.csv"
    call_command("evaluate_answers", str(folder), "--out", str(out))
    with out.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["answer"] for row in rows] == ["The Needle", "4.5", "", "2", "2"]
    assert [row["outcome"] for row in rows] == ["answered", "answered", "abstained", "answered", "answered"]
    assert [row["kind"] for row in rows] == ["exact", "exact", "", "exact", "exact"]
    told = capsys.readouterr().out
    assert "right of all         0.800" in told
    assert "right of answered    0.750" in told
    assert "count: 1 questions, 1 answered, 0 right" in told
    assert re.search(r"confidence 0\.\d\d–\d\.\d\d  \d answered, \d\.\d{3} of them right", told)
    assert "wrong: how many lighthouses are in England?: said 2, expected 7" in told


def test_questions_without_answers_are_answered_and_not_measured(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "qa.csv").write_text(
        "table,question\nlighthouses.csv,what is the height of Old Tom?\n", "utf-8"
    )
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
