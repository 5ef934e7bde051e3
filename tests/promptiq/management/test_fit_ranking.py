"""The command that fits which plan a question most likely means."""

from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from promptiq.exact.ranking.model import BUCKETS
from tests.promptiq.exact.tables import LIGHTHOUSES

QUESTIONS = """\
table,question,answer,kind,note
lighthouses.csv,which lighthouse has the highest height?,The Needle,top,
lighthouses.csv,how many lighthouses are in England?,2,count,
lighthouses.csv,how many lighthouses are in Wales?,2,count,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "qa.csv").write_text(QUESTIONS, encoding="utf-8")
    (tmp_path / "lighthouses.csv").write_text(LIGHTHOUSES, encoding="utf-8")
    return tmp_path


def test_weights_are_fitted_to_a_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = folder / "weights.npz"
    call_command("fit_ranking", f"{folder}=2", "--out", str(out))
    assert "3 questions" in capsys.readouterr().out
    with np.load(out) as told:
        assert told["weights"].shape == (BUCKETS,)
        assert np.abs(told["weights"]).max() > 0


def test_nothing_is_fitted_to_questions_without_a_right_plan(folder: Path) -> None:
    (folder / "qa.csv").write_text("table,question,answer\nlighthouses.csv,how many lighthouses?,none\n")
    with pytest.raises(CommandError, match="right and plans that are wrong"):
        call_command("fit_ranking", str(folder), "--out", str(folder / "weights.npz"))


def test_a_folder_without_questions_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"qa\.csv"):
        call_command("fit_ranking", str(tmp_path))
