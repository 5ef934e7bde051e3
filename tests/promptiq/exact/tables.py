"""Small invented tables, and the way from their text to a schema and a Parquet file."""

from __future__ import annotations

from pathlib import Path

from datasets.tables.reading import read
from governance.policies import Access
from promptiq.exact import Schema, describe

QUESTIONS = Path(__file__).with_name("questions")
TABLES = {path.stem: path.read_text(encoding="utf-8") for path in QUESTIONS.glob("*.csv")}
LIGHTHOUSES, LIBRARIES, CHESS = TABLES["lighthouses"], TABLES["libraries"], TABLES["chess"]
MATCHES, PLAYS, SUBSCRIBERS = TABLES["matches"], TABLES["plays"], TABLES["subscribers"]


def written(folder: Path, name: str, text: str) -> Path:
    """The Parquet copy of a table, as an upload makes it."""
    source = folder / f"{name}.csv"
    source.write_text(text, encoding="utf-8")
    parquet = folder / f"{name}.parquet"
    read(source, parquet)
    return parquet


def open_schema(parquet: Path) -> Schema:
    """The table for a reader who may see every value."""
    return describe(parquet, Access(()), view_pii=True)
