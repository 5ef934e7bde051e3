"""Which indexes no longer fit what governs them. A stale index answers nothing until it is rebuilt."""

from __future__ import annotations

from uuid import UUID

from django_q.tasks import async_task

from datasets.models import Version
from governance.access import policies, tags_of
from governance.policies import effective


def mark_stale(dataset_id: UUID | None = None) -> int:
    """Mark versions whose index was built under other tags or policies; how many. None: look at all datasets.

    Call it inside the transaction that changes a tag or a policy: from its commit on, the index is closed,
    and a worker rebuilds those that are stale and no others.
    """
    indexed = Version.objects.filter(index_state=Version.Index.READY)
    if dataset_id is not None:
        indexed = indexed.filter(dataset_id=dataset_id)
    rules = [policy.as_rule() for policy in policies()]
    stale = [
        version.pk
        for version in indexed
        if effective(tags_of(version), rules).fingerprint() != version.policy_fingerprint
    ]
    if stale:
        Version.objects.filter(pk__in=stale).update(index_state=Version.Index.STALE)
        async_task("datasets.queue.queue_rebuilds", save=False)
    return len(stale)
