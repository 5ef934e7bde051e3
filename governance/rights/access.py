"""The tags in force, what follows from them, and who may see what."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User

from datasets.models import Column, Dataset, Version, VersionColumn
from governance.models import CatalogAgreement, Grant, Policy, TagDecision
from governance.policies import NO_PERSON, PERSONAL_CLASSIFICATIONS, Access, effective

Reader = User | AnonymousUser | None


@dataclass(frozen=True, slots=True)
class HeldTag:
    """A tag in force on a column, with its decision."""

    fqn: str
    state: str  # "suggested" or "confirmed"
    source: str  # "classifier", "person" or "catalog"
    actor: str | None  # username; None where no person decided
    reason: str
    evidence: dict[str, Any]  # JSON of governance.classifier.Finding; {} if a person decided
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
    """Tags in force by column pk, sorted by name. Every given column has an entry.

    These are the tags of decided_tags. While the catalog does not have a change yet, its tags hold, too: the
    stricter side counts until both agree. One query; two with a catalog that people edit.
    """
    held = decided_tags(columns, version)
    if not settings.OPENMETADATA_HOST:
        return held
    untold = CatalogAgreement.objects.filter(column__in=held, column__catalog_debt__isnull=False)
    for agreement in untold.select_related("column__catalog_debt"):
        ours = held[agreement.column_id]
        names = {tag.fqn for tag in ours}
        theirs = [
            HeldTag(fqn, state, "catalog", None, "The catalog still has it.", {}, _owed_since(agreement))
            for fqn, state in agreement.tags.items()
            if fqn not in names
        ]
        held[agreement.column_id] = tuple(sorted([*ours, *theirs], key=lambda tag: tag.fqn))
    return held


def _owed_since(agreement: CatalogAgreement) -> datetime:
    return agreement.column.catalog_debt.since


def decided_tags(columns: Iterable[Column], version: Version | None = None) -> dict[int, tuple[HeldTag, ...]]:
    """Tags decided here, in the form of held_tags. One query.

    governance.querysets says which decisions count. `version`: None for the current one of each column's
    dataset.
    """
    held: dict[int, list[HeldTag]] = {column.pk: [] for column in columns}
    decisions = TagDecision.objects.in_force(version).filter(column_id__in=held)
    for decision in decisions.select_related("tag", "actor").order_by("tag__fqn"):
        held[decision.column_id].append(_as_held(decision))
    return {key: tuple(tags) for key, tags in held.items()}


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


@dataclass(frozen=True, slots=True)
class GovernedColumn:
    """A version's column with its tags in force, sorted by name."""

    item: VersionColumn
    tags: tuple[HeldTag, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of the tags."""
        return tuple(tag.fqn for tag in self.tags)


def columns_of(version: Version) -> list[GovernedColumn]:
    """Columns in the file's order. Two queries."""
    items = list(version.columns.select_related("column").order_by("position"))
    held = held_tags((item.column for item in items), version)
    return [GovernedColumn(item, held[item.column_id]) for item in items]


def columns_by_version(versions: Sequence[Version]) -> Iterator[tuple[Version, list[GovernedColumn]]]:
    """columns_of each version, in the given order. Two queries for all current versions together."""
    items = VersionColumn.objects.filter(version__in=[each.pk for each in versions if each.is_current])
    by_version: dict[UUID, list[VersionColumn]] = {}
    for item in items.select_related("column").order_by("position"):
        by_version.setdefault(item.version_id, []).append(item)
    held = held_tags(item.column for own in by_version.values() for item in own)
    for version in versions:
        if version.is_current:
            own = by_version.get(version.pk, [])
            yield version, [GovernedColumn(item, held[item.column_id]) for item in own]
        else:
            yield version, columns_of(version)


def tags_of(version: Version) -> dict[str, tuple[str, ...]]:
    """Tag names in force by column name, in the file's order. Two queries."""
    return {column.item.name: column.names for column in columns_of(version)}


def tags_by_version(versions: Sequence[Version]) -> Iterator[tuple[Version, dict[str, tuple[str, ...]]]]:
    """The tags_of each version, as in columns_by_version."""
    for version, columns in columns_by_version(versions):
        yield version, {column.item.name: column.names for column in columns}


def access_of(version: Version) -> Access:
    """What the tags in force and today's policies mean for the version's columns."""
    return effective(tags_of(version), [policy.as_rule() for policy in policies()])


def is_personal(version: Version) -> bool:
    """Whether a policy masks any column, or a tag in force marks one as personal data."""
    tags = {tag for held in tags_of(version).values() for tag in held} - {NO_PERSON}
    return bool(access_of(version).masked_columns()) or any(
        tag.partition(".")[0] in PERSONAL_CLASSIFICATIONS for tag in tags
    )


def policies() -> list[Policy]:
    return list(Policy.objects.select_related("tag"))


def may_view_pii(user: Reader, dataset: Dataset) -> bool:
    """Only a grant gives this right; neither ownership nor being an admin does."""
    return dataset.pk in pii_datasets(user, [dataset])


def pii_datasets(user: Reader, datasets: Sequence[Dataset]) -> set[UUID]:
    """Keys of the datasets in which the user may see personal data. One query."""
    if user is None or not user.is_active or user.pk is None:
        return set()
    granted = Grant.objects.filter(dataset__in=datasets, user_id=user.pk, view_pii=True)
    return set(granted.values_list("dataset", flat=True))


def may_change(user: Reader, dataset: Dataset) -> bool:
    """True for stewards, and for the owner as long as they may upload."""
    if user is None or not user.is_active or user.pk is None:
        return False
    permitted = user.has_perm
    return bool(
        permitted("governance.curate") or (dataset.owner_id == user.pk and permitted("governance.upload"))
    )
