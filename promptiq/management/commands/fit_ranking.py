"""manage.py fit_ranking FOLDER…: fits which plan a question most likely means."""

from __future__ import annotations

import tempfile
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from promptiq.evaluation.fitting import examples, fitted
from promptiq.evaluation.question_sets import BadQuestionSet, QuestionTables, read_questions
from promptiq.exact.ranking.model import FILE, save


def counted_folder(text: str) -> tuple[Path, float]:
    """A folder, and how much each of its questions counts: FOLDER or FOLDER=5."""
    name, _, weight = text.partition("=")
    try:
        return Path(name), float(weight or 1)
    except ValueError:
        raise ArgumentTypeError(f"{weight} is not a number.") from None


class Command(BaseCommand):
    help = "Fit the ranking of plans to the questions of each FOLDER/qa.csv; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", nargs="+", type=counted_folder, metavar="FOLDER[=WEIGHT]")
        parser.add_argument("--out", type=Path, default=FILE)

    def handle(self, *args: Any, **options: Any) -> None:
        found = []
        for folder, weight in options["folders"]:
            try:
                with tempfile.TemporaryDirectory() as scratch:
                    questions = read_questions(folder / "qa.csv")
                    of_folder = list(examples(questions, QuestionTables(folder, Path(scratch)), weight))
            except BadQuestionSet as error:
                raise CommandError(str(error)) from None
            self.stdout.write(f"{folder}: {len(questions)} questions, {len(of_folder)} plans")
            found += of_folder
        if not any(each.right for each in found) or all(each.right for each in found):
            raise CommandError("Weights need plans that are right and plans that are wrong.")
        save(*fitted(found), options["out"])
