"""Finds indexes that no longer fit their tags and policies. Such an index is not used until it is rebuilt."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from uuid import UUID

from django.conf import settings
from django_q.tasks import async_task

from datasets.models import Version
from governance.policies import effective
from governance.rights.access import policies, tags_by_version

_AT_ONCE = 200


def mark_stale(datasets: Collection[UUID] | None = None) -> int:
    """Mark versions whose index was built under other tags or policies. Returns how many. None: all datasets.

    Call it in the transaction that changes a tag or a policy. From its commit on the index is closed. A
    worker then rebuilds stale indexes and withdraws raw files that may no longer be public.
    """
    if settings.RAW_PUBLIC:
        async_task("datasets.ingestion.tasks.place_raw_files", save=False)
    indexed = Version.objects.filter(index_state=Version.Index.READY).select_related("dataset")
    if datasets is not None:
        indexed = indexed.filter(dataset__in=datasets)
    rules = [policy.as_rule() for policy in policies()]
    stale = [
        version.pk
        for some in _in_parts(list(indexed))
        for version, tags in tags_by_version(some)
        if effective(tags, rules).fingerprint() != version.policy_fingerprint
    ]
    if stale:
        Version.objects.filter(pk__in=stale).update(index_state=Version.Index.STALE)
        async_task("datasets.ingestion.queue.queue_rebuilds", save=False)
    return len(stale)


def _in_parts(versions: Sequence[Version]) -> Iterator[Sequence[Version]]:
    """Datasets in batches, to keep queries and results small."""
    for start in range(0, len(versions), _AT_ONCE):
        yield versions[start : start + _AT_ONCE]
