"""Goes back to an older version: its content becomes the newest version, governed again."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction

from datasets.ingestion.queue import enqueue
from datasets.ingestion.receiving.uploads import next_number
from datasets.models import Dataset, Job, Version
from governance.audit import record
from omdplatform.base.errors import Refused


def go_back(version: Version, user: User) -> Job:
    """Open a new version with the older one's file, read in the same way. The versions between stay.

    The caller checks that the user may change the dataset. Raises Refused.
    """
    with transaction.atomic():
        dataset = Dataset.objects.select_for_update().get(pk=version.dataset_id)
        if version.state != Version.State.READY or dataset.current_version_id == version.pk:
            raise Refused("version-is-current", f"Version {version.number} is what the dataset holds now.")
        refuse_while_busy(dataset)
        again = Version.objects.create(
            dataset=dataset,
            number=next_number(dataset),
            created_by=user,
            filename=version.filename,
            size_bytes=version.size_bytes,
            sha256=version.sha256,
            corrections=version.corrections,
            base=version.base,
            again=version,
        )
        job = Job.open(again, Job.Kind.INGEST, user, f"Going back to version {version.number}.")
        record(user, "went back", dataset.pk, version=again.number, to=version.number)
        enqueue(job)
    return job


def refuse_while_busy(dataset: Dataset) -> None:
    """Raises Refused while the dataset has an open job, which may depend on any version."""
    if Job.objects.open().filter(dataset=dataset).exists():
        raise Refused("dataset-busy", "A job of this dataset is on its way. Try again when it has ended.")
