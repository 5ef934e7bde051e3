"""manage.py worker_health: whether a worker runs on this machine, for the health check of its container."""

from __future__ import annotations

from socket import gethostname
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from datasets.models import Worker


class Command(BaseCommand):
    help = "Ends with an error where no worker of this machine was heard of within 45 s."

    def handle(self, *args: Any, **options: Any) -> None:
        here = Worker.objects.all().present().filter(name__startswith=f"{gethostname()}:")
        if not here:
            raise CommandError("No worker runs on this machine.")
        self.stdout.write(f"{len(here)} at work or waiting")
