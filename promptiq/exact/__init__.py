"""Exact answers: a question becomes a typed plan, and the plan SQL over the version's Parquet file. Pure:
frozen dataclasses in and out, without database, web or settings.
"""

from promptiq.exact.executor import run
from promptiq.exact.planner import follow, plan
from promptiq.exact.plans import (
    THRESHOLD,
    Ambiguous,
    NotPermitted,
    Operation,
    Plan,
    Result,
    Schema,
    Series,
    TooSlow,
    Uncomputable,
    Unread,
)
from promptiq.exact.schema import describe, looked_up
from promptiq.exact.wording import in_words

__all__ = [
    "THRESHOLD",
    "Ambiguous",
    "NotPermitted",
    "Operation",
    "Plan",
    "Result",
    "Schema",
    "Series",
    "TooSlow",
    "Uncomputable",
    "Unread",
    "describe",
    "follow",
    "in_words",
    "looked_up",
    "plan",
    "run",
]
