"""How long a version is kept: the shortest time that the policies of its columns' tags allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from datasets.models import Version
from governance.models import Policy
from governance.policies import Access
from governance.rights.access import access_of


def kept_until(version: Version, access: Access) -> datetime | None:
    """When the version expires, counted from its upload. None if no policy limits it."""
    days = access.retain_days()
    return None if days is None else version.created_at + timedelta(days=days)


def expired_versions() -> Iterator[Version]:
    """Expired ready versions of datasets that are not deleted; each dataset's newest last.

    A suggested tag counts, as for masking: until the version expires, somebody can reject it.
    """
    limits = Policy.objects.exclude(retain_days=None).order_by("retain_days")
    shortest = limits.values_list("retain_days", flat=True).first()
    if shortest is None:
        return
    now = timezone.now()
    old_enough = Version.objects.filter(
        state=Version.State.READY,
        dataset__retired_at=None,
        created_at__lte=now - timedelta(days=shortest),
    )
    for version in old_enough.select_related("dataset").order_by("dataset", "number"):
        until = kept_until(version, access_of(version))
        if until is not None and until <= now:
            yield version
