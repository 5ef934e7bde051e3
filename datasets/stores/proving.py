"""Proves "governed before stored or indexed" for every stored object and every collection."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Min

from datasets.models import Job, JobEvent, Version
from datasets.stores.findings import Held
from datasets.stores.reconciling import STORES
from governance.models import TagDecision

# Allowed difference between two servers' clocks, including the second to which an object's time is cut.
CLOCKS = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Violation:
    store: str
    key: str
    text: str

    def as_json(self) -> dict[str, Any]:
        """{"store", "key", "text"}"""
        return {"store": self.store, "key": self.key, "text": self.text}


@dataclass(frozen=True, slots=True)
class Proof:
    """`checked`: the number of things that hold data, by store."""

    checked: dict[str, int]
    violations: list[Violation]


def prove() -> Proof:
    """Check everything. Raises an Unavailable during an outage: what was not checked is not proven."""
    checked: dict[str, int] = {}
    violations: list[Violation] = []
    for store in STORES:
        for held in store.held():
            checked[held.store] = checked.get(held.store, 0) + 1
            violations += [Violation(held.store, held.key, text) for text in _wrong_with(held)]
    return Proof(checked, violations)


def _wrong_with(held: Held) -> Iterator[str]:
    version = Version.objects.filter(pk=held.version).first() if held.version else None
    if version is None:
        yield "It belongs to no version of this database."
        return
    if not version.catalog_version:
        yield "Its version is not in the catalog."
        return
    stored_at = held.stored_at or _first(version.pk, Job.Step.INDEX)
    if stored_at is None:
        yield "Nothing tells when it was stored."
        return
    yield from _ungoverned_at(version, stored_at)


def _ungoverned_at(version: Version, stored_at: datetime) -> Iterator[str]:
    """Which parts of governance were missing when something was stored."""
    if not version.classifier_version:
        yield "No classifier has looked at its version."
    by_step = {
        "classified": _first(version.pk, Job.Step.CLASSIFY),
        "registered in the catalog": _first(version.pk, Job.Step.REGISTER),
        "decided on": _first_decision(version),
    }
    if version.receipt.get("tags") and by_step["decided on"] is None:
        yield "Its receipt tells of tags, and there is no decision on any."
    for what, at in by_step.items():
        if at is None and what != "decided on":
            yield f"Nothing tells when it was {what}."
        elif at is not None and at > stored_at + CLOCKS:
            yield f"It was stored at {stored_at:%Y-%m-%d %H:%M:%S} and {what} after that."


def _first(version: UUID, step: Job.Step) -> datetime | None:
    """When a job of the version first entered the step."""
    events = JobEvent.objects.filter(job__version=version, step=step)
    at: datetime | None = events.aggregate(at=Min("at"))["at"]
    return at


def _first_decision(version: Version) -> datetime | None:
    """The first decision on any column of the version. Decisions on earlier versions count, too."""
    decisions = TagDecision.objects.filter(column__appearances__version=version)
    at: datetime | None = decisions.aggregate(at=Min("at"))["at"]
    return at
