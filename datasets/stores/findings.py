"""What is asked of each store: what it holds, and what of it is not as the database says."""

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

# Whether the bytes of a version are to be read and compared, too, not only keys and counts.
Reads = Callable[[UUID], bool]


class Kind(StrEnum):
    # The database names it and it is not there.
    MISSING = "missing"
    # It is there and not as the database says.
    CHANGED = "changed"
    # It is there, and what it belonged to is not, or names another one.
    ORPHANED = "orphaned"
    # It is there, and nothing says that it was ever governed.
    UNGOVERNED = "ungoverned"


@dataclass(frozen=True, slots=True)
class Finding:
    """`text`: what is wrong and, where nothing can be mended, what to do. `mend`: makes it right from what is
    intact, safe to repeat; None where only a person can.
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
    """A thing that holds data. `version`: which it is of, by its own name; None where that says nothing.
    `stored_at`: None where the store does not tell.
    """

    store: str
    key: str
    version: UUID | None
    stored_at: datetime | None


class Store(Protocol):
    """Every method raises what an outage of the store raises: an Unavailable."""

    name: str

    def look(self, reads: Reads) -> Iterator[Finding]:
        """What is not as the database says. What is under way just now is passed over."""

    def held(self) -> Iterator[Held]:
        """Everything that it holds of data."""


def version_in(key: str) -> UUID | None:
    """The version that a file's key speaks of: its second UUID, for the first is the dataset's, and a file's
    own name may hold others."""
    found = _UUID.findall(key)
    return UUID(found[1]) if len(found) > 1 else None


def settled() -> QuerySet[Version]:
    """Versions that are whole and that nobody works on."""
    ready = Version.objects.filter(state=Version.State.READY, dataset__retired_at=None)
    return ready.exclude(jobs__in=Job.objects.open()).select_related("dataset__owner").order_by("pk")


def is_in_flight(version: UUID | None) -> bool:
    """Whether somebody works on the version, or its dataset is being erased."""
    if version is None:
        return False
    if Job.objects.open().filter(version_id=version).exists():
        return True
    return Version.objects.filter(pk=version).exclude(dataset__retired_at=None).exists()
