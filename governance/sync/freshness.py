"""How current our copy of the catalog is. Pages and answers refresh it, briefly and not too often."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from datasets.models import Dataset
from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.models import CatalogMirror
from governance.sync.agreement import look

log = logging.getLogger(__name__)

# Minimum time between two requests for the same table by pages and answers.
LOOK_AGAIN = timedelta(seconds=5)
# The periodic task refreshes tables that were not requested for this long, and this many at a time.
LOOK_LATEST, AT_ONCE = timedelta(minutes=5), 100


@dataclass(frozen=True, slots=True)
class Freshness:
    """When the last agreement was. `is_stale`: the catalog does not answer, and our copy is used.

    `gone_since`: since when the table is known to be deleted there; None if it exists. `owner`: its name
    there. `domains`, `terms` (of glossaries), `certification`: of the table there; empty if there are none.
    """

    as_of: datetime
    is_stale: bool
    gone_since: datetime | None = None
    owner: str = ""
    domains: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    certification: str = ""

    def warning(self) -> str:
        """The warning to show if it is stale."""
        seconds = int((timezone.now() - self.as_of).total_seconds())
        age = f"{seconds} s" if seconds < 120 else f"{seconds // 60} min"
        return f"catalog_stale: the catalog did not answer in time; tags are as of {age} ago."


def glance(datasets: Sequence[Dataset]) -> dict[UUID, Freshness]:
    """Request the datasets' tables, take over edits, and return how current each is. Never raises.

    Each table at most once in LOOK_AGAIN over all processes, and all together for little longer than
    OPENMETADATA_FETCH_TIMEOUT: the others are then as stale as their copies. Datasets that no editable
    catalog has are left out: nothing else is known about them.
    """
    if not settings.OPENMETADATA_HOST:
        return {}
    by_id = {dataset.pk: dataset for dataset in datasets}
    mirrors = list(CatalogMirror.objects.filter(dataset__in=by_id))
    end = time.monotonic() + settings.OPENMETADATA_FETCH_TIMEOUT
    answers, missed = True, set()
    for mirror in mirrors:
        if mirror.looked_at > timezone.now() - LOOK_AGAIN:
            continue
        if not answers or time.monotonic() > end:
            missed.add(mirror.pk)
        elif _claim(mirror):
            answers = _ask(mirror, by_id[mirror.dataset_id])
    return {
        mirror.dataset_id: _freshness(mirror, is_missed=mirror.pk in missed)
        for mirror in CatalogMirror.objects.filter(dataset__in=by_id)
    }


def _freshness(mirror: CatalogMirror, *, is_missed: bool) -> Freshness:
    about = mirror.about
    return Freshness(
        as_of=mirror.agreed_at,
        is_stale=mirror.is_away or is_missed,
        gone_since=mirror.gone_since,
        owner=mirror.owner,
        domains=tuple(about.get("domains", ())),
        terms=tuple(about.get("terms", ())),
        certification=about.get("certification", ""),
    )


def look_at_the_oldest() -> int:
    """Refresh tables that were not requested for LOOK_LATEST. Returns how many. Stops if the catalog does not
    answer.
    """
    if not settings.OPENMETADATA_HOST:
        return 0
    old = CatalogMirror.objects.filter(
        looked_at__lt=timezone.now() - LOOK_LATEST, dataset__retired_at=None
    ).select_related("dataset__current_version")
    looked = 0
    for mirror in old.order_by("looked_at")[:AT_ONCE]:
        if _claim(mirror) and not _ask(mirror, mirror.dataset):
            break
        looked += 1
    return looked


def _claim(mirror: CatalogMirror) -> bool:
    """Whether this process may send the request: another may have begun."""
    mine = CatalogMirror.objects.filter(pk=mirror.pk, looked_at=mirror.looked_at)
    return bool(mine.update(looked_at=timezone.now()))


def _ask(mirror: CatalogMirror, dataset: Dataset) -> bool:
    """Whether the catalog answered."""
    try:
        look(dataset)
    except (CatalogUnavailable, CatalogRefused) as error:
        CatalogMirror.objects.filter(pk=mirror.pk).update(is_away=True)
        log.warning("the catalog was not queried: %s", error)
        return False
    return True
