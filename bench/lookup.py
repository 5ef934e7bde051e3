"""What words add to meaning in a lookup: `python -m bench.lookup [--rows N] [--searched N]`.

Asks for single rows of an indexed table by their code, by words with a figure, and in other words. Tells how
often the row is the first, and among the first eight, by both and by meaning alone, and within what time 95 %
of the questions are searched; and how long a search for words takes over a large table, beside one question's
vector.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.setting_up import fresh_platform, say
from bench.tables import HEADER, write_csv

ASKED = 60
SHOWN = 8
# Other words for what the rows say.
OTHERWISE = {
    "oak table": "wooden desk", "steel kettle": "metal water boiler", "wool blanket": "warm cover",
    "garden spade": "digging tool", "paper lantern": "light to hang", "brass lamp": "golden light",
}  # fmt: skip


def by_code(row: dict[str, str]) -> str:
    return f"what is in order {row['order']}"


def by_words(row: dict[str, str]) -> str:
    return f"{row['colour']} {row['goods']} of {row['weight_kg']} kg from the {row['depot']}"


def in_other_words(row: dict[str, str]) -> str:
    return f"{row['colour']} {OTHERWISE.get(row['goods'], row['goods'])} that weighs {row['weight_kg']}"


def measure(rows: int, searched: int) -> None:
    with fresh_platform() as folder:
        from datasets.ingestion.receiving.inline import ingest_file, owner_named
        from datasets.ingestion.receiving.uploads import Wish
        from datasets.models import Dataset
        from promptiq.sources import sources_of

        owner = owner_named("anna")
        done = ingest_file(owner, write_csv(folder / "orders.csv", rows, rows), Wish())
        if done["state"] != "succeeded":
            raise RuntimeError(done)
        sources = sources_of(list(Dataset.objects.all().for_list()), owner)
        (source,) = sources
        cells = source.cite(dict.fromkeys(random.Random(1).sample(range(1, rows + 1), ASKED)))
        wanted = [(each.row, {name: str(each.cells[name]) for name in HEADER}) for each in cells]
        say(
            f"{rows:,} rows, each different; {ASKED} questions of each kind. The row is first, and among the "
            f"first {SHOWN}:"
        )
        for kind in (by_code, by_words, in_other_words):
            compare(kind, wanted, sources)
        time_words(folder, searched)


def compare(
    kind: Callable[[dict[str, str]], str], wanted: Sequence[tuple[int, dict[str, str]]], sources: Sequence
) -> None:
    from promptiq.index import hybrid

    found: dict[str, list[list[int]]] = {}
    seconds: dict[str, list[float]] = {}
    # In this order: the vectors of rows that were compared once are kept.
    for way, limit in (("meaning and words", 30.0), ("meaning alone", 0.0)):
        hybrid.WORDS_SECONDS = limit
        found[way], seconds[way] = [], []
        for _, row in wanted:
            begun = time.perf_counter()
            hits = hybrid.nearest(kind(row), sources, SHOWN).hits
            seconds[way].append(time.perf_counter() - begun)
            found[way].append([hit.row for _, hit in hits])
    told = []
    for way, answers in found.items():
        first = sum(rows[0] == row for rows, (row, _) in zip(answers, wanted, strict=True)) / len(wanted)
        among = sum(row in rows for rows, (row, _) in zip(answers, wanted, strict=True)) / len(wanted)
        *_, slow = statistics.quantiles(seconds[way], n=20)
        told.append(f"{way} {first:.0%} and {among:.0%}, 95 % within {1000 * slow:.0f} ms")
    say(f"  {kind.__name__.replace('_', ' ')}: {', '.join(told)}.")


def time_words(folder: Path, rows: int) -> None:
    """Over a table of all columns as text, each row different."""
    import duckdb

    from governance.redacting.redaction import KINDS
    from promptiq.index import postings
    from promptiq.index.embeddings import get_embedder
    from promptiq.index.lexical import search, terms_of

    csv, parquet = write_csv(folder / "large.csv", rows, rows), folder / "large.parquet"
    words = folder / "large.words"
    duckdb.execute(
        f"COPY (SELECT row_number() OVER () AS _row, * FROM read_csv('{csv}', header = true)) TO '{parquet}'"  # noqa: S608
    )
    asked = [
        "order B000123",
        "red oak table from the old mill",
        "amber brass lamp, small scratch on the left side",
    ]
    terms = [terms_of(question) for question in asked]
    begun = time.perf_counter()
    postings.make(parquet, dict.fromkeys(HEADER, KINDS), words)
    listed = time.perf_counter() - begun
    searches = timed(lambda: [search(words, HEADER, each, SHOWN) for each in terms])
    embedded = timed(lambda: [get_embedder().embed([question]) for question in asked])
    say(
        f"Words over {rows:,} rows: listed in {listed:.1f} s, {words.stat().st_size / 1e6:.0f} MB; "
        f"{1000 * searches / len(asked):.0f} ms a question, {searches / embedded:.1f} times what its vector "
        "takes."
    )


def timed(work: Callable[[], object]) -> float:
    """Seconds, the best of three."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - begun)
    return best


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5_000)
    parser.add_argument("--searched", type=int, default=1_000_000)
    options = parser.parse_args()
    measure(options.rows, options.searched)
