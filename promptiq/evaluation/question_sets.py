"""Reads a folder of questions: qa.csv with `table,question,answer`, and the tables."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq

from datasets.tables.reading import read as read_file
from datasets.tables.table import visible
from datasets.tables.unreadable import UnreadableFile
from governance.policies import Access, effective
from promptiq.evaluation.scoring import ScoredQuestion
from promptiq.exact import Schema, describe

_COLUMNS = ("table", "question")
EVERYTHING_OPEN = Access(())


class BadQuestionSet(ValueError):
    """The folder is incomplete; the text says what is missing."""


class QuestionTables:
    """The tables of a folder, each read once into a Parquet copy in `scratch`."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self._folder = folder
        self._scratch = scratch
        self._known: dict[str, tuple[Schema, Path]] = {}

    def __len__(self) -> int:
        return len(self._known)

    def read(self, table: str) -> tuple[Schema, Path]:
        """A table's schema for a reader of everything, titled as its file, and its typed copy. Raises
        BadQuestionSet.
        """
        if table not in self._known:
            parquet = self._scratch / f"{len(self._known)}.parquet"
            try:
                read_file(self._find(table), parquet)
            except UnreadableFile as error:
                raise BadQuestionSet(f"{table}: {error}") from None
            untagged: dict[str, list[str]] = {name: [] for name in visible(pq.read_schema(parquet).names)}
            schema = describe(parquet, effective(untagged, []), view_pii=True)
            self._known[table] = (replace(schema, title=Path(table).stem), parquet)
        return self._known[table]

    def _find(self, table: str) -> Path:
        beside = self._folder / table
        if beside.is_file():
            return beside
        below = sorted(path for path in self._folder.rglob(Path(table).name) if path.is_file())
        if not below:
            raise BadQuestionSet(f"{table} is neither beside qa.csv nor in a folder below it.")
        return next((path for path in below if str(path).endswith(table)), below[0])


def read_questions(path: Path) -> list[ScoredQuestion]:
    """Rows of qa.csv. The column answer may be missing. Alternatives are separated by ||, values of one
    answer by |. For the kind "followup", the column note contains the question before.

    Raises BadQuestionSet.
    """
    if not path.is_file():
        raise BadQuestionSet(f"{path} is missing: it has the questions.")
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        missing = [column for column in _COLUMNS if column not in (reader.fieldnames or ())]
        if missing:
            raise BadQuestionSet(f"{path.name} lacks the column {missing[0]}.")
        return [_asked(row) for row in reader]


def _asked(row: dict[str, str | None]) -> ScoredQuestion:
    alternatives = (row.get("answer") or "").split(" || ")
    answers = tuple(tuple(filter(None, map(str.strip, each.split("|")))) for each in alternatives)
    kind = row.get("kind") or ""
    before = (row.get("note") or "") if kind == "followup" else ""
    return ScoredQuestion(
        row["table"] or "", row["question"] or "", tuple(filter(None, answers)), kind, before
    )
