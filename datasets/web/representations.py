"""A dataset as one reader may see it, for pages, API and commands."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser, User
from django.utils.crypto import salted_hmac

from datasets.models import Dataset, Job, Version
from datasets.tables.profiling import ColumnProfile
from governance.policies import Access, ColumnAccess, effective
from governance.redacting.redaction import redact
from governance.rights.access import GovernedColumn, HeldTag, columns_of, may_change, may_view_pii, policies
from governance.rights.expiry import kept_until
from governance.sync.freshness import Freshness, glance


@dataclass(frozen=True, slots=True)
class PresentedColumn:
    """A column as the reader may see it.

    `masked`: its values are hidden from this reader. `profile` then holds counts only, and `masked_because`
    names the deciding tags. `governed_because` names them for every reader.
    """

    id: int
    name: str
    type: str
    position: int
    description: str
    tags: tuple[HeldTag, ...]
    masked: bool
    masked_because: tuple[str, ...]
    governed_because: tuple[str, ...]
    index: str  # "index", "mask" or "leave_out"
    profile: dict[str, Any]

    @property
    def filled(self) -> int:
        """Rows with a value in this column."""
        return int(self.profile["rows"]) - int(self.profile["nulls"])

    @property
    def filled_label(self) -> str:
        return f"{self.filled:,} of {self.profile['rows']:,} rows have a value"

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "position": self.position,
            "description": self.description,
            "tags": [tag.as_json() for tag in self.tags],
            "masked": self.masked,
            "masked_because": list(self.masked_because),
            "index": self.index,
            "profile": self.profile,
        }


@dataclass(frozen=True, slots=True)
class PresentedDataset:
    """`version`: the requested one, otherwise the current one. None if no upload has succeeded yet."""

    dataset: Dataset
    version: Version | None
    owner: str
    columns: tuple[PresentedColumn, ...]
    view_pii: bool
    may_change: bool
    # How current its tags are, and other information from the catalog. None if people cannot edit it there.
    catalog: Freshness | None
    # None if no policy limits it.
    kept_until: datetime | None
    jobs: tuple[Job, ...]
    versions: tuple[Version, ...]

    @property
    def shown_count(self) -> int:
        """How many versions can be viewed."""
        return sum(version.state == Version.State.READY for version in self.versions)

    @property
    def fingerprint(self) -> str:
        """Of the version's file."""
        return file_fingerprint(self.version) if self.version else ""

    @property
    def masked_columns(self) -> tuple[PresentedColumn, ...]:
        return tuple(column for column in self.columns if column.masked)

    @property
    def governed_columns(self) -> tuple[PresentedColumn, ...]:
        """Columns whose values are hidden from some readers."""
        return tuple(column for column in self.columns if column.governed_because)


def present_dataset(
    dataset: Dataset, user: User | AnonymousUser, version: Version | None = None
) -> PresentedDataset:
    """The dataset as `user` may see it. The caller checks that the user may see it at all.

    The catalog's edits are taken over first, if it answers in time.
    """
    catalog = glance([dataset]).get(dataset.pk)
    if catalog is not None:
        dataset.refresh_from_db(fields=["description"])
    shown = version or dataset.current_version
    view_pii = may_view_pii(user, dataset)
    columns, access = present_columns(shown, view_pii) if shown else ((), None)
    return PresentedDataset(
        dataset=dataset,
        version=shown,
        owner=dataset.owner.get_username(),
        columns=columns,
        view_pii=view_pii,
        may_change=may_change(user, dataset),
        catalog=catalog,
        kept_until=kept_until(shown, access) if shown and access else None,
        jobs=tuple(dataset.jobs.select_related("created_by", "version")[:20]),
        versions=tuple(dataset.listed_versions().select_related("created_by", "base", "again")),
    )


def present_columns(version: Version, view_pii: bool) -> tuple[tuple[PresentedColumn, ...], Access]:
    """Columns in file order with their governance. Three queries for any number of columns."""
    columns = columns_of(version)
    tags = {column.item.name: column.names for column in columns}
    governed = effective(tags, [policy.as_rule() for policy in policies()])
    presented = (
        _presented(column, access, view_pii) for column, access in zip(columns, governed.columns, strict=True)
    )
    return tuple(presented), governed


def _presented(column: GovernedColumn, access: ColumnAccess, view_pii: bool) -> PresentedColumn:
    item, masked = column.item, access.masked and not view_pii
    return PresentedColumn(
        id=item.column_id,
        name=item.name,
        type=item.type,
        position=item.position,
        description=item.column.description,
        tags=column.tags,
        masked=masked,
        masked_because=access.because if masked else (),
        governed_because=access.because if access.masked else (),
        index=access.index.value,
        profile=visible_profile(item.profile, access, view_pii),
    )


def visible_profile(profile: dict[str, Any], access: ColumnAccess, view_pii: bool) -> dict[str, Any]:
    """The profile as the reader may see it, since profiles contain values. A masked column shows only counts.
    In other columns, values that are certainly personal are masked, and a range with such a number is left
    out.
    """
    if view_pii or not profile:
        return profile
    full = ColumnProfile.from_json(profile)
    if access.masked:
        return full.counts_only()
    kinds = access.redacted
    low, high = (value and redact(value, kinds) for value in (full.min, full.max))
    top = tuple((redact(value, kinds), rows) for value, rows in full.top)
    if (low, high, top) == (full.min, full.max, full.top):
        return profile
    if full.mean is not None:
        return full.counts_only()
    shown = replace(full, min=low, max=high, top=top, min_length=None, max_length=None, mean_length=None)
    return shown.as_json()


def file_fingerprint(version: Version) -> str:
    """A keyed hash: the same for the same bytes, but useless for guessing them.

    A plain SHA-256 is not: if all cells of a short file but one are known, it reveals that one.
    """
    return salted_hmac("datasets.raw-file", version.sha256, algorithm="sha256").hexdigest()[:32]


def present_version(version: Version, view_pii: bool) -> dict[str, Any]:
    """What the reader may know about a version's file: {"size_bytes", "sha256", "fingerprint", "rows",
    "notes", "receipt"}. Size and SHA-256 need the right to see all its values. Before governance is complete,
    nobody sees anything.
    """
    if version.state != Version.State.READY:
        unknown = dict.fromkeys(("size_bytes", "sha256", "fingerprint", "rows"))
        return {**unknown, "notes": [], "receipt": {}}
    fingerprint, receipt = file_fingerprint(version), version.receipt
    if receipt:
        told = receipt["file"] if view_pii else {"name": version.filename}
        receipt = {**receipt, "file": {**told, "fingerprint": fingerprint}}
    return {
        "size_bytes": version.size_bytes if view_pii else None,
        "sha256": version.sha256 if view_pii else None,
        "fingerprint": fingerprint,
        "rows": version.rows,
        "notes": version.notes,
        "receipt": receipt,
    }
