"""One worker process: it runs queued tasks, one after the other.

The queue is django-q2's with its ORM broker. Its pusher, worker and monitor run here in one process instead
of six, so that no process can die with a lock that others wait for.
"""

from __future__ import annotations

import logging
import pydoc
import threading
import time
from multiprocessing import Event, Value
from queue import SimpleQueue
from typing import Any

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone
from django_q.brokers import Broker, get_broker
from django_q.models import OrmQ
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.scheduler import scheduler
from django_q.worker import worker

from datasets.ingestion.leases import free_leases_of_the_dead, hand_back_own
from datasets.ingestion.lineage import telling
from datasets.ingestion.queue import requeue_takeable, schedule_sweep
from datasets.models import Worker
from datasets.models.workers import BEAT_SECONDS
from omdplatform.base import liveness, stopping
from omdplatform.base.errors import log_without_text

log = logging.getLogger(__name__)

# Seconds between two looks at schedules, and at jobs that are due but not queued.
LOOK_SECONDS = 5.0
# Seconds until an unavailable database is tried again.
AWAY_SECONDS = 2.0


def work_until_told_to_stop() -> None:
    """Work until `stopping.request`. Waits while the database is unavailable."""
    ended = threading.Event()
    threading.Thread(target=_beat, args=(ended,), name="beat", daemon=True).start()
    telling.start(ended)
    turns = Turns()
    while not stopping.requested():
        liveness.mark()
        try:
            turns.take()
        except stopping.Stopping:
            break
        except (OperationalError, InterfaceError) as error:
            log_without_text(error)
            close_old_connections()
            time.sleep(AWAY_SECONDS)
    ended.set()
    Worker.leave()


class Turns:
    """The turns of one worker process."""

    def __init__(self) -> None:
        self.broker: Broker = get_broker()
        self._looked = 0.0

    def take(self) -> bool:
        """Run one task, if there is one. Every LOOK_SECONDS, queue first what is due. Returns whether a task
        ran.
        """
        idle = not self.one_task()
        if time.monotonic() - self._looked >= LOOK_SECONDS:
            close_old_connections()
            if not self._looked:
                schedule_sweep()
            self._looked = time.monotonic()
            free_leases_of_the_dead()
            hand_back_own()
            scheduler(broker=self.broker)
            # While the queue is not empty, a job without an entry is not lost: it waits for its turn.
            requeue_takeable(all_of_them=idle)
        return not idle

    def one_task(self) -> bool:
        """Fetch one task and run it. Raises Stopping; the task is then in the queue again."""
        fetched, results, once = SimpleQueue[Any](), SimpleQueue[Any](), Event()
        once.set()
        pusher(fetched, once, self.broker)
        if fetched.empty():
            return False
        task = fetched.get()
        if pydoc.locate(task["func"]) is None:
            # The task of an older release. The sweep finds again whatever it named.
            log.info("an entry of the queue is of another version and is dropped: %s", task["func"])
            self.broker.acknowledge(task["ack_id"])
            return True
        for item in (task, "STOP"):
            fetched.put(item)
        try:
            worker(fetched, results, Value("f", -1))
        except BaseException:
            OrmQ.objects.filter(pk=task["ack_id"]).update(lock=timezone.now())
            raise
        results.put("STOP")
        monitor(results, self.broker)
        return True


def _beat(ended: threading.Event) -> None:
    """Write a heartbeat, for as long as the work makes progress."""
    while not ended.is_set():
        if liveness.quiet_seconds() < settings.JOB_QUIET_SECONDS:
            try:
                Worker.beat()
            except (OperationalError, InterfaceError):
                connection.close()
        ended.wait(BEAT_SECONDS)
    connection.close()
