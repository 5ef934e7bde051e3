"""Reads, profiles and classifies a file without database or server; shared by the commands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from governance.classifier import Finding, classify
from governance.extending.extensions import recognisers

if TYPE_CHECKING:
    from datasets.tables.profiling import ColumnProfile
    from datasets.tables.table import Table


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """`profiles`, `findings`: one for each column of `table`, in order. The table's Parquet copy is
    deleted.
    """

    table: Table
    profiles: list[ColumnProfile]
    findings: list[Finding]


def scan(path: Path, read: Callable[[Path, Path], Table]) -> ScannedFile:
    """Read the file with `read` into a temporary copy, profile and classify it.

    Raises UnreadableFile as `read` does.
    """
    from datasets.tables.profiling import profile, sample

    with TemporaryDirectory(prefix="classify-") as folder:
        table = read(path, Path(folder) / "table.parquet")
        profiles = profile(table)
        findings = classify(sample(table), profiles, path.stem, recognisers())
    return ScannedFile(table, profiles, findings)
