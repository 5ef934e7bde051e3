"""Fits how questions are understood to a folder of tables with questions and answers."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from promptiq.evaluation.fitting import Example, examples, fit, log_likelihood
from promptiq.evaluation.question_sets import BadQuestionSet, QuestionTables, read_questions
from promptiq.exact.ranking import WEIGHTS, Weights


class Command(BaseCommand):
    help = "Fit the weights of plans to FOLDER/qa.csv; needs no database and no server, and some minutes."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folders", nargs="+", type=Path)
        parser.add_argument("--out", type=Path, default=WEIGHTS, help="JSON file that is written.")

    def handle(self, *args: Any, **options: Any) -> None:
        found: list[Example] = []
        for folder in options["folders"]:
            try:
                with tempfile.TemporaryDirectory() as scratch:
                    tables = QuestionTables(folder, Path(scratch))
                    for example in examples(read_questions(folder / "qa.csv"), tables):
                        found.append(example)
                        if len(found) % 100 == 0:
                            self.stdout.write(f"{len(found):,} questions tried")
            except BadQuestionSet as error:
                raise CommandError(str(error)) from None
        if not found:
            raise CommandError("There is no question to fit to.")
        weights = fit(found)
        save(weights, options["out"])
        reachable = sum(any(tried.right for tried in example.tried) for example in found)
        self.stdout.write(f"questions            {len(found):,}")
        self.stdout.write(f"with a right plan    {reachable / len(found):.3f}")
        self.stdout.write(f"log-likelihood       {log_likelihood(found, weights):.3f}")
        self.stdout.write(f"weights              {len(weights.plans):,} and {len(weights.results):,}")


def save(weights: Weights, path: Path) -> None:
    text = json.dumps({"plans": dict(weights.plans), "results": dict(weights.results)}, indent=0)
    path.write_text(text + "\n", encoding="utf-8")
