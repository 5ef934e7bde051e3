"""Keeps sums and averages over masked columns from giving away a few people's values by their difference."""

from __future__ import annotations

import zlib
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


def gives_away(plan: Plan, schema: Schema, source: Source, user: User | AnonymousUser) -> str | None:
    """The masked column of which this figure and an earlier one of the user's would tell a few rows' values.

    None where the figure may be given; it is then remembered. Rows of one version are compared one by one;
    of other versions of the dataset, whose rows cannot be matched, their number. Raises TooSlow.
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
    """False where the rows differ from those of an earlier figure by 1 to 4."""
    count = int(np.bitwise_count(bits).sum())
    with transaction.atomic():
        # One question of a user at a time: two at once would not see each other.
        User.objects.select_for_update().get(pk=user.pk)
        earlier = GivenFigure.objects.filter(
            user=user, version__dataset=source.dataset, column__iexact=column
        )
        apart = [(_apart(figure, source, bits, count), figure.version_id) for figure in earlier]
        if any(0 < rows < MIN_ROWS for rows, _ in apart):
            return False
        if (0, source.version.pk) not in apart:
            packed = zlib.compress(bits.tobytes())
            GivenFigure.objects.create(
                user=user, version=source.version, column=column, count=count, rows=packed
            )
    return True


def _apart(figure: GivenFigure, source: Source, bits: Bits, count: int) -> int:
    """In how many rows, at least, two figures differ."""
    if figure.version_id != source.version.pk:
        return abs(figure.count - count)
    earlier = np.frombuffer(zlib.decompress(figure.rows), np.uint8)
    return int(np.bitwise_count(earlier ^ bits).sum())
