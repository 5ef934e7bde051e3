"""Our reader on Pollock, the public benchmark of loading polluted files: `python -m bench.pollock FOLDER`.

FOLDER is a copy of the benchmark (github.com/HPI-Information-Systems/Pollock), with `polluted_files/csv`,
`polluted_files/clean` and `pollock_weights.json`. Each file is read as if somebody had uploaded it: nothing
is told of its dialect. Cells are compared as they were written.

The score is the published one (Vitagliano et al. 2023, "Pollock: A Data Loading Benchmark"): the sum of
success and of precision, recall and F1 of headers, records and cells, 0 to 10; simple is the mean over all
files, weighted the mean by how often a pollution was found in the wild. One thing is stricter here: numbers
and dates count as equal only where they are written alike. A file of no bytes that is refused as empty counts
as the empty table that it is.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow.parquet as pq

from datasets.tables.reading import read
from datasets.tables.unreadable import UnreadableFile

Row = list[str]
PERFECT = 10.0


@dataclass(frozen=True, slots=True)
class Mark:
    """`score`: 0 to 10. `refused`: the code of the refusal, "" where the file was read."""

    file: str
    score: float
    weight: float
    refused: str = ""


def loaded(path: Path) -> list[Row]:
    """Header, where there is one, and rows. Raises UnreadableFile."""
    if not path.stat().st_size:
        return []
    with TemporaryDirectory() as folder:
        parquet = Path(folder) / "table.parquet"
        found = read(path, parquet)
        # Once more, as it was found, with every cell as it was written.
        texts = {column.name: "STRING" for column in found.columns}
        table = read(path, parquet, replace(found.dialect, types=texts))
        names = [column.name for column in table.columns]
        columns = [pq.read_table(parquet, columns=[name])[name].to_pylist() for name in names]
    header = [names] if found.dialect.header_rows else []
    return header + [[cell or "" for cell in row] for row in zip(*columns, strict=True)]


def score(clean: Sequence[Row], read: Sequence[Row]) -> float:
    """The ten measures of one file that was read, added up."""
    if not clean:
        return PERFECT
    header, rows = ([cell.lower() for cell in clean[0]], clean[1:])
    found = [cell.lower() for cell in read[0]] if read else []
    return (
        1
        + sum(_agreement(header, found))
        + sum(_agreement(_joined(rows), _joined(read[1:])))
        + sum(_agreement([c for row in clean for c in row], [c for row in read for c in row]))
    )


def _joined(rows: Sequence[Row]) -> list[str]:
    return ["".join(row).lower() for row in rows]


def _agreement(wanted: Sequence[str], found: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall and F1, each element counted as often as it comes; all 1 where nothing is wanted."""
    if not wanted:
        return 1.0, 1.0, 1.0
    both = (Counter(wanted) & Counter(found)).total()
    if not both:
        return 0.0, 0.0, 0.0
    one, other = both / len(wanted), both / len(found)
    return one, other, 2 * one * other / (one + other)


def marks(folder: Path) -> list[Mark]:
    """One for each file, in order of names."""
    weights = json.loads((folder / "pollock_weights.json").read_text())
    found = []
    for path in sorted((folder / "polluted_files" / "csv").glob("*.csv")):
        with (folder / "polluted_files" / "clean" / path.name).open(encoding="utf-8-sig", newline="") as file:
            clean = list(csv.reader(file))
        try:
            reached, refused = score(clean, loaded(path)), ""
        except UnreadableFile as error:
            reached, refused = 0.0, error.code
        found.append(Mark(path.name, reached, weights.get(path.name, -1), refused))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--show", type=int, default=20, help="so many of the files that lose most")
    arguments = parser.parse_args()
    found = marks(arguments.folder)
    total = sum(mark.weight for mark in found)
    for mark in sorted(found, key=lambda mark: (mark.score - PERFECT) * mark.weight)[: arguments.show]:
        print(f"{mark.score:6.3f}  weight {mark.weight / total:.4f}  {mark.file}  {mark.refused}")
    refused = Counter(mark.refused for mark in found if mark.refused)
    simple = sum(mark.score for mark in found) / len(found)
    weighted = sum(mark.score * mark.weight for mark in found) / total
    print(f"{len(found):,} files, {refused.total():,} refused {dict(refused)}")
    print(f"simple {simple:.3f}, weighted {weighted:.3f}")


if __name__ == "__main__":
    main()
