"""How likely a plan is what a question means: a logistic regression over hashed features.

Features are hashed into BUCKETS weights (Weinberger et al., 2009, Feature Hashing for Large Scale Multitask
Learning). The weights are fitted by `manage.py fit_ranking`, to questions with known answers.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

BUCKETS = 1 << 16
FILE = Path(__file__).parent / "weights.npz"
# The languages whose questions the weights were fitted to.
LANGUAGES = frozenset({"en"})

Floats = np.ndarray[Any, np.dtype[np.float32]]


def buckets(features: Iterable[str]) -> list[int]:
    """The numbers of their weights, ascending, each once."""
    return sorted({zlib.crc32(name.encode()) % BUCKETS for name in features})


def odds(features: Iterable[str]) -> float:
    """The sum of the features' weights, as logarithm of odds."""
    weights, _ = _fitted()
    return float(weights[buckets(features)].sum())


def probability(*parts: float) -> float:
    """0–1, from odds that are added up."""
    _, base = _fitted()
    return 1 / (1 + math.exp(-(base + sum(parts))))


def save(weights: Floats, base: float, path: Path) -> None:
    """`weights`: BUCKETS, `base`: the odds without any feature. Most weights are 0 and take no room."""
    np.savez_compressed(path, weights=weights.astype(np.float16), base=np.float32(base))


@lru_cache(maxsize=1)
def _fitted() -> tuple[Floats, float]:
    with np.load(FILE) as told:
        return told["weights"].astype(np.float32), float(told["base"])
