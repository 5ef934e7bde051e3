"""Reads rows of a version for the page and the API: masked for the reader and audited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User

from datasets.models import Dataset, Version
from governance.audit import record
from governance.policies import Access
from governance.rights.access import access_of, may_view_pii
from governance.sync.freshness import glance
from promptiq.rows import fetch_rows, rows_from

# The most rows that one request shows.
MAX_ROWS = 500


@dataclass(frozen=True, slots=True)
class SeenRows:
    """Rows of a version by number, ascending, as one reader may see them. `columns`: in the file's order.
    `masked`: those hidden from the reader, with the tags that decided.
    """

    version: Version
    columns: tuple[str, ...]
    masked: dict[str, tuple[str, ...]]
    rows: dict[int, dict[str, Any]]


def look(dataset: Dataset, version: Version, user: User, first: int, limit: int) -> SeenRows:
    """At most `limit` rows from number `first` on, and MAX_ROWS at most.

    Takes over the catalog's edits first, if it answers in time. Raises FileNotFoundError if the typed copy is
    missing.
    """
    access, view_pii = _rights(dataset, version, user)
    rows = rows_from(version, first, min(limit, MAX_ROWS), access, view_pii)
    return _seen(version, user, access, view_pii, rows)


def look_at(dataset: Dataset, version: Version, user: User, numbers: Sequence[int]) -> SeenRows:
    """As `look`, for given row numbers: those that exist, MAX_ROWS at most."""
    access, view_pii = _rights(dataset, version, user)
    rows = fetch_rows(version, numbers[:MAX_ROWS], access, view_pii)
    return _seen(version, user, access, view_pii, rows)


def _rights(dataset: Dataset, version: Version, user: User) -> tuple[Access, bool]:
    glance([dataset])
    return access_of(version), may_view_pii(user, dataset)


def _seen(
    version: Version, user: User, access: Access, view_pii: bool, rows: dict[int, dict[str, Any]]
) -> SeenRows:
    masked = {} if view_pii else {each.column: each.because for each in access.columns if each.masked}
    record(
        user, "rows read", version.dataset_id,
        version=version.number, rows=len(rows), masked_columns=len(masked),
    )  # fmt: skip
    return SeenRows(
        version, tuple(each.column for each in access.columns), masked, dict(sorted(rows.items()))
    )
