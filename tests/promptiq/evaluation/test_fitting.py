"""The command that fits how questions are understood to tables with questions and answers."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from promptiq.evaluation.fitting import examples, fit, log_likelihood
from promptiq.evaluation.question_sets import QuestionTables, read_questions
from promptiq.exact.ranking import Weights, fitted
from tests.promptiq.exact.tables import QUESTIONS

pytestmark = pytest.mark.slow

NOTHING = Weights({}, {})


def test_fitted_weights_hold_the_right_plans_likelier(tmp_path: Path) -> None:
    asked = [each for each in read_questions(QUESTIONS / "qa.csv") if each.table == "staff.csv"]
    found = list(examples(asked, QuestionTables(QUESTIONS, tmp_path)))
    assert len(found) == len(asked)
    assert sum(any(tried.right for tried in each.tried) for each in found) > 0.9 * len(found)
    weights = fit(found)
    assert log_likelihood(found, weights) > log_likelihood(found, NOTHING) + 0.5


def test_the_weights_that_are_shipped_know_these_questions(tmp_path: Path) -> None:
    asked = [each for each in read_questions(QUESTIONS / "qa.csv") if each.table == "orders.csv"]
    found = list(examples(asked, QuestionTables(QUESTIONS, tmp_path)))
    assert log_likelihood(found, fitted()) > log_likelihood(found, NOTHING) + 1


def test_the_command_writes_weights_by_name(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "qa.csv").write_text(
        "table,question,answer\n"
        + "".join(
            f"t.csv,how many pears has {name}?,{count}\n" for name, count in (("Wick", 7), ("Ham", 4)) * 6
        ),
        "utf-8",
    )
    (tmp_path / "t.csv").write_text("village,pears\nWick,7\nHam,4\nTilling,5\nOakford,1\n", "utf-8")
    out = tmp_path / "weights.json"
    call_command("fit_answers", str(tmp_path), "--out", str(out))
    written = json.loads(out.read_text("utf-8"))
    assert set(written) == {"plans", "results"}
    assert written["plans"]
    assert "questions            12" in capsys.readouterr().out


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is missing"):
        call_command("fit_answers", str(tmp_path))
