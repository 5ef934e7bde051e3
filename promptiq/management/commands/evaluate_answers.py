"""Measures exact answers on a folder of tables with questions and answers."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from promptiq.evaluation.question_sets import EVERYTHING_OPEN, BadQuestionSet, QuestionTables, read_questions
from promptiq.evaluation.scoring import Answered, Asked, nearest_cells, score
from promptiq.exact import THRESHOLD, Ambiguous, Result, TooSlow, looked_up, plan, settle
from promptiq.exact.meaning import Embed
from promptiq.index.embeddings import EmbeddingUnavailable, get_embedder


class Command(BaseCommand):
    help = "Answer the questions of FOLDER/qa.csv exactly; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--out", type=Path, help="CSV of table,question,answer,outcome,kind")
        parser.add_argument(
            "--without-vectors",
            action="store_true",
            help="Match words by spelling only, and leave out what vectors alone would score.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._measure(options)
        except BadQuestionSet as error:
            raise CommandError(str(error)) from None

    def _measure(self, options: dict[str, Any]) -> None:
        questions = read_questions(options["folder"] / "qa.csv")
        embed = None if options["without_vectors"] else _embed()
        started = perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            tables = QuestionTables(options["folder"], Path(scratch))
            answers = [answered(asked, tables, embed) for asked in questions]
            seconds = perf_counter() - started
            if options["out"]:
                write_predictions(options["out"], answers)
            if any(asked.answers for asked in questions):
                self._report(answers)
                if embed:
                    self._report_vectors(questions, tables, embed)
        self.stdout.write(
            f"{len(answers)} questions in {seconds:.1f} s, reading {len(tables)} tables included"
        )

    def _report(self, answers: Sequence[Answered]) -> None:
        result = score(answers)
        self.stdout.write(f"questions            {result.questions}")
        self.stdout.write(f"answered             {result.answered}")
        self.stdout.write(f"right                {result.right}")
        self.stdout.write(f"right of all         {result.accuracy:.3f}")
        self.stdout.write(f"right of answered    {result.precision:.3f}")
        for answer in answers:
            if answer.outcome == "answered" and not answer.right:
                said, expected = "|".join(answer.values), "|".join(answer.asked.answers)
                self.stdout.write(
                    f"wrong: {answer.asked.question}: said {said[:80]}, expected {expected[:80]}"
                )

    def _report_vectors(self, questions: Sequence[Asked], tables: QuestionTables, embed: Embed) -> None:
        """Report the score of a search by meaning alone on the same questions."""
        answers = [
            answer
            for table in dict.fromkeys(asked.table for asked in questions)
            for answer in nearest_cells(
                [asked for asked in questions if asked.table == table], tables.rows(table), embed
            )
        ]
        self.stdout.write(f"vector lookup alone  {score(answers).accuracy:.3f} right of all")


def _embed() -> Embed:
    try:
        return get_embedder().embed
    except EmbeddingUnavailable as error:
        raise CommandError(str(error)) from None


def answered(asked: Asked, tables: QuestionTables, embed: Embed | None) -> Answered:
    """As somebody is answered who may see every value, or abstained."""
    schema, parquet = tables.read(asked.table)
    nothing = Answered(asked, (), "abstained", "")
    try:
        made = plan(asked.question, looked_up(schema, asked.question, parquet), embed)
        if made is None or isinstance(made, Ambiguous):
            return nothing
        result = settle(made, schema, parquet, EVERYTHING_OPEN, view_pii=True)
    except TooSlow:
        return nothing
    if not isinstance(result, Result) or not result.values or result.confidence < THRESHOLD:
        return nothing
    return Answered(asked, result.values, "answered", "exact")


def write_predictions(path: Path, answers: Sequence[Answered]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["table", "question", "answer", "outcome", "kind"])
        writer.writerows(
            [a.asked.table, a.asked.question, "|".join(a.values), a.outcome, a.kind] for a in answers
        )
