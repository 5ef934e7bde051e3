"""Keeps sums and averages over masked columns from giving away a few people's values by what they have in
common: the difference of two, or of all and the sum of its parts.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction

from datasets.storage import local_parquet
from promptiq.exact.database import named, opened
from promptiq.exact.permission import MIN_ROWS, hidden_columns
from promptiq.exact.plans import Plan, Schema
from promptiq.exact.sql import Writer
from promptiq.models import GivenFigure

if TYPE_CHECKING:
    from promptiq.sources import Source

Bits = np.ndarray[Any, np.dtype[np.uint8]]
Matrix = np.ndarray[Any, np.dtype[Any]]
# Small parts whose combinations are looked at one by one; with more, a figure is refused that may tell.
MOST_SMALL = 12


def gives_away(plan: Plan, schema: Schema, source: Source, user: User | AnonymousUser) -> str | None:
    """The masked column of which this figure and an earlier one of the user's would tell a few rows' values.

    None where the figure may be given; it is then remembered. Rows of one version are compared one by one,
    with all earlier figures together; of other versions of the dataset, whose rows cannot be matched, their
    number. Raises TooSlow.
    """
    hidden = hidden_columns(source.access, iter(plan.columns), source.view_pii)
    for column in sorted(hidden):
        bits = _entered(plan, schema, local_parquet(source.version), column)
        if not isinstance(user, User) or not _remember(user, source, column, bits):
            return column
    return None


def _entered(plan: Plan, schema: Schema, parquet: Path, column: str) -> Bits:
    """A bit for each row of the table, packed: whether its cell of the column enters the figure."""
    sql = f"SELECT _row FROM ({Writer(schema).selected(plan)}) WHERE {named(column)} IS NOT NULL"  # noqa: S608
    with opened(parquet) as database:
        rows = np.fromiter((row for (row,) in database.rows(sql)), np.int64)
    flags = np.zeros(schema.rows, np.uint8)
    flags[rows - 1] = 1
    return np.packbits(flags)


def _remember(user: User, source: Source, column: str, bits: Bits) -> bool:
    """False where this figure, with those given before, would tell the values of 1 to 4 rows."""
    count = int(np.bitwise_count(bits).sum())
    with transaction.atomic():
        # One question of a user at a time: two at once would not see each other.
        User.objects.select_for_update().get(pk=user.pk)
        given = GivenFigure.objects.filter(user=user, version__dataset=source.dataset, column__iexact=column)
        earlier: list[Bits] = []
        for figure in given:
            if figure.version_id != source.version.pk:
                if 0 < abs(figure.count - count) < MIN_ROWS:
                    return False
            else:
                earlier.append(np.frombuffer(zlib.decompress(figure.rows), np.uint8))
        if any(np.array_equal(bits, other) for other in earlier):
            return True
        if tells_of_few([*earlier, bits]):
            return False
        packed = zlib.compress(bits.tobytes())
        GivenFigure.objects.create(user=user, version=source.version, column=column, count=count, rows=packed)
    return True


def tells_of_few(figures: Sequence[Bits]) -> bool:
    """Whether sums over these sets of rows, added up and taken from each other, make one of 1 to 4 rows.

    Rows that are in the same sets are one part: sums of sets are sums of parts. Some combination of the sets
    is nothing but small parts exactly where the sets lose rank without these parts.
    """
    sets, sizes = _parts(figures)
    small = [int(place) for place in np.flatnonzero(sizes < MIN_ROWS)]
    whole = _rank(sets)
    if not small or _rank(np.delete(sets, small, axis=1)) == whole:
        return False
    if len(small) > MOST_SMALL:
        return True
    return any(
        _rank(np.delete(sets, few, axis=1)) < whole
        for count in range(1, MIN_ROWS)
        for few in combinations(small, count)
        if int(sizes[list(few)].sum()) < MIN_ROWS
    )


def _parts(figures: Sequence[Bits]) -> tuple[Matrix, Matrix]:
    """Sets × parts, 1 where the set has the part; and how many rows each part has. Rows of no set are no
    part.
    """
    rows = [np.unpackbits(figure) for figure in figures]
    part = np.zeros(len(rows[0]), np.int64)
    for number, flags in enumerate(rows, start=1):
        part = part * 2 + flags
        if number % 40 == 0:  # before the numbers of the parts outgrow 64 bits
            part = np.unique(part, return_inverse=True)[1]
    _, first, sizes = np.unique(part, return_index=True, return_counts=True)
    sets = np.stack([flags[first] for flags in rows]).astype(np.float64)
    of_some = sets.any(axis=0)
    return sets[:, of_some], sizes[of_some]


def _rank(sets: Matrix) -> int:
    """Of the sets' products with each other, as many as there are sets: of many parts it is far quicker."""
    return int(np.linalg.matrix_rank(sets @ sets.T, hermitian=True)) if sets.size else 0
