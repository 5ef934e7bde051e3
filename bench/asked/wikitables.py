"""Folders of questions from WikiTableQuestions: `python -m bench.asked.wikitables COPY OUT [--not QA.csv]`.

Writes OUT/fitted, to fit weights to, and OUT/asked, of other tables, to measure them with. Tables of which a
question is in one of the files QA.csv are left out, so that nothing is fitted to what is measured.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Sequence
from pathlib import Path

from promptiq.evaluation.question_sets import read_questions

# How many tables each folder has.
FOLDERS = {"fitted": 470, "asked": 70}
_ESCAPED = ((r"\n", "\n"), (r"\p", "|"), (r"\\", "\\"))
Question = tuple[str, str]


def questions_by_table(copy: Path, without: Sequence[Path]) -> dict[str, list[Question]]:
    """By table, questions with answers, values joined by `|`. Tables asked about elsewhere are left out."""
    known = {asked.question.casefold() for path in without for asked in read_questions(path)}
    found: dict[str, list[Question]] = {}
    left_out = set()
    for line in (copy / "data" / "training.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        _, question, table, answer = line.split("\t")
        found.setdefault(table, []).append((question, plain(answer)))
        if question.casefold() in known:
            left_out.add(table)
    return {table: asked for table, asked in found.items() if table not in left_out}


def plain(text: str) -> str:
    for written, meant in _ESCAPED:
        text = text.replace(written, meant)
    return text


def write(copy: Path, tables: dict[str, list[Question]], folder: Path) -> None:
    (folder / "tables").mkdir(parents=True)
    with (folder / "qa.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["table", "question", "answer", "kind"])
        for table, asked in tables.items():
            name = table.removeprefix("csv/").replace("-csv/", "-")
            text = (copy / table).read_text(encoding="utf-8", errors="replace")
            rows = list(csv.reader(text.splitlines(), escapechar="\\", doublequote=False))
            with (folder / "tables" / name).open("w", newline="", encoding="utf-8") as out:
                csv.writer(out).writerows(rows)
            writer.writerows([name, question, answer, "wikitables"] for question, answer in asked)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("copy", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--not", dest="without", type=Path, action="append", default=[])
    wanted = parser.parse_args()
    found = questions_by_table(wanted.copy, wanted.without)
    names = sorted(found)
    random.Random(5).shuffle(names)
    for folder, count in FOLDERS.items():
        chosen, names = names[:count], names[count:]
        write(wanted.copy, {name: found[name] for name in chosen}, wanted.out / folder)


if __name__ == "__main__":
    main()
