"""manage.py evaluate_reader FOLDER: compares what the reader makes of files with what they hold."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.management.reader_marking import (
    PREDICTION_FIELDS,
    Outcome,
    read_expectations,
    read_values,
    shortcomings,
)
from datasets.tables.reading import read
from datasets.tables.unreadable import UnreadableFile


class Command(BaseCommand):
    help = "Compare the reader with FOLDER/expected.csv and values.csv; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--out", type=Path, help=f"CSV of {','.join(PREDICTION_FIELDS)}")

    def handle(self, *args: Any, folder: Path, out: Path | None, **options: Any) -> None:
        try:
            expected, values = read_expectations(folder), read_values(folder)
        except FileNotFoundError as error:
            raise CommandError(f"There is no {error.filename}.") from None
        started = perf_counter()
        outcomes, right = [], 0
        with TemporaryDirectory() as work:
            for file, row in expected.items():
                outcome = outcome_of(folder / file, Path(work))
                outcomes.append(outcome)
                short = shortcomings(outcome, row, values.get(file, []))
                right += not short
                if short:
                    self.stdout.write(f"{file}: {'; '.join(short)}")
        if out:
            _write(out, outcomes)
        seconds = perf_counter() - started
        self.stdout.write(f"{right} of {len(outcomes)} files read right, in {seconds:.1f} s")


def outcome_of(path: Path, work: Path) -> Outcome:
    parquet = work / "table.parquet"
    try:
        return Outcome(path.name, read(path, parquet))
    except UnreadableFile as error:
        return Outcome(path.name, refused=error)
    except Exception as error:
        return Outcome(path.name, error=type(error).__name__)


def _write(path: Path, outcomes: list[Outcome]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, PREDICTION_FIELDS)
        writer.writeheader()
        writer.writerows(outcome.as_row() for outcome in outcomes)
