"""Merges several rankings of the same things: Reciprocal Rank Fusion.

By Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion outperforms Condorcet and Individual Rank
Learning Methods" (SIGIR 2009), who also found the constant.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

K = 60

Thing = TypeVar("Thing", bound=Hashable)


def fused(rankings: Sequence[Mapping[Thing, float]], most: int) -> dict[Thing, float]:
    """Each item with its fused score, best first. Equal ones stay in order.

    `rankings`: each maps items to scores, higher is better; equal scores share the better rank. `most`: in
    how many rankings an item can be. Scores are 0–1, where 1 is first in that many rankings.
    """
    sums: dict[Thing, float] = {}
    for ranking in rankings:
        for thing, rank in _ranks(ranking).items():
            sums[thing] = sums.get(thing, 0.0) + 1 / (K + rank)
    best = most / (K + 1)
    return {thing: sums[thing] / best for thing in sorted(sums, key=lambda thing: -sums[thing])}


def _ranks(ranking: Mapping[Thing, float]) -> dict[Thing, int]:
    """1 is best. If two share a rank, the next rank is skipped."""
    ranks: dict[Thing, int] = {}
    rank, before = 0, None
    ordered = sorted(ranking.items(), key=lambda item: -item[1])
    for place, (thing, score) in enumerate(ordered, start=1):
        if score != before:
            rank, before = place, score
        ranks[thing] = rank
    return ranks
