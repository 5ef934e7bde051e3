"""Runs the platform's processes together and leaves none behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from omdplatform.base.processes import die_with_parent

PROJECT = Path(__file__).resolve().parents[2]
# Seconds between two starts of a process that keeps dying. Doubled each time, up to the second figure.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A process that ran this long (seconds) has started well.
SETTLED = 30.0


@dataclass
class Part:
    """One process with its children, in a process group of its own.

    `nice`: how much lower its priority is. `environment`: added to ours. `stage`: parts of a higher stage
    need those of lower ones. `grace`: seconds that it may take to end on its own.
    """

    name: str
    command: list[str]
    nice: int = 0
    stage: int = 0
    environment: dict[str, str] = field(default_factory=dict)
    grace: float = 10.0
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = FIRST_PAUSE
    due: float = field(default=0.0)

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(PROJECT / "manage.py"), *self.command],
            stdin=subprocess.DEVNULL,
            cwd=PROJECT,
            env={**os.environ, **self.environment},
            start_new_session=True,
            preexec_fn=self._in_child,
        )
        self.started = time.monotonic()

    def _in_child(self) -> None:
        # If the supervisor is killed, the kernel tells its children to stop.
        die_with_parent()
        if self.nice:
            os.nice(self.nice)

    def signal(self, number: int) -> None:
        """Signal the whole group, which may outlive its leader."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """Starts parts, restarts those that die, and ends all of them together."""

    def __init__(self, parts: list[Part], say: Callable[[str], None]) -> None:
        self.parts = parts
        self.say = say
        self.stopping = False

    def run(self, each_second: Callable[[], None]) -> None:
        """Run until SIGINT or SIGTERM. `each_second` is called about once a second while all parts run."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)
        try:
            for part in self.parts:
                part.start()
            while not self.stopping:
                self._look_after()
                each_second()
                time.sleep(1)
        finally:
            self.end()

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def _look_after(self) -> None:
        now = time.monotonic()
        for part in self.parts:
            if part.has_ended() and not part.due:
                part.signal(signal.SIGKILL)  # children of the dead leader
                part.pause = (
                    FIRST_PAUSE if now - part.started > SETTLED else min(part.pause * 2, LONGEST_PAUSE)
                )
                part.due = now + part.pause
                self.say(f"The {part.name} ended; starting it again in {part.pause:.0f} s.")
            elif part.due and now >= part.due:
                part.due = 0.0
                part.start()

    def restart(self, part: Part) -> None:
        """End a part that no longer works. It is then started again."""
        if not part.has_ended():
            part.signal(signal.SIGKILL)

    def end(self) -> None:
        """Ask the parts to stop, highest stage first: each has ended before the parts that it needs are
        asked.

        A part that takes longer than its time is killed with its group.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for stage in sorted({part.stage for part in self.parts}, reverse=True):
            self._end_stage([part for part in self.parts if part.stage == stage and part.process is not None])

    def _end_stage(self, parts: list[Part]) -> None:
        for part in parts:
            # The leader only: it ends its children in its own order, and waits for them.
            if part.process is not None:
                part.process.terminate()
        until = time.monotonic() + max((part.grace for part in parts), default=0)
        while time.monotonic() < until and not all(part.has_ended() for part in parts):
            time.sleep(0.1)
        for part in parts:
            part.signal(signal.SIGKILL)
            if part.process is not None:
                part.process.wait()
