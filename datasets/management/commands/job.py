"""manage.py job: look at a job, pause it, resume it, cancel it, try it again."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from datasets.ingestion.pipeline import cancel
from datasets.ingestion.queue import pause, resume
from datasets.ingestion.receiving.inline import owner_named
from datasets.ingestion.receiving.uploads import UploadRefused, retry
from datasets.ingestion.waiting import what_it_waits_for
from datasets.models import Job

MOVES = {"pause": pause, "resume": resume, "cancel": cancel}


class Command(BaseCommand):
    help = "Print a job as one line of JSON, after having done to it what was asked."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("job", type=UUID, help="its id")
        parser.add_argument("action", choices=["show", *MOVES, "retry"], default="show", nargs="?")
        parser.add_argument("--user", default="", help="in whose name; the first administrator unless given")

    def handle(self, *args: Any, **options: Any) -> None:
        job = Job.objects.filter(pk=options["job"]).select_related("dataset", "version").first()
        if job is None:
            raise CommandError("There is no such job.")
        job = self._move(job, options["action"], owner_named(options["user"]))
        wait = what_it_waits_for(job)
        told = {
            "job": str(job.pk),
            "file": job.version.filename,
            "state": job.state,
            "step": job.step,
            "waits": wait.as_json() if wait else None,
            "error": job.error,
        }
        self.stdout.write(json.dumps(told))

    def _move(self, job: Job, action: str, user: User) -> Job:
        """Raises CommandError where it cannot be done."""
        if action == "retry":
            try:
                return retry(job, user)
            except UploadRefused as refusal:
                raise CommandError(str(refusal)) from None
        if action in MOVES and not MOVES[action](job, user):
            raise CommandError(f"The job is {job.get_state_display()}: there is nothing to {action}.")
        return job
