"""Ingests a file without web process or queue, for commands and for the sample of the first start."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from datasets.ingestion.pipeline import run
from datasets.ingestion.receiving.uploads import Wish, receive
from datasets.models import Job


def owner_named(name: str) -> User:
    """The user of that name. A missing one is created as a contributor without a password.

    "": the first administrator, or a user named "owner" if there is none.
    """
    if not name:
        admin = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        if admin:
            return admin
    user, is_new = User.objects.get_or_create(username=name or "owner")
    if is_new:
        user.set_unusable_password()
        user.save()
        user.groups.add(Group.objects.get(name="contributors"))
    return user


def ingest_file(user: User, path: Path, wish: Wish) -> dict[str, Any]:
    """Take a local file through the whole pipeline in this process. Returns the receipt, or the error.

    Raises UploadRefused if the file is not accepted, and OSError if it cannot be opened.
    """
    with path.open("rb") as content:
        received = receive(user, path.name, content, wish, queue=False)
    job = received.job
    work_off(job)
    if job.state == Job.State.SUCCEEDED:
        job.version.refresh_from_db()
        return {**job.version.receipt, "file": path.name, "state": job.state, "is_new": received.is_new}
    return {
        "file": path.name,
        "state": job.state,
        "job": str(job.pk),
        "code": job.error_code,
        "error": job.error,
    }


def work_off(job: Job) -> None:
    """Work on a job until it ends, also while it waits for the catalog or for another job of its dataset."""
    while job.is_open:
        if job.take():
            run(job)
        else:
            time.sleep(1)
        job.refresh_from_db()
        if job.retry_at and job.is_open:
            time.sleep(max(0.0, (job.retry_at - timezone.now()).total_seconds()))
