"""A sum or average over a column that is masked for its reader: with noise, within the budget, and the same
for all readers.

The subject is whoever a row is about (`subject_of`): five rows of one person are one subject.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np
from django.utils.crypto import salted_hmac

from datasets.models import Version
from promptiq.exact.database import Database, named, opened
from promptiq.models import ProtectedFigure
from promptiq.protection import budget
from promptiq.protection.mechanism import (
    Bounds,
    Figure,
    Numbers,
    Places,
    find_bounds,
    protected_average,
    protected_sum,
)

Kind = ProtectedFigure.Kind
# With fewer selected rows, a figure would be mostly noise: it is not tried, and no budget is used.
MIN_ROWS = 10


class Withheld(Exception):
    """No protected figure is given. The text says why, for people."""


@dataclass(frozen=True, slots=True)
class Protected:
    """`text`: the figure, rounded to the digits that the noise leaves; so is `margin`. `left`: of the
    budget.
    """

    text: str
    margin: str
    left: int

    def note(self) -> str:
        return (
            f"Protected figure: noise was added so that nobody's own value can be told. The exact figure is "
            f"within ± {self.margin} with a certainty of 95%. "
            f"This dataset may tell {self.left:,} more such figures."
        )


@dataclass(frozen=True, slots=True)
class Selection:
    """What is requested. `number`: the column's value as an SQL expression. `rows`: an SQL statement for the
    selected rows, chosen by columns that the reader may see.
    """

    column: str
    number: str
    rows: str


def protected_figure(
    version: Version, parquet: Path, asked: Selection, kind: ProtectedFigure.Kind
) -> Protected:
    """The figure, the same for every reader who may not see the column. `kind`: SUM or AVERAGE.

    Raises Withheld, and TooSlow and Uncomputable as the database does.
    """
    with opened(parquet) as database:
        cells = _Cells.read(database, asked, subject_of(version))
    if len(cells.selected) < MIN_ROWS:
        raise Withheld(f"Figures on {asked.column} are given over at least {MIN_ROWS} rows.")
    bounds = _bounds(version, asked.column, cells)
    figure = _figure(version, asked.column, kind, cells, bounds)
    if figure is None or not figure.is_telling:
        raise Withheld(
            f"These rows are about too few to tell a figure on {asked.column} and protect each of them."
        )
    text, margin = _rounded(figure)
    return Protected(text, margin, budget.left(version.dataset))


@dataclass(frozen=True, slots=True)
class _Cells:
    """For every row of the table, in the file's order: the column's value (NaN: empty) and its subject (0, 1,
    …); and the positions of the selected rows.
    """

    values: Numbers
    subjects: Places
    selected: Places

    @classmethod
    def read(cls, database: Database, asked: Selection, subject: str | None) -> _Cells:
        whose = f"CAST({named(subject)} AS VARCHAR)" if subject else "NULL"
        # A row without a subject stands for itself.
        rows = database.rows(
            f"SELECT CAST({asked.number} AS DOUBLE), "  # noqa: S608 - an expression and a name of ours
            f"dense_rank() OVER (ORDER BY coalesce({whose}, '#' || CAST(_row AS VARCHAR))) - 1, "
            f"_row IN (SELECT _row FROM ({asked.rows})) FROM data ORDER BY _row"
        )
        values = np.array([np.nan if value is None else value for value, _, _ in rows], np.float64)
        values[~np.isfinite(values)] = np.nan
        subjects = np.array([subject for _, subject, _ in rows], np.int64)
        return cls(values, subjects, np.flatnonzero([chosen for _, _, chosen in rows]))

    @property
    def rows_each(self) -> int | None:
        """The most rows of one subject. None if no cell is empty, which the profile shows anyway."""
        if not np.isnan(self.values).any():
            return None
        return int(np.bincount(self.subjects).max())


def subject_of(version: Version) -> str | None:
    """The name of the subject's column in this version. None: each row is a subject."""
    dataset = version.dataset
    if not dataset.subject_chosen:
        return version.subject or None
    return version.columns.filter(column=dataset.subject).values_list("name", flat=True).first()


def _bounds(version: Version, column: str, cells: _Cells) -> Bounds:
    def draw() -> budget.Pair:
        found = find_bounds(cells.values, cells.subjects, budget.COSTS[Kind.BOUNDS])
        return (found.high, found.low) if found else None

    known = _told(version, column, Kind.BOUNDS, "", draw)
    if known is None:
        raise Withheld(f"The table is about too few to tell any figure on {column} and protect each of them.")
    return Bounds(low=known[1], high=known[0])


def _figure(
    version: Version, column: str, kind: ProtectedFigure.Kind, cells: _Cells, bounds: Bounds
) -> Figure | None:
    values, subjects = cells.values[cells.selected], cells.subjects[cells.selected]
    epsilon = budget.COSTS[kind]

    def draw() -> budget.Pair:
        if kind == Kind.SUM:
            figure: Figure | None = protected_sum(values, subjects, bounds, epsilon)
        else:
            figure = protected_average(values, subjects, bounds, cells.rows_each, epsilon)
        return (figure.value, figure.margin) if figure else None

    known = _told(version, column, kind, _key(cells.selected), draw)
    return Figure(*known) if known else None


def _told(
    version: Version,
    column: str,
    kind: ProtectedFigure.Kind,
    selection: str,
    draw: Callable[[], budget.Pair],
) -> budget.Pair:
    try:
        return budget.told(version, column, kind, selection, draw)
    except budget.Spent:
        raise Withheld(
            f"This dataset has told as many figures on masked columns as it may. Its owner can allow more; "
            f"who may see {column} gets every figure."
        ) from None


def _key(selected: Places) -> str:
    """A keyed hash of the selected rows: the same rows are one figure, however they were asked for."""
    digest = hashlib.sha256(np.ascontiguousarray(selected).tobytes()).hexdigest()
    return salted_hmac("promptiq.protection", digest, algorithm="sha256").hexdigest()


def _rounded(figure: Figure) -> tuple[str, str]:
    """Value and margin without the digits that are noise: the margin keeps two, the value as many decimal
    places.
    """
    places = Decimal(repr(figure.margin)).adjusted() - 1
    unit = Decimal(1).scaleb(places)
    texts = (Decimal(repr(number)).quantize(unit) if unit < 1 else round(Decimal(repr(number)) / unit) * unit
             for number in (figure.value, figure.margin))  # fmt: skip
    value, margin = (f"{text:f}" for text in texts)
    return value, margin
