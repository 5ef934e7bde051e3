"""Keeps the platform's processes running together, and leaves none behind."""

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
# Seconds between two starts of a process that keeps dying, doubled each time up to the second figure.
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
# A process that ran for so long (seconds) is taken to have started well.
SETTLED = 30.0


@dataclass
class Part:
    """One process with its children, in a group of its own.

    `nice`: how far it steps back for the others. `environment`: beside ours. `stage`: parts of a higher stage
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
        # Where the supervisor is killed outright, its children are told to stop by the kernel.
        die_with_parent()
        if self.nice:
            os.nice(self.nice)

    def signal(self, number: int) -> None:
        """To the whole group, which may outlive its leader."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def has_ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None


class Supervisor:
    """Starts parts, starts again what dies, and ends all of them together."""

    def __init__(self, parts: list[Part], say: Callable[[str], None]) -> None:
        self.parts = parts
        self.say = say
        self.stopping = False

    def run(self, each_second: Callable[[], None]) -> None:
        """Until SIGINT or SIGTERM; `each_second` is called about once a second while all runs."""
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
                part.signal(signal.SIGKILL)  # what the dead leader left behind
                part.pause = (
                    FIRST_PAUSE if now - part.started > SETTLED else min(part.pause * 2, LONGEST_PAUSE)
                )
                part.due = now + part.pause
                self.say(f"The {part.name} ended; starting it again in {part.pause:.0f} s.")
            elif part.due and now >= part.due:
                part.due = 0.0
                part.start()

    def restart(self, part: Part) -> None:
        """End a part that no longer does its work; it is started again."""
        if not part.has_ended():
            part.signal(signal.SIGKILL)

    def end(self) -> None:
        """Ask the parts to stop, those that need others first: each has ended before what it needs is asked.

        A part that takes longer than its time is killed with all its group.
        """
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        for stage in sorted({part.stage for part in self.parts}, reverse=True):
            self._end_stage([part for part in self.parts if part.stage == stage and part.process is not None])

    def _end_stage(self, parts: list[Part]) -> None:
        for part in parts:
            # The leader only: it ends its children in its own order, and waits for those that are gone.
            if part.process is not None:
                part.process.terminate()
        until = time.monotonic() + max((part.grace for part in parts), default=0)
        while time.monotonic() < until and not all(part.has_ended() for part in parts):
            time.sleep(0.1)
        for part in parts:
            part.signal(signal.SIGKILL)
            if part.process is not None:
                part.process.wait()
