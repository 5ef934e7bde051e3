"""Apply policies and register: the catalog gets the table before its file is stored."""

from __future__ import annotations

from datasets.ingestion.steps.fenced_writes import keep
from datasets.models import Job
from governance.catalog.contract import CatalogEntry, CatalogRefused, CatalogUnavailable
from governance.policies import Access
from governance.rights.access import access_of
from governance.sync import registration

Step = Job.Step


def apply_policies(job: Job) -> Access:
    job.advance(Step.POLICIES, "Applying policies…")
    access = access_of(job.version)
    masked = access.masked_columns()
    job.note(f"{len(masked):,} of {len(access.columns):,} columns are masked for those who may not see them.")
    return access


def register(job: Job) -> CatalogEntry:
    """The table with all its columns and tags, in one request to the catalog."""
    job.advance(Step.REGISTER, "Registering in the catalog…")
    entry = registration.register(job.version)
    job.waited_enough()
    keep(job, catalog_id=entry.id, catalog_fqn=entry.fqn, catalog_version=entry.version)
    job.note(f"Registered as {entry.fqn}, version {entry.version}.")
    return entry


def register_file(job: Job) -> None:
    """Register the raw file with its lineage. The table is governed without it, so a failure is retried
    later.
    """
    try:
        registration.register_file(job.version)
    except (CatalogRefused, CatalogUnavailable) as error:
        job.note(f"The raw file is not in the catalog yet; it is sent again later. {error}")
