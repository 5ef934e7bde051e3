"""What holds now: the tags in force, what follows from them, and who may see what."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import F, Q

from datasets.models import Column, Dataset, Version
from governance.models import Grant, Policy, TagDecision
from governance.policies import Access, effective

Reader = User | AnonymousUser | None


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A tag in force on a column, with the decision that put it there."""

    fqn: str
    state: str  # "suggested" or "confirmed"
    source: str  # "classifier", "person" or "catalog"
    actor: str | None  # username; None where no person decided
    reason: str
    evidence: dict[str, Any]  # the JSON of governance.classifier.Finding; {} where a person decided
    at: datetime

    def as_json(self) -> dict[str, Any]:
        return {
            "tag": self.fqn,
            "state": self.state,
            "source": self.source,
            "actor": self.actor,
            "reason": self.reason,
            "evidence": self.evidence,
            "at": self.at.isoformat(),
        }


def held_tags(columns: Iterable[Column], version: Version | None = None) -> dict[int, tuple[HeldTag, ...]]:
    """Tags in force by column pk, sorted by name; every column given has an entry. One query.

    People decide about a column, whatever its version; a classifier speaks of one version, the current one
    of the column's dataset unless another is given. The latest word on a tag holds, but a person's outlasts
    a classifier's, whichever came later. A suggestion holds until somebody rejects it, or confirms another
    tag of the same classification where its tags exclude each other.
    """
    keys = [column.pk for column in columns]
    latest: dict[tuple[int, str], TagDecision] = {}
    looked_at = Q(version=version) if version else Q(version=F("column__dataset__current_version"))
    spoken = ~Q(source=TagDecision.Source.CLASSIFIER) | looked_at
    decisions = TagDecision.objects.filter(spoken, column_id__in=keys).select_related(
        "tag__classification", "actor"
    )
    for decision in decisions.order_by("pk"):
        place = (decision.column_id, decision.tag.fqn)
        if not _is_pinned(latest.get(place)) or decision.source != TagDecision.Source.CLASSIFIER:
            latest[place] = decision
    settled = {
        (column, decision.tag.classification_id)
        for (column, _), decision in latest.items()
        if _is_pinned(decision)
        and decision.state == TagDecision.State.CONFIRMED
        and decision.tag.classification.exclusive
    }
    held: dict[int, list[HeldTag]] = {key: [] for key in keys}
    for (column, _), decision in sorted(latest.items(), key=lambda item: item[0]):
        if decision.state not in {TagDecision.State.SUGGESTED, TagDecision.State.CONFIRMED}:
            continue
        if _is_pinned(decision) or (column, decision.tag.classification_id) not in settled:
            held[column].append(_as_held(decision))
    return {key: tuple(tags) for key, tags in held.items()}


def _is_pinned(decision: TagDecision | None) -> bool:
    """A human's word, here or in the catalog, is not overwritten by a classifier."""
    return decision is not None and decision.source != TagDecision.Source.CLASSIFIER


def _as_held(decision: TagDecision) -> HeldTag:
    return HeldTag(
        fqn=decision.tag.fqn,
        state=decision.state,
        source=decision.source,
        actor=decision.actor.get_username() if decision.actor else None,
        reason=decision.reason,
        evidence=decision.evidence,
        at=decision.at,
    )


def tags_of(version: Version) -> dict[str, tuple[str, ...]]:
    """Tag names in force by the version's column names, in the file's order. Two queries."""
    columns = list(version.columns.select_related("column").order_by("position"))
    held = held_tags((item.column for item in columns), version)
    return {item.name: tuple(tag.fqn for tag in held[item.column_id]) for item in columns}


def access_of(version: Version) -> Access:
    """What the tags in force and the policies of now make of the version's columns."""
    return effective(tags_of(version), [policy.as_rule() for policy in policies()])


def policies() -> list[Policy]:
    return list(Policy.objects.select_related("tag"))


def may_view_pii(user: Reader, dataset: Dataset) -> bool:
    """Only a grant gives this right: neither ownership nor being an admin does by itself."""
    if user is None or not user.is_active or user.pk is None:
        return False
    return Grant.objects.filter(dataset=dataset, user_id=user.pk, view_pii=True).exists()


def may_change(user: Reader, dataset: Dataset) -> bool:
    """The owner who may upload, and stewards."""
    if user is None or not user.is_active or user.pk is None:
        return False
    permitted = user.has_perm
    return bool(
        permitted("governance.curate") or (dataset.owner_id == user.pk and permitted("governance.upload"))
    )
