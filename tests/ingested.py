"""Tables that tests take through the whole pipeline. All persons are made up."""

from __future__ import annotations

from io import BytesIO
from multiprocessing import Event, Queue, Value
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from django.contrib.auth.models import User
from django_q.brokers import get_broker
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.worker import worker

from datasets.ingestion import pipeline
from datasets.ingestion.queue import queue_rebuilds
from datasets.ingestion.receiving.uploads import Wish, receive
from datasets.models import Dataset, Job
from governance.curation.decisions import decide
from governance.models import Tag

NAMES = ["Anna", "Peter", "Laura", "James", "Sofia", "Thomas", "Julia", "Elena"]
FAMILIES = ["Schneider", "Garcia", "Miller", "Rossi", "Novak", "Jansen", "Dubois"]
# Rows of a dataset of orders that takes three pages.
ROWS = 130
GOODS = ["oak table", "steel kettle", "wool blanket", "garden spade", "paper lantern", "brass lamp"]


def order(number: int) -> dict[str, Any]:
    """One row of `orders`: an email that is masked, goods and an amount that are not."""
    name, family = NAMES[number % len(NAMES)], FAMILIES[number % len(FAMILIES)]
    return {
        "email": f"{name}.{family}.{number}@post.example".lower(),
        "goods": GOODS[number % len(GOODS)],
        "amount": number % 5 + 1,
    }


def orders_csv(rows: int = 40, first: int = 0) -> bytes:
    lines = ["email,goods,amount"]
    lines += [
        ",".join(str(value) for value in order(number).values()) for number in range(first, first + rows)
    ]
    return "\n".join(lines).encode() + b"\n"


def orders_parquet(path: Path, rows: int = 40) -> bytes:
    pq.write_table(pa.Table.from_pylist([order(number) for number in range(rows)]), path)
    return path.read_bytes()


def receive_orders(
    user: User, content: bytes | None = None, name: str = "orders.csv", wish: Wish | None = None
) -> Job:
    """A waiting job that no queue knows of."""
    return receive(user, name, BytesIO(content or orders_csv()), wish, queue=False).job


def ingest(
    user: User, content: bytes | None = None, name: str = "orders.csv", wish: Wish | None = None
) -> Job:
    """The job at its end, whichever that is."""
    job = receive_orders(user, content, name, wish)
    work_off(job)
    return job


def work_off(job: Job) -> None:
    """Take the job and work on it to its end, as a worker does."""
    assert job.take()
    pipeline.run(job)
    job.refresh_from_db()
    job.version.refresh_from_db()
    job.dataset.refresh_from_db()


def ingest_with_salaries(owner: User, steward: User, content: bytes) -> Dataset:
    """The table `staff`, whose column `salary` a steward has tagged; its index fits that tag."""
    dataset = ingest(owner, content, "staff.csv").dataset
    salary, tag = dataset.columns.get(key="salary"), Tag.objects.get(fqn="PII.Sensitive")
    decide(salary, tag, "confirmed", steward, "Pay.")
    queue_rebuilds()
    # None where the classifier had suggested the tag already.
    for rebuild in Job.objects.filter(kind="rebuild"):
        work_off(rebuild)
        assert rebuild.state == "succeeded", rebuild.error
    dataset.refresh_from_db()
    return dataset


def run_queue() -> None:
    """Everything that is queued now, by the queue's own pusher, worker and monitor, in this process."""
    broker = get_broker()
    while broker.queue_size():
        tasks, results, stop = Queue(), Queue(), Event()
        stop.set()
        pusher(tasks, stop, broker=broker)
        tasks.put("STOP")
        worker(tasks, results, Value("f", -1))
        results.put("STOP")
        monitor(results, broker)


def said(job: Job) -> list[str]:
    """What the job's events say, in order, without those that only count."""
    return [text for text in job.events.order_by("number").values_list("message", flat=True) if text]


def bytes_below(folder: Path) -> bytes:
    """Every byte of every file below a folder."""
    return b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
