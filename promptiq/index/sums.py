"""What the vectors of an index add up to, by which a changed, exchanged or foreign vector is noticed later.

Eight sums: each vector, weighted by its row number, along eight fixed directions. They do not depend on the
order of rows, so that a build that is taken up again goes on adding. The server gives vectors back within
some 3e-8 of what was written, so sums are compared within a tolerance and no hash would do.
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
    """The sums with these rows; [] to begin with."""
    weights = 1 + (np.asarray(rows, np.float64) * _GOLDEN) % 1
    added = weights @ (np.asarray(vectors, np.float64) @ _directions(np.shape(vectors)[1]))
    return [float(value) for value in added + (np.asarray(sums) if len(sums) else 0.0)]


def same(one: Sequence[float], other: Sequence[float], count: int) -> bool:
    """Whether they are of the same vectors. `count`: how many: each brings a rounding error of its own."""
    return bool(np.allclose(one, other, rtol=0, atol=1e-4 + 1e-5 * count**0.5))


@cache
def _directions(dimensions: int) -> np.ndarray[Any, np.dtype[np.float64]]:
    # RandomState's numbers are promised never to change.
    return np.random.RandomState(8).standard_normal((dimensions, DIRECTIONS))
