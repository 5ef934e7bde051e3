"""Sample rows for the catalog: none unless a setting asks for them, and masked for everybody."""

from __future__ import annotations

from django.conf import settings

from datasets.models import Job
from governance.catalog.contract import CatalogRefused, CatalogUnavailable
from governance.rights.access import access_of
from governance.sync import registration
from promptiq.rows import fetch_rows


def show_sample(job: Job) -> None:
    """Send the catalog the version's first OPENMETADATA_SAMPLE_ROWS rows, masked by today's policies.

    Called when an index build begins: every change of masking rebuilds the index, and so replaces the sample.
    If the catalog refuses the sample, the job notes it and goes on. Raises LeaseLost.
    """
    count = settings.OPENMETADATA_SAMPLE_ROWS
    if not count:
        return
    version = job.version
    rows = fetch_rows(version, range(1, count + 1), access_of(version), view_pii=False)
    try:
        registration.show_sample(version, [rows[number] for number in sorted(rows)])
    except (CatalogUnavailable, CatalogRefused):
        job.note("The catalog did not take the sample rows.")
