"""manage.py openmetadata_check: checks the connection to OpenMetadata and says how to fix what fails."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from governance.openmetadata.checking import steps
from governance.openmetadata.server import ServerSettings

MARKS = {True: "ok    ", False: "FAILED", None: "-     "}


class Command(BaseCommand):
    help = "Check the connection to OpenMetadata step by step. Exit code 0: all works; 1: something does not."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.OPENMETADATA_HOST:
            raise CommandError(
                "OPENMETADATA_HOST is not set: the catalog in our own tables is used. To use OpenMetadata, "
                "set it to the address of its API, such as http://openmetadata-server:8585/api."
            )
        all_good = True
        for step in steps(ServerSettings.from_settings()):
            all_good = all_good and step.good is True
            self.stdout.write(f"{MARKS[step.good]}  {step.title}: {step.said}")
        if not all_good:
            raise CommandError("OpenMetadata cannot be used as it is. Nothing is uploaded until it can.")
