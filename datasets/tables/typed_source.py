"""What every format gives to the typed copy: a table of texts, batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from datasets.tables.table import Dialect, SetApart


@dataclass
class Source:
    """A table of texts. `batches`: returns its rows on each call, as string columns in order.

    `set_apart` and `notes` are complete after the batches were read. `texts`: positions of columns that are
    text whatever they look like. `nested`: see TableColumn, by position.
    """

    names: list[str]
    batches: Callable[[], Iterator[pa.RecordBatch]]
    dialect: Dialect
    set_apart: list[SetApart] = field(default_factory=list)
    notes: Callable[[], list[str]] = list
    texts: frozenset[int] = frozenset()
    # The file's column names if a person has changed some; empty if they equal `names`.
    own_names: list[str] = field(default_factory=list)
    nested: dict[int, dict[str, Any]] = field(default_factory=dict)
    # A decimal sign shown outside the rows, such as in a balance above the header.
    decimal: str = ""

    @property
    def headers(self) -> list[str]:
        return self.own_names or self.names
