"""Exact answers: a question becomes a typed plan, and the plan SQL over the version's Parquet file. Pure:
frozen dataclasses in and out, without database, web or settings.
"""

from promptiq.exact.executor import run
from promptiq.exact.planner import explained, follow
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
from promptiq.exact.ranking.ranked import is_likely, likelihood, plan
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
    "explained",
    "follow",
    "in_words",
    "is_likely",
    "likelihood",
    "looked_up",
    "plan",
    "run",
]
