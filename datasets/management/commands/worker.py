"""manage.py worker: one process that takes jobs, until it is told to stop."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from datasets.ingestion.work_loop import work_until_told_to_stop
from omdplatform.base import stopping


class Command(BaseCommand):
    help = "Work on what is queued until SIGTERM or Ctrl-C; then hand back what is not done."

    def handle(self, *args: Any, **options: Any) -> None:
        stopping.on_signals(signal.SIGTERM, signal.SIGINT)
        work_until_told_to_stop()
