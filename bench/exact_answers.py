"""How long exact answers take over a large table: `python -m bench.exact_answers [ROWS]`.

Times the whole way from a question to its answer (planning, looking up values, running) with the table's
schema at hand, as it is kept for a version. Prints seconds; the aim is 95 % within 1 s over a million rows.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from time import perf_counter, process_time

import django
import pyarrow as pa
import pyarrow.parquet as pq

from bench.setting_up import say
from datasets.tables.table import ROW_GROUP_ROWS
from governance.policies import Access
from promptiq.exact import NotPermitted, Plan, Schema, describe, looked_up, plan, run

TOWNS = ["Ashford", "Bramley", "Colne", "Dunmore", "Elstow", "Farley", "Hythe", "Ivybridge"]
GOODS = ["oak table", "pine chair", "desk lamp", "book shelf", "wool rug", "wall clock"]
QUESTIONS = (
    "how many orders are from Colne?",
    "how many orders are from Colne and Dunmore?",
    "how many orders have a quantity of more than 15?",
    "how many orders were placed in March 2021?",
    "how many towns are on the list?",
    "how many customers are in the table?",
    "what is the total amount of all orders?",
    "what is the total quantity of wool rug orders in Hythe?",
    "what is the average amount in Farley?",
    "what is the highest amount?",
    "what is the lowest weight?",
    "what is the total weight of all desk lamp orders?",
    "which town has the most orders?",
    "which customer has the most orders?",
    "which customer has the order with the highest amount?",
    "which customer has the second highest amount?",
    "how many orders does customer 4711 have?",
    "what is the amount of order n-500000?",
    "which town does customer 99 live in?",
    "how many more orders are from Ashford than Bramley?",
    "what is the difference between the highest and the lowest amount?",
    "did Colne or Elstow have more orders?",
    "which order came after n-1234?",
    "who placed the first order?",
    "which order has the same amount as n-77?",
)  # fmt: skip
REPEATS = 4


def write_table(path: Path, rows: int) -> None:
    chance = random.Random(6)
    start = date(2019, 1, 1)
    table = pa.table({
        "_row": pa.array(range(1, rows + 1), pa.int64()),
        "Order": [f"n-{number}" for number in range(rows)],
        "Customer": [f"customer {chance.randrange(50_000)}" for _ in range(rows)],
        "Town": chance.choices(TOWNS, k=rows),
        "Goods": chance.choices(GOODS, k=rows),
        "Quantity": pa.array([chance.randrange(1, 20) for _ in range(rows)], pa.int64()),
        "Amount": pa.array([chance.randrange(100, 900_000) / 100 for _ in range(rows)], pa.float64()),
        "Weight": [f"{chance.randrange(1, 4000):,} kg" for _ in range(rows)],
        "Date": pa.array([start + timedelta(days=chance.randrange(1800)) for _ in range(rows)], pa.date32()),
    })  # fmt: skip
    pq.write_table(table, path, row_group_size=ROW_GROUP_ROWS, compression="zstd")


def main() -> None:
    os.environ.update(DJANGO_SETTINGS_MODULE="omdplatform.settings", HF_HUB_OFFLINE="1")
    django.setup()
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        parquet = Path(folder) / "orders.parquet"
        write_table(parquet, rows)
        started = perf_counter()
        schema = describe(parquet, Access(()), view_pii=True)
        say(f"schema of {rows:,} rows  {perf_counter() - started:.2f} s, once for a version")
        plan(QUESTIONS[0], schema)
        times: list[float] = []
        busy = process_time()
        for question in QUESTIONS:
            best = [_seconds(question, schema, parquet) for _ in range(REPEATS)]
            times += [seconds for seconds, _ in best]
            middle = statistics.median(seconds for seconds, _ in best)
            say(f"{middle:6.2f} s  {question} -> {best[0][1]}")
        times.sort()
        worst = times[int(len(times) * 0.95) - 1]
        busy = (process_time() - busy) / len(times)
        say(f"median {statistics.median(times):.2f} s, 95 % within {worst:.2f} s")
        say(f"{busy:.2f} s of processor time an answer, all threads added up")


def _seconds(question: str, schema: Schema, parquet: Path) -> tuple[float, str]:
    started = perf_counter()
    made = plan(question, looked_up(schema, question, parquet))
    result = run(made, schema, parquet, Access(()), view_pii=True) if isinstance(made, Plan) else None
    seconds = perf_counter() - started
    if result is None or isinstance(result, NotPermitted):
        return seconds, type(made).__name__
    return seconds, "|".join(result.values)[:60]


if __name__ == "__main__":
    main()
