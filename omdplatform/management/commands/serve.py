"""manage.py serve: web, worker and vector server together, until Ctrl-C. What `make run` calls."""

from __future__ import annotations

import os
import socket
from typing import Any

import httpx
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, OutputWrapper

from omdplatform.running.first_start import first_admin, queue_sample
from omdplatform.running.log_file import lines_kept_in
from omdplatform.running.preparation import prepare
from omdplatform.running.supervisor import Part, Supervisor
from omdplatform.running.watching import Watch


class Command(BaseCommand):
    help = "Run the whole platform on this machine. Ctrl-C stops all of it."

    def handle(self, *args: Any, **options: Any) -> None:
        self._refuse_taken_port()
        self.log = settings.DATA_DIR / "logs" / "platform.log"
        with lines_kept_in(self.log) as terminal:
            self.stdout = OutputWrapper(terminal)
            self._serve()

    def _serve(self) -> None:
        prepare()
        made = first_admin()
        sample = queue_sample()
        self.url = f"http://{'localhost' if settings.HOST == '127.0.0.1' else settings.HOST}:{settings.PORT}/"
        self.ready = False
        workers = [_worker(number) for number in range(1, settings.WORKERS + 1)]
        parts = [Part("vector server", ["vectorserver"]), *workers, Part("web server", ["web"], stage=2)]
        self.supervisor = Supervisor(parts, self._say)
        self.watch = Watch(workers, self.supervisor.restart, self._say)
        self.stdout.write("Starting… (the first time takes longer)")
        self._sign_in = made
        self._sample = sample
        self.supervisor.run(self._each_second)
        self.stdout.write("Stopped.")

    def _refuse_taken_port(self) -> None:
        with socket.socket(socket.AF_INET6 if ":" in settings.HOST else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, settings.PORT))
            except OSError:
                raise CommandError(
                    f"Port {settings.PORT} is taken. Choose another one: PORT={settings.PORT + 1} make run"
                ) from None

    def _each_second(self) -> None:
        if not self.ready:
            self._greet_when_ready()
        else:
            self.watch.look()

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _greet_when_ready(self) -> None:
        try:
            self.ready = httpx.get(f"{self.url}healthz", timeout=2).status_code == httpx.codes.OK
        except httpx.HTTPError:
            return
        if not self.ready:
            return
        self.stdout.write(f"\nThe platform runs at {self.url}")
        if self._sign_in:
            name, password = self._sign_in
            self.stdout.write(f"Sign in as {name} with the password {password} (shown only now).")
        if self._sample:
            self.stdout.write("A sample dataset is being ingested; watch it under Datasets.")
        self.stdout.write(
            "Next: open the address, look at a dataset, then ask a question about it under Ask."
        )
        self.stdout.write(f"What happens inside is in {self.log}")
        self.stdout.write("Ctrl-C stops all of it.\n")


def _worker(number: int) -> Part:
    """The worker has lower priority and leaves a core free, so that pages and answers stay fast while it
    embeds.
    """
    threads = max(1, ((os.cpu_count() or 2) - 1) // settings.WORKERS)
    return Part(
        f"worker {number}" if number > 1 else "worker",
        ["worker"],
        nice=10,
        stage=1,
        environment={"OMP_NUM_THREADS": str(threads)},
        grace=20,
    )
