"""Profiles in a child process with the parser's limits: a few bytes of Parquet can be gigabytes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from datasets.tables.parser_process import ProcessLimits, answer_parent, ask_child, say_rows
from datasets.tables.profiling import ColumnProfile, profile_and_sample
from datasets.tables.table import Table


def profile_in_child(
    table: Table,
    sample_rows: int,
    progress: Callable[[int], None] | None = None,
    process_limits: ProcessLimits | None = None,
) -> tuple[list[ColumnProfile], pd.DataFrame]:
    """datasets.tables.profiling.profile_and_sample in a child process. Raises as read_in_child."""
    order = {"table": table.as_json(), "sample_rows": sample_rows}
    found = ask_child("datasets.tables.profiling_process", order, process_limits, progress)
    rows = pd.DataFrame(
        dict(enumerate(found["sample"])), columns=range(len(table.columns)), dtype=object
    ).set_axis([column.name for column in table.columns], axis=1)
    rows.attrs.update(found["attributes"])
    return [ColumnProfile.from_json(each) for each in found["profiles"]], rows


def _profile(order: dict[str, Any]) -> dict[str, Any]:
    table = Table.from_json(order["table"])
    profiles, rows = profile_and_sample(table, order["sample_rows"], say_rows)
    return {
        "profiles": [each.as_json() for each in profiles],
        "sample": [rows.iloc[:, place].tolist() for place in range(rows.shape[1])],
        "attributes": rows.attrs,
    }


if __name__ == "__main__":
    answer_parent(_profile)
