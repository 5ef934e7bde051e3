"""manage.py evaluate_classifier FOLDER: measures the classifier on a folder of labelled tables."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from django.core.management.base import BaseCommand, CommandError, CommandParser

from datasets.tables.reading import read
from datasets.tables.unreadable import UnreadableFile
from governance.extending.extensions import tags_by_kind
from governance.management.classifier_scoring import (
    Judgement,
    Label,
    Prediction,
    judge,
    predict,
    score,
    share_by_recogniser,
)
from governance.management.scanning import scan

_LABEL_COLUMNS = ("file", "column", "expected_entity", "expected_sensitivity")


class Command(BaseCommand):
    help = "Compare the classifier with FOLDER/labels.csv; needs no database and no server."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--out", type=Path, help="CSV of file,column,entity,sensitivity,confidence")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        labels = read_labels(folder / "labels.csv")
        started = perf_counter()
        predictions = self._predict_all(folder, list(dict.fromkeys(label.file for label in labels)))
        if options["out"]:
            write_predictions(options["out"], predictions)
        self._report(judge(labels, predictions))
        self.stdout.write(f"{len(predictions)} columns in {perf_counter() - started:.1f} s, reading included")

    def _predict_all(self, folder: Path, files: Sequence[str]) -> list[Prediction]:
        """Names a file that cannot be read and counts its columns as missed. The others go on."""
        predictions: list[Prediction] = []
        for file in files:
            try:
                scanned = scan(folder / file, read)
            except (UnreadableFile, OSError) as error:
                reason = error if isinstance(error, UnreadableFile) else "it is not there or not readable"
                self.stderr.write(f"{file}: {reason}")
                continue
            predictions += predict(file, scanned.findings, tags_by_kind())
        return predictions

    def _report(self, judgements: Sequence[Judgement]) -> None:
        clear = [judgement for judgement in judgements if not judgement.label.doubtful]
        doubtful = [judgement for judgement in judgements if judgement.label.doubtful]
        result = score(clear)
        self.stdout.write(f"columns        {result.columns}, and {len(doubtful)} doubtful ones apart")
        for name in ("precision", "recall", "f1", "sensitivity_accuracy", "entity_accuracy"):
            self.stdout.write(f"{name:<22} {getattr(result, name):.3f}")
        right = sum(judgement.entity_right for judgement in doubtful)
        self.stdout.write(f"doubtful ones right    {right} of {len(doubtful)}")
        self.stdout.write("recogniser             right  wrong")
        for recogniser, (good, bad) in share_by_recogniser(clear).items():
            self.stdout.write(f"{recogniser:<22} {good:>5}  {bad:>5}")
        for judgement in clear:
            if not (judgement.entity_right and judgement.sensitivity_right):
                self.stdout.write(_as_line(judgement))


def _as_line(judgement: Judgement) -> str:
    label, said = judgement.label, judgement.prediction
    expected = f"{'|'.join(label.entities)}/{'|'.join(label.sensitivities)}"
    return f"wrong: {label.file} {label.column}: said {said.entity}/{said.sensitivity}, expected {expected}"


def read_labels(path: Path) -> list[Label]:
    """Columns accept_entities, accept_sensitivity (separated by |) and doubtful may be missing or empty."""
    if not path.is_file():
        raise CommandError(f"{path} is missing: it says what each column holds.")
    rows = pd.read_csv(path, dtype=str, keep_default_na=False)
    missing = [column for column in _LABEL_COLUMNS if column not in rows.columns]
    if missing:
        raise CommandError(f"{path.name} lacks the column {missing[0]}.")
    return [_label(row) for row in rows.to_dict(orient="records")]


def _label(row: dict[Any, Any]) -> Label:
    return Label(
        file=row["file"],
        column=row["column"],
        entities=_answers(row["expected_entity"], row.get("accept_entities", "")),
        sensitivities=_answers(row["expected_sensitivity"], row.get("accept_sensitivity", "")),
        doubtful=row.get("doubtful", "") == "yes",
    )


def _answers(strict: str, accepted: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys([strict, *filter(None, accepted.split("|"))]))


def write_predictions(path: Path, predictions: Sequence[Prediction]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "column", "entity", "sensitivity", "confidence"])
        writer.writerows([p.file, p.column, p.entity, p.sensitivity, p.confidence] for p in predictions)
