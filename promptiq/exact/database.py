"""DuckDB over one Parquet file: read-only, limited in memory and threads, stopped at a deadline."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from datasets.tables.table import WRITTEN
from promptiq.exact.plans import TooSlow, Uncomputable

MEMORY = "512MB"
THREADS = 2
# Seconds. Twenty times the target for 95 % of answers over a million rows.
DEADLINE = 20.0


class Database:
    """The table `data` of one file. Not thread-safe."""

    def __init__(self, connection: Any, deadline: float) -> None:
        self._connection = connection
        self._deadline = deadline

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Raises TooSlow, Uncomputable."""
        found: list[tuple[Any, ...]] = self._fetched(sql, parameters, "fetchall")
        return found

    def arrays(self, sql: str) -> list[np.ndarray[Any, Any]]:
        """The columns of the result, which have no empty cells. Raises TooSlow, Uncomputable."""
        return [np.asarray(column) for column in self._fetched(sql, (), "fetchnumpy").values()]

    def _fetched(self, sql: str, parameters: Sequence[Any], fetch: str) -> Any:
        timer = threading.Timer(self._deadline, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            return getattr(self._connection.execute(sql, list(parameters)), fetch)()
        except duckdb.InterruptException:
            raise TooSlow(f"Stopped after {self._deadline:g} seconds.") from None
        except duckdb.OutOfMemoryException:
            raise TooSlow(f"Stopped at {MEMORY} of memory.") from None
        except duckdb.Error as error:
            # Its message may quote a cell.
            raise Uncomputable(type(error).__name__) from None
        finally:
            timer.cancel()


@contextmanager
def opened(parquet: Path, deadline: float = DEADLINE) -> Iterator[Database]:
    """An in-memory database that can read this file and nothing else. `deadline`: seconds per query."""
    connection = duckdb.connect(":memory:", config={"memory_limit": MEMORY, "threads": THREADS})
    try:
        path = str(parquet.resolve())
        # The path must be allowed before all other access is disabled.
        connection.execute(f"SET allowed_paths = [{quoted(path)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.execute(f"CREATE VIEW data AS {table_of(path)}")
        yield Database(connection, deadline)
    finally:
        connection.close()


def table_of(parquet: str) -> str:
    """The statement for a typed copy's rows: numbers and columns, without cells as they were written."""
    shown = f"COLUMNS(lambda name: NOT regexp_matches(name, '^{WRITTEN}[0-9]+$'))"
    lasting = [field.name for field in pq.read_schema(parquet) if pa.types.is_duration(field.type)]
    if lasting:  # which DuckDB takes for whole numbers
        as_intervals = ", ".join(f"to_microseconds({named(name)}) AS {named(name)}" for name in lasting)
        shown = f"* REPLACE ({as_intervals}) FROM (SELECT {shown}"
        return f"SELECT {shown} FROM read_parquet({quoted(parquet)}))"
    return f"SELECT {shown} FROM read_parquet({quoted(parquet)})"


def quoted(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def named(column: str) -> str:
    """A column's name in SQL."""
    return '"' + column.replace('"', '""') + '"'
