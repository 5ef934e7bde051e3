"""Watches the workers: one that hangs is restarted, with growing pauses, and the restart is reported."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.core.cache import cache
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from datasets.models import Worker
from datasets.models.workers import SILENT_AFTER
from omdplatform.base.processes import identity
from omdplatform.running.supervisor import Part

# Seconds between two looks.
WATCH_EVERY = 5.0
# Seconds that a worker may take to start: up to 54 were seen on a loaded machine. Doubled with each start
# that did not lead to work, up to the second figure.
FIRST_GRACE, LONGEST_GRACE = 90.0, 900.0
# Starts without work after which somebody has to look.
TRIED_OFTEN = 3
# What was tried, for pages and health: {"at", "tried", "starts"}, kept for an hour.
HEALED = "worker-healed"


@dataclass
class Watch:
    """`workers`: the parts to watch. `restart`: ends one, which is then started again."""

    workers: Sequence[Part]
    restart: Callable[[Part], None]
    say: Callable[[str], None]
    looked: float = 0.0
    tries: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """Call often; looks every WATCH_EVERY seconds. An unavailable database is not the worker's fault."""
        if time.monotonic() - self.looked < WATCH_EVERY:
            return
        self.looked = time.monotonic()
        close_old_connections()
        try:
            for part in self.workers:
                self._look_at(part)
        except (DatabaseError, InterfaceError):
            return

    def _look_at(self, part: Part) -> None:
        if part.process is None or part.has_ended():
            return
        beat = Worker.objects.filter(name=identity(part.process.pid)).first()
        if beat is not None and timezone.now() - beat.beat_at < SILENT_AFTER:
            self.tries.pop(part.name, None)
            return
        tried = self.tries.get(part.name, 0)
        grace = min(FIRST_GRACE * 2**tried, LONGEST_GRACE) if beat is None else SILENT_AFTER.total_seconds()
        if time.monotonic() - part.started < grace:
            return
        self.tries[part.name] = tried + 1
        self._heal(part, tried + 1)

    def _heal(self, part: Part, starts: int) -> None:
        silent = f"{SILENT_AFTER.total_seconds():.0f} s"
        said = f"The {part.name} has made no progress for {silent}; starting it again."
        if starts > TRIED_OFTEN:
            said = (
                f"The {part.name} did not start working after {starts} starts. See its log; trying once more."
            )
        self.say(said)
        cache.set(HEALED, {"at": timezone.now().isoformat(), "tried": said, "starts": starts}, 3600)
        self.restart(part)
