"""Translates a job's events into the states of runs: one run for the job, and one for each start of a
step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from datasets.models import Job, JobEvent

Kind = Literal["START", "RUNNING", "COMPLETE", "FAIL", "ABORT"]

# Minimum seconds between two events of a step in progress.
RUNNING_EVERY = timedelta(seconds=10)
_ORDER = [Job.Step(step) for step in Job.Step.values]
_ENDS: dict[str, Kind] = {
    Job.State.SUCCEEDED: "COMPLETE",
    Job.State.FAILED: "FAIL",
    Job.State.CANCELLED: "ABORT",
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One state of one run.

    `number`: of the job event that it comes from. `step`: None means the job as a whole. `begun`: number of
    the event that started this step, which tells its runs apart; 0 for the job.
    """

    number: int
    at: datetime
    kind: Kind
    step: Job.Step | None = None
    begun: int = 0


@dataclass
class _Runs:
    """The runs in progress, updated event by event."""

    told: bool = False
    taken: bool = False
    step: Job.Step | None = None
    begun: int = 0
    last: datetime = datetime.min
    seen: set[Job.Step] = field(default_factory=set)

    def follow(self, event: JobEvent) -> Iterator[Transition]:
        if not self.told:
            self.told = True
            yield Transition(event.number, event.at, "START")
        if event.state == Job.State.QUEUED:
            yield from self._end_step(event, "ABORT")  # the job starts again
        elif event.state == Job.State.RUNNING:
            yield from self._run(event, Job.Step(event.step))
        else:
            yield from self._end_step(event, _ENDS[event.state])
            yield Transition(event.number, event.at, _ENDS[event.state])

    def _run(self, event: JobEvent, step: Job.Step) -> Iterator[Transition]:
        if not self.taken:
            self.taken = True
            yield Transition(event.number, event.at, "RUNNING")
        if self.step is not None and self.step != step:
            # Back at an earlier step: the worker of the later one had crashed.
            back = step in self.seen and _ORDER.index(step) < _ORDER.index(self.step)
            yield from self._end_step(event, "ABORT" if back else "COMPLETE")
        if self.step is None:
            self.step, self.begun, self.last = step, event.number, event.at
            self.seen.add(step)
            yield Transition(event.number, event.at, "START", step, event.number)
        elif event.at - self.last >= RUNNING_EVERY:
            self.last = event.at
            yield Transition(event.number, event.at, "RUNNING", step, self.begun)

    def _end_step(self, event: JobEvent, kind: Kind) -> Iterator[Transition]:
        if self.step is not None:
            yield Transition(event.number, event.at, kind, self.step, self.begun)
            self.step = None


def transitions(events: Iterable[JobEvent]) -> Iterator[Transition]:
    """The transitions of all events of one job, in order.

    The same events always give the same transitions, so sending them twice does no harm. A step that waits or
    is handed back ends as ABORT. The next attempt is a new run.
    """
    runs = _Runs()
    for event in events:
        yield from runs.follow(event)
