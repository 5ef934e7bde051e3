"""manage.py vectorserver: the embedded vector server, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand

from promptiq.index import vector_server


class Command(BaseCommand):
    help = "Run the embedded vector server for the data folder; with CHROMA_URL, only check that it answers."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        with vector_server.running() as url:
            self.stdout.write(f"Vector server at {url}")
            self.stdout.flush()
            ended.wait()
