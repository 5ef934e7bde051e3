"""What people upload (datasets, versions, columns) and the work on it (jobs and their events)."""

from datasets.models.jobs import Job, JobEvent, JobQuerySet, LeaseLost
from datasets.models.reconciliations import Reconciliation
from datasets.models.requests import IdempotentRequest, PartialUpload
from datasets.models.tables import Column, Dataset, DatasetQuerySet, Version, VersionColumn
from datasets.models.workers import Worker

__all__ = [
    "Column",
    "Dataset",
    "DatasetQuerySet",
    "IdempotentRequest",
    "Job",
    "JobEvent",
    "JobQuerySet",
    "LeaseLost",
    "PartialUpload",
    "Reconciliation",
    "Version",
    "VersionColumn",
    "Worker",
]
