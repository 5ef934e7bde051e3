"""A worker that hangs is ended, with growing patience; one that gets on, or still starts, is left alone."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from datasets.models import Worker
from omdplatform.base.processes import identity
from omdplatform.running.supervisor import Part, Supervisor
from omdplatform.running.watching import HEALED, WATCH_EVERY, Watch

pytestmark = pytest.mark.django_db(transaction=True)


class Sleeper(Part):
    """A real process that never beats by itself."""

    def start(self) -> None:
        self.process = subprocess.Popen(["sleep", "60"], start_new_session=True)
        self.started = time.monotonic()


@pytest.fixture
def worker() -> Iterator[Part]:
    part = Sleeper("worker", [])
    part.start()
    yield part
    part.signal(signal.SIGKILL)


def watch(part: Part, said: list[str]) -> Watch:
    return Watch([part], Supervisor([part], said.append).restart, said.append)


def look(watched: Watch) -> None:
    watched.looked -= WATCH_EVERY
    watched.look()


def beat(part: Part, seconds_ago: int) -> None:
    assert part.process is not None
    at = timezone.now() - timedelta(seconds=seconds_ago)
    Worker.objects.update_or_create(name=identity(part.process.pid), defaults={"beat_at": at})


def test_one_that_gets_on_and_one_that_starts_are_left_alone(worker: Part) -> None:
    said: list[str] = []
    watched = watch(worker, said)
    look(watched)  # has not beaten, and was started just now
    worker.started -= 1_000
    beat(worker, 10)
    look(watched)
    assert not said
    assert not worker.has_ended()


def test_one_that_hangs_is_ended_and_it_is_told(worker: Part) -> None:
    said: list[str] = []
    watched = watch(worker, said)
    worker.started = time.monotonic() - 60
    beat(worker, 60)
    look(watched)
    assert worker.process is not None
    assert worker.process.wait(10) == -9
    assert said == ["The worker has made no progress for 45 s; starting it again."]
    assert cache.get(HEALED)["starts"] == 1


def test_each_start_that_does_not_help_is_given_more_time(worker: Part) -> None:
    said: list[str] = []
    watched = watch(worker, said)
    ended: list[Part] = []
    watched.restart = ended.append
    for seconds, expected in ((80, 0), (100, 1), (100, 1), (200, 2), (300, 2), (400, 3), (800, 4)):
        worker.started = time.monotonic() - seconds
        look(watched)
        assert len(ended) == expected, seconds
    assert said[-1] == "The worker did not start working after 4 starts. See its log; trying once more."
