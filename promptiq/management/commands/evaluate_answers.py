"""Measures exact answers on a folder of tables with questions and answers."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.reading import UnreadableFile, read
from governance.policies import Access, effective
from promptiq.embeddings import EmbeddingUnavailable, get_embedder
from promptiq.evaluation import Answered, Asked, nearest_cells, score
from promptiq.exact import THRESHOLD, Ambiguous, NotPermitted, Schema, TooSlow, describe, looked_up, plan, run

_COLUMNS = ("table", "question")
_EVERYTHING_OPEN = Access(())


class Command(BaseCommand):
    help = "Answer the questions of FOLDER/qa.csv exactly; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--out", type=Path, help="CSV of table,question,answer,outcome,kind")
        parser.add_argument(
            "--without-vectors", action="store_true", help="Leave out what vectors alone would score."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        questions = read_questions(options["folder"] / "qa.csv")
        started = perf_counter()
        with tempfile.TemporaryDirectory() as scratch:
            tables = _Tables(options["folder"], Path(scratch))
            answers = [tables.answer(asked) for asked in questions]
            seconds = perf_counter() - started
            if options["out"]:
                write_predictions(options["out"], answers)
            if any(asked.answers for asked in questions):
                self._report(answers)
                if not options["without_vectors"]:
                    self._report_vectors(questions, tables)
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

    def _report_vectors(self, questions: Sequence[Asked], tables: _Tables) -> None:
        """What the best cell of the nearest row would have scored on the same questions."""
        try:
            embedder = get_embedder()
        except EmbeddingUnavailable as error:
            raise CommandError(str(error)) from None
        answers = [
            answer
            for table in dict.fromkeys(asked.table for asked in questions)
            for answer in nearest_cells(
                [asked for asked in questions if asked.table == table], tables.rows(table), embedder.embed
            )
        ]
        self.stdout.write(f"vector lookup alone  {score(answers).accuracy:.3f} right of all")


class _Tables:
    """The tables of a folder, each read once into a Parquet copy in `scratch`."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch
        self._known: dict[str, tuple[Schema, Path]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def answer(self, asked: Asked) -> Answered:
        schema, parquet = self._read(asked.table)
        made = plan(asked.question, looked_up(schema, asked.question, parquet))
        if made is None or isinstance(made, Ambiguous):
            return Answered(asked, (), "abstained", "")
        try:
            result = run(made, schema, parquet, _EVERYTHING_OPEN, view_pii=True)
        except TooSlow:
            return Answered(asked, (), "abstained", "")
        if isinstance(result, NotPermitted) or not result.values or result.confidence < THRESHOLD:
            return Answered(asked, (), "abstained", "")
        return Answered(asked, result.values, "answered", "exact")

    def rows(self, table: str) -> list[dict[str, str]]:
        """Rows as texts by column name, without empty cells."""
        import pyarrow.parquet as pq

        _, parquet = self._read(table)
        found = pq.read_table(parquet).drop_columns(["_row"]).to_pylist()
        return [{name: str(cell) for name, cell in row.items() if cell is not None} for row in found]

    def _read(self, table: str) -> tuple[Schema, Path]:
        if table not in self._known:
            parquet = self._scratch / f"{len(self._known)}.parquet"
            try:
                read(self._find(table), parquet)
            except UnreadableFile as error:
                raise CommandError(f"{table}: {error}") from None
            self._known[table] = (describe(parquet, effective({}, []), view_pii=True), parquet)
        return self._known[table]

    def _find(self, table: str) -> Path:
        beside = self._folder / table
        if beside.is_file():
            return beside
        below = sorted(path for path in self._folder.rglob(Path(table).name) if path.is_file())
        if not below:
            raise CommandError(f"{table} is neither beside qa.csv nor in a folder below it.")
        return next((path for path in below if str(path).endswith(table)), below[0])


def read_questions(path: Path) -> list[Asked]:
    """Rows of qa.csv; the column answer may be missing, several answers have | between them."""
    if not path.is_file():
        raise CommandError(f"{path} is missing: it has the questions.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise CommandError(f"{path.name} lacks the column {missing[0]}.")
        return [_asked(row) for row in reader]


def _asked(row: dict[str, str | None]) -> Asked:
    answers = tuple(filter(None, (row.get("answer") or "").split("|")))
    return Asked(row["table"] or "", row["question"] or "", answers)


def write_predictions(path: Path, answers: Sequence[Answered]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["table", "question", "answer", "outcome", "kind"])
        writer.writerows(
            [a.asked.table, a.asked.question, "|".join(a.values), a.outcome, a.kind] for a in answers
        )
