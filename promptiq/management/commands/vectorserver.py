"""manage.py vectorserver: the embedded vector server, until it is told to stop."""

from __future__ import annotations

import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from promptiq.index import vector_server
from promptiq.vector_client import VectorServerUnavailable


class Command(BaseCommand):
    help = "Run the embedded vector server for the data folder; with CHROMA_URL, only check that it answers."

    def handle(self, *args: Any, **options: Any) -> None:
        ended = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: ended.set())
        keeper = vector_server.Keeper()
        try:
            self._say(f"Vector server at {keeper.begin()}")
            while not ended.wait(1):
                if done := keeper.look():
                    self._say(done)
        except VectorServerUnavailable as error:
            raise CommandError(str(error)) from None
        finally:
            keeper.end()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
