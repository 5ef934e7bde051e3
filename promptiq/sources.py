"""The datasets that are asked, with the reader's rights and what governs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.utils import timezone

from datasets.models import Dataset, Version
from datasets.storage import TypedCopyDamaged, local_parquet
from governance.catalog.links import page_of
from governance.policies import Access, effective
from governance.rights.access import HeldTag, columns_by_version, pii_datasets, policies
from governance.sync.freshness import Freshness, glance
from promptiq.answers import Answer, Citation, Governance
from promptiq.rows import fetch_rows


@dataclass(frozen=True, slots=True)
class Source:
    """The current version of one dataset, with the reader's rights to it."""

    dataset: Dataset
    version: Version
    tags: dict[str, tuple[HeldTag, ...]]
    access: Access
    view_pii: bool
    # None if people cannot edit it in a catalog.
    catalog: Freshness | None = None

    @property
    def is_indexed(self) -> bool:
        return self.version.index_state == Version.Index.READY

    def masked(self) -> dict[str, list[str]]:
        """For each column masked for the reader, the tags that mask it."""
        if self.view_pii:
            return {}
        return {column.column: list(column.because) for column in self.access.columns if column.masked}

    def cite(self, scores: dict[int, float | None]) -> list[Citation]:
        """The existing rows of these numbers, in the given order, as the reader may see them."""
        cells = fetch_rows(self.version, list(scores), self.access, self.view_pii)
        return [
            Citation(str(self.dataset.pk), self.dataset.name, self.version.number, row, score, cells[row])
            for row, score in scores.items()
            if row in cells
        ]

    def governance(self) -> Governance:
        version = self.version
        return Governance(
            dataset=str(self.dataset.pk),
            name=self.dataset.name,
            owner=self.dataset.owner.get_username(),
            tags={
                name: [{"tag": tag.fqn, "state": tag.state, "source": tag.source} for tag in tags]
                for name, tags in self.tags.items()
                if tags
            },
            lineage=[
                f"{version.filename} (version {version.number})",
                f"{version.catalog_fqn} (catalog version {version.catalog_version})",
                f"index of {version.indexed_rows:,} rows",
            ],
            masked=self.masked(),
            catalog={
                "name": version.catalog_fqn,
                "version": version.catalog_version,
                "link": page_of(version.catalog_fqn),
            },
            as_of=(self.catalog.as_of if self.catalog else timezone.now()).isoformat(),
        )


def sources_of(found: Sequence[Dataset], user: User | AnonymousUser) -> list[Source]:
    """One source for each dataset with a current version, in the given order.

    Takes over the catalog's edits first, if it answers in time. The number of queries is the same for any
    number of datasets.
    """
    known = glance(found)
    # An edit from there may just have closed an index.
    fresh = Version.objects.in_bulk([each.current_version_id for each in found]) if known else {}
    rules = [policy.as_rule() for policy in policies()]
    open_to = pii_datasets(user, found)
    versions = []
    for dataset in found:
        version = fresh.get(dataset.current_version_id, dataset.current_version)
        if version is not None:
            version.dataset = dataset
            versions.append(version)
    return [
        Source(
            version.dataset,
            version,
            {column.item.name: column.tags for column in columns},
            effective({column.item.name: column.names for column in columns}, rules),
            version.dataset_id in open_to,
            known.get(version.dataset_id),
        )
        for version, columns in columns_by_version(versions)
    ]


def with_intact_copies(sources: Sequence[Source]) -> tuple[list[Source], list[TypedCopyDamaged]]:
    """Sources with an intact typed copy, and what is wrong with the others: a figure over another file in its
    place would be wrong.
    """
    intact: list[Source] = []
    damaged: list[TypedCopyDamaged] = []
    for source in sources:
        try:
            local_parquet(source.version)
        except FileNotFoundError:
            pass  # it was never made, so nothing is read from it
        except TypedCopyDamaged as error:
            damaged.append(error)
            continue
        intact.append(source)
    return intact, damaged


def stale_warnings(sources: Sequence[Source], answer: Answer) -> tuple[str, ...]:
    """A warning if the catalog did not answer, with the age of what was used instead; () if it did."""
    named = {each.dataset for each in answer.governance}
    stale = [
        source.catalog
        for source in sources
        if source.catalog and source.catalog.is_stale and (not named or str(source.dataset.pk) in named)
    ]
    return (min(stale, key=lambda each: each.as_of).warning(),) if stale else ()
