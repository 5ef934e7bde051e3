"""Rows of a version's typed copy by their numbers, as one reader may see them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import pyarrow.parquet as pq

from datasets.models import Version
from datasets.reading import ROW
from datasets.storage import local_parquet
from governance.policies import Access, mask


def fetch_rows(
    version: Version, numbers: Sequence[int], access: Access, view_pii: bool
) -> dict[int, dict[str, Any]]:
    """Cells by column name for each row number that exists; masked values are the mask's constant.

    Values are JSON-safe: numbers, booleans, None, or text (dates in ISO 8601). JSON knows no NaN and no
    infinity: they are None.
    """
    if not numbers:
        return {}
    # Row numbers rise through the file, so that row groups without a wanted one are not read.
    table = pq.read_table(local_parquet(version), filters=[(ROW, "in", list(numbers))], use_threads=False)
    found = {}
    for row in table.to_pylist():
        number = int(row.pop(ROW))
        found[number] = {name: _plain(value) for name, value in mask(row, access, view_pii).items()}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or isinstance(value, str | bool | int | float):
        return value
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
