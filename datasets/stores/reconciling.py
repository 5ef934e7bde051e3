"""Compares the database with every store, and repairs differences from what is intact."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from datasets.ingestion.failures import failure_of
from datasets.models import Reconciliation
from datasets.stores.catalog import CatalogTables
from datasets.stores.database_rows import DatabaseRows
from datasets.stores.findings import Finding, Reads, Store
from datasets.stores.raw_files import RawFiles
from datasets.stores.typed_copies import TypedCopies
from datasets.stores.vectors import VectorCollections

log = logging.getLogger(__name__)

# In this order: each store is repaired from those before it.
STORES: tuple[Store, ...] = (
    DatabaseRows(),
    RawFiles(),
    TypedCopies(),
    VectorCollections(),
    CatalogTables(),
)
# Findings kept with a reconciliation, and reconciliations kept.
KEPT_FINDINGS, KEPT = 1_000, 100
# Nights after which the bytes of every version were read once.
NIGHTS = 7


@dataclass(frozen=True, slots=True)
class Outcome:
    """`done`: what was done about a finding, in words. `is_left`: the difference remains."""

    finding: Finding
    done: str
    is_left: bool

    def as_json(self) -> dict[str, Any]:
        return {**self.finding.as_json(), "done": self.done, "left": self.is_left}


def reconcile(reads: Reads, *, mend: bool) -> tuple[Reconciliation, list[Outcome]]:
    """Check all stores. With `mend`, repair what can be repaired. An unavailable store is reported."""
    started = timezone.now()
    counted = _Counted(reads)
    outcomes: list[Outcome] = []
    unreachable: dict[str, str] = {}
    for store in STORES:
        try:
            found = list(store.look(counted))
        except Exception as error:
            unreachable[store.name] = failure_of(error).sentence()
            continue
        outcomes += [_dealt_with(finding, mend) for finding in found]
    return _kept(started, counted, outcomes, unreachable), outcomes


class _Counted:
    """Notes which versions were read, because several stores ask about each."""

    def __init__(self, reads: Reads) -> None:
        self.reads = reads
        self.versions: set[UUID] = set()

    def __call__(self, version: UUID) -> bool:
        if self.reads(version):
            self.versions.add(version)
            return True
        return False


def _dealt_with(finding: Finding, mend: bool) -> Outcome:
    if finding.mend is None:
        return Outcome(finding, "left to a person", True)
    if not mend:
        return Outcome(finding, "can be mended", True)
    try:
        finding.mend()
    except Exception as error:
        return Outcome(finding, f"not mended: {failure_of(error).sentence()}", True)
    return Outcome(finding, "mended", False)


def _kept(
    started: Any, counted: _Counted, outcomes: Sequence[Outcome], unreachable: dict[str, str]
) -> Reconciliation:
    left = sum(outcome.is_left for outcome in outcomes)
    kept = Reconciliation.objects.create(
        started_at=started,
        ended_at=timezone.now(),
        versions_read=len(counted.versions),
        findings=[outcome.as_json() for outcome in outcomes[:KEPT_FINDINGS]],
        found=len(outcomes),
        left=left,
        unreachable=unreachable,
    )
    old = Reconciliation.objects.values_list("pk", flat=True)[KEPT:]
    Reconciliation.objects.filter(pk__in=list(old)).delete()
    if outcomes or unreachable:
        log.warning(
            "reconciliation: %d found, %d left, %d stores unreachable", len(outcomes), left, len(unreachable)
        )
    return kept


def never(version: UUID) -> bool:
    return False


def always(version: UUID) -> bool:
    return True


def nightly() -> None:
    """Called by the schedule: keys and counts of all versions, and the bytes of another seventh each
    night.
    """
    tonight = timezone.now().toordinal() % NIGHTS
    reconcile(lambda version: version.int % NIGHTS == tonight, mend=True)
