"""Checksums of an index's vectors, which later reveal a changed, exchanged or foreign vector.

Eight sums: each vector, weighted by its row number, along eight fixed directions. They do not depend on the
order of rows, so a build that is continued goes on adding. The server returns vectors within about 3e-8 of
what was written, so sums are compared within a tolerance, which a hash would not allow.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np

from promptiq.index.embeddings import Vectors

DIRECTIONS = 8
_GOLDEN = 0.6180339887498949


def add(sums: Sequence[float], rows: Sequence[int], vectors: Vectors) -> list[float]:
    """The sums including these rows; start with []."""
    weights = 1 + (np.asarray(rows, np.float64) * _GOLDEN) % 1
    added = weights @ (np.asarray(vectors, np.float64) @ _directions(np.shape(vectors)[1]))
    return [float(value) for value in added + (np.asarray(sums) if len(sums) else 0.0)]


def same(one: Sequence[float], other: Sequence[float], count: int) -> bool:
    """Whether they are of the same vectors. `count`: how many; each adds a rounding error of its own."""
    return bool(np.allclose(one, other, rtol=0, atol=1e-4 + 1e-5 * count**0.5))


@cache
def _directions(dimensions: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    # RandomState guarantees the same numbers forever.
    return np.random.RandomState(8).standard_normal((dimensions, DIRECTIONS))
