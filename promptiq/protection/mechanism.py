"""Sums and averages with noise, so that no person's own value can be learnt. Pure: numbers in, numbers out.

The protected unit is the subject: whoever a row is about. All rows of one subject change a figure by at most
the width of the bounds, and Laplace noise of that width divided by epsilon hides them (Dwork and Roth 2014,
"The Algorithmic Foundations of Differential Privacy", chapter 3). The noise is drawn by OpenDP, whose
generators resist attacks on floating-point numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

Numbers = np.ndarray[Any, np.dtype[np.float64]]
Places = np.ndarray[Any, np.dtype[np.int64]]

# A bound is searched among the powers of two from the largest to the smallest.
LARGEST, SMALLEST = 60, -20
# A magnitude is reached if this many subjects, with noise, are above it. With the noise of `find_bounds`,
# fewer than one search in a hundred stops too early or goes too far.
REACHED_BY = 10
# With fewer subjects a bound would be a guess, and a figure mostly noise.
MIN_SUBJECTS = 20
# The probability that the noise is within `margin`.
CERTAINTY = 0.95


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of what the rows of one subject add up to, `low` ≤ 0 ≤ `high`. Values beyond count as the
    limit.
    """

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Figure:
    """`value`: with noise. `margin`: with probability CERTAINTY, the figure without noise is within it."""

    value: float
    margin: float

    @property
    def is_telling(self) -> bool:
        """Whether the value is larger than the noise."""
        return abs(self.value) >= 2 * self.margin


def find_bounds(values: Numbers, subjects: Places, epsilon: float) -> Bounds | None:
    """Bounds of what one subject adds to a sum over any of these rows. None if there are too few subjects.

    `values`: of each row, NaN if the cell is empty. `subjects`: of each row, 0, 1, 2, …. Costs `epsilon`: a
    sixth each for the number of subjects and for the sign, the rest for the magnitude.
    """
    count = int(subjects.max()) + 1 if len(subjects) else 0
    if count + laplace(6 / epsilon) < MIN_SUBJECTS:
        return None
    filled = np.nan_to_num(values, nan=0.0)
    size = _magnitude(np.bincount(subjects, np.abs(filled), count).astype(np.float64), epsilon * 2 / 3)
    below = np.count_nonzero(np.bincount(subjects, filled < 0, count))
    is_signed = int(below) + laplace(6 / epsilon) > REACHED_BY
    return Bounds(-size if is_signed else 0.0, size) if size else None


def _magnitude(totals: Numbers, epsilon: float) -> float:
    """The power of two that hardly any total exceeds; 0.0 if hardly any exceeds zero.

    The sparse vector technique (Dwork and Roth 2014, section 3.6): noise on the threshold and on each count
    protects the whole search. One more subject only raises counts, so each needs the noise of one count (Lyu,
    Su and Li 2017, "Understanding the Sparse Vector Technique", section 4.3).
    """
    threshold = REACHED_BY + laplace(3 / epsilon)
    for power in range(LARGEST, SMALLEST - 1, -1):
        above = int(np.count_nonzero(totals > 2.0**power))
        if above + laplace(3 / (2 * epsilon)) >= threshold:
            return 2.0 ** (power + 1)
    return 0.0


def protected_sum(values: Numbers, subjects: Places, bounds: Bounds, epsilon: float) -> Figure:
    """The sum over the rows; empty cells add nothing. Costs `epsilon`."""
    filled = np.nan_to_num(values, nan=0.0)
    totals = np.bincount(subjects, filled) if len(subjects) else np.zeros(0)
    exact = math.fsum(np.clip(totals, bounds.low, bounds.high))
    scale = bounds.width / epsilon
    return Figure(exact + laplace(scale), _margin(scale))


def protected_average(
    values: Numbers, subjects: Places, bounds: Bounds, rows_each: int | None, epsilon: float
) -> Figure | None:
    """The average of the filled cells, as the quotient of two protected figures. Costs `epsilon`.

    `rows_each`: the most rows of a subject; None if no cell of the column is empty, so that the number of
    filled ones is no secret. Returns None if hardly any cell is filled.
    """
    if rows_each is None:
        total = protected_sum(values, subjects, bounds, epsilon)
        return Figure(total.value / len(values), total.margin / len(values)) if len(values) else None
    total = protected_sum(values, subjects, bounds, epsilon / 2)
    scale = 2 * rows_each / epsilon
    count = int(np.count_nonzero(~np.isnan(values))) + laplace(scale)
    if count <= 2 * _margin(scale):
        return None
    value = total.value / count
    return Figure(value, (total.margin + abs(value) * _margin(scale)) / count)


def laplace(scale: float) -> float:
    """One draw of Laplace noise around zero."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
    domain = dp.atom_domain(T=float, nan=False)
    measurement = dp.m.make_laplace(domain, dp.absolute_distance(T=float), scale=float(scale))
    return float(measurement(0.0))


def _margin(scale: float) -> float:
    return scale * math.log(1 / (1 - CERTAINTY))
