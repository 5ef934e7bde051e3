"""manage.py worker_health: whether a worker runs on this machine, for the health check of its container."""

from __future__ import annotations

from socket import gethostname
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_q.status import Stat


class Command(BaseCommand):
    help = "Ends with an error where no cluster of this machine has said within 3 s that it works or waits."

    def handle(self, *args: Any, **options: Any) -> None:
        # Clusters write their state to the cache every moment, where it lasts for 3 s.
        here = [stat for stat in Stat.get_all() if stat.host == gethostname() and stat.workers]
        if not here:
            raise CommandError("No worker runs on this machine.")
        self.stdout.write(", ".join(str(stat.status) for stat in here))
