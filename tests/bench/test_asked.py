"""The questions that the ranking of plans is fitted to."""

from pathlib import Path

import pytest

from bench.asked.wikitables import questions_by_table, write
from promptiq.evaluation.question_sets import read_questions
from tests.running import PROJECT

FOLDERS = [path for path in (PROJECT / "bench" / "asked").iterdir() if (path / "qa.csv").is_file()]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_every_question_has_an_answer_and_a_table(folder: Path) -> None:
    questions = read_questions(folder / "qa.csv")
    assert len(questions) > 250
    assert all(asked.answers for asked in questions)
    assert {asked.table for asked in questions} == {path.name for path in (folder / "tables").iterdir()}


def test_a_copy_of_wikitablequestions_becomes_a_folder(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    (copy / "data").mkdir(parents=True)
    (copy / "csv" / "204-csv").mkdir(parents=True)
    (copy / "csv" / "204-csv" / "5.csv").write_text('"Name","Note"\n"Ann","says \\"hi\\""\n')
    (copy / "data" / "training.tsv").write_text(
        "id\tutterance\tcontext\ttargetValue\n"
        "nt-0\twho says hi?\tcsv/204-csv/5.csv\tAnn|B\\pC\n"
        "nt-1\twho is known?\tcsv/204-csv/6.csv\tAnn\n"
    )
    (tmp_path / "qa.csv").write_text("table,question,answer\nx.csv,Who is known?,Ann\n")
    found = questions_by_table(copy, [tmp_path / "qa.csv"])
    assert found == {"csv/204-csv/5.csv": [("who says hi?", "Ann|B|C")]}
    write(copy, found, tmp_path / "out")
    (asked,) = read_questions(tmp_path / "out" / "qa.csv")
    assert (asked.table, asked.question) == ("204-5.csv", "who says hi?")
    assert (tmp_path / "out" / "tables" / "204-5.csv").read_text().splitlines()[1] == 'Ann,"says ""hi"""'
