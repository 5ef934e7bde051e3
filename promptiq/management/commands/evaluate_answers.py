"""manage.py evaluate_answers FOLDER: measures exact answers on tables with questions and answers."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from promptiq.evaluation.question_sets import EVERYTHING_OPEN, BadQuestionSet, QuestionTables, read_questions
from promptiq.evaluation.scoring import Answered, ScoredQuestion, reliability, score
from promptiq.exact import (
    Ambiguous,
    Plan,
    Result,
    TooSlow,
    Uncomputable,
    Unread,
    follow,
    is_likely,
    likelihood,
    looked_up,
    plan,
    run,
)

ABSTAINED = "abstained"


class Command(BaseCommand):
    help = "Answer the questions of FOLDER/qa.csv exactly; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--out", type=Path, help="CSV of table,question,answer,outcome,kind")
        parser.add_argument("--today", type=date.fromisoformat, help="The day that “yesterday” is said of.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self._measure(options)
        except BadQuestionSet as error:
            raise CommandError(str(error)) from None

    def _measure(self, options: dict[str, Any]) -> None:
        questions = read_questions(options["folder"] / "qa.csv")
        started = perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            tables = QuestionTables(options["folder"], Path(scratch))
            answers = [answered(asked, tables, options["today"]) for asked in questions]
            seconds = perf_counter() - started
        if options["out"]:
            write_predictions(options["out"], answers)
        if any(asked.answers for asked in questions):
            self._report(answers)
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
        for low, high, count, right in reliability(answers):
            self.stdout.write(f"confidence {low:.2f}–{high:.2f}  {count} answered, {right:.3f} of them right")
        for kind in dict.fromkeys(answer.asked.kind for answer in answers):
            of_kind = score([answer for answer in answers if answer.asked.kind == kind])
            self.stdout.write(
                f"{kind or '(no kind)'}: {of_kind.questions} questions, {of_kind.answered} answered, "
                f"{of_kind.right} right"
            )
        for answer in answers:
            if answer.said and not answer.right:
                said, expected = "|".join(answer.values), " || ".join(map("|".join, answer.asked.answers))
                self.stdout.write(
                    f"wrong: {answer.asked.question}: said {said[:80]}, expected {expected[:80]}"
                )


def answered(asked: ScoredQuestion, tables: QuestionTables, today: date | None = None) -> Answered:
    """Answered as for somebody who may see every value, or abstained."""
    schema, parquet = tables.read(asked.table)
    nothing = Answered(asked, (), ABSTAINED, "")
    try:
        made = _planned(asked, looked_up(schema, f"{asked.before} {asked.question}", parquet), today)
        if not isinstance(made, Plan):
            return nothing
        result = run(made, schema, parquet, EVERYTHING_OPEN, view_pii=True)
    except (TooSlow, Uncomputable):
        return nothing
    if not isinstance(result, Result) or not result.values or not is_likely(result):
        return nothing
    return Answered(asked, result.values, "answered", "exact", likelihood(result))


def _planned(asked: ScoredQuestion, schema: Any, today: date | None) -> Plan | Ambiguous | Unread | None:
    if not asked.before:
        return plan(asked.question, schema, today=today)
    before = plan(asked.before, schema, today=today)
    return follow(asked.question, before, schema, today=today) if isinstance(before, Plan) else None


def write_predictions(path: Path, answers: Sequence[Answered]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["table", "question", "answer", "outcome", "kind"])
        writer.writerows(
            [a.asked.table, a.asked.question, "|".join(a.values), a.outcome, a.kind] for a in answers
        )
