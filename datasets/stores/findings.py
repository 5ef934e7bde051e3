"""The interface of a store: what it holds, and where that differs from the database."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet

from datasets.models import Job, Version

_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")

# Whether to read and compare the bytes of a version, not only keys and counts.
Reads = Callable[[UUID], bool]


class Kind(StrEnum):
    # The database names it, but it does not exist.
    MISSING = "missing"
    # It exists, but is not as the database says.
    CHANGED = "changed"
    # It exists, but its owner is gone or names another one.
    ORPHANED = "orphaned"
    # It exists, but nothing shows that it was ever governed.
    UNGOVERNED = "ungoverned"


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between a store and the database.

    `text`: what is wrong and, if it cannot be repaired, what to do. `mend`: repairs it from what is intact,
    safe to repeat; None if only a person can.
    """

    store: str
    kind: Kind
    key: str
    text: str
    version: UUID | None = None
    mend: Callable[[], object] | None = field(default=None, compare=False)

    def as_json(self) -> dict[str, Any]:
        """{"store", "kind", "key", "text", "version"}"""
        return {
            "store": self.store,
            "kind": self.kind.value,
            "key": self.key,
            "text": self.text,
            "version": str(self.version) if self.version else None,
        }


@dataclass(frozen=True, slots=True)
class Held:
    """A stored thing that holds data. `version`: the one in its own name; None if the name has none.
    `stored_at`: None if the store does not tell.
    """

    store: str
    key: str
    version: UUID | None
    stored_at: datetime | None


class Store(Protocol):
    """A store. During an outage, every method raises an Unavailable."""

    name: str

    def look(self, reads: Reads) -> Iterator[Finding]:
        """Differences from the database. Work in progress is skipped."""

    def held(self) -> Iterator[Held]:
        """Everything in the store that holds data."""


def version_in(key: str) -> UUID | None:
    """The version that a file's key names: its second UUID. The first is the dataset's; a file's own name may
    contain others.
    """
    found = _UUID.findall(key)
    return UUID(found[1]) if len(found) > 1 else None


def settled() -> QuerySet[Version]:
    """Versions that are complete and without an open job."""
    ready = Version.objects.filter(state=Version.State.READY, dataset__retired_at=None)
    return ready.exclude(jobs__in=Job.objects.open()).select_related("dataset__owner").order_by("pk")


def is_in_flight(version: UUID | None) -> bool:
    """Whether a job works on the version, or its dataset is being erased."""
    if version is None:
        return False
    if Job.objects.open().filter(version_id=version).exists():
        return True
    return Version.objects.filter(pk=version).exclude(dataset__retired_at=None).exists()
