"""Sums over several sets of rows: which of them, taken together, would tell what a few rows hold."""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np
import pytest

from promptiq.figure_protection import Bits, tells_of_few

ROWS = 61
LEEDS, YORK, HULL, ALL = range(20), range(20, 40), range(40, 60), range(61)


def rows(*numbers: Iterable[int], of: int = ROWS) -> Bits:
    flags = np.zeros(of, np.uint8)
    for some in numbers:
        flags[list(some)] = 1
    return np.packbits(flags)


@pytest.mark.parametrize(
    "figures",
    [
        [rows(range(30)), rows(range(32))],
        [rows(range(30), [50, 51]), rows(range(30), [54, 55])],
        # All, and all but one in parts.
        [rows(LEEDS), rows(YORK), rows(HULL), rows(ALL)],
        [rows(LEEDS, YORK), rows(YORK, HULL), rows(LEEDS), rows(ALL)],
        # Two that overlap in three rows, their union and what only one of them has.
        [rows(range(30)), rows(range(27, 50)), rows(range(50))],
    ],
    ids=["two more", "two others", "parts and whole", "overlapping parts", "overlap"],
)
def test_what_tells_of_few(figures: list[Bits]) -> None:
    assert tells_of_few(figures)
    assert not tells_of_few(figures[:-1])


@pytest.mark.parametrize(
    "figures",
    [
        [rows(LEEDS)],
        [rows(LEEDS), rows(YORK), rows(HULL)],
        [rows(range(30)), rows(range(40))],
        [rows(range(30)), rows(range(27, 60))],
        [rows(range(30), [50, 51, 52]), rows(range(30), [54, 55, 56])],
        [rows(range(30)), rows(range(30))],
    ],
    ids=["one", "parts", "ten more", "overlap alone", "six others", "the same"],
)
def test_what_does_not(figures: list[Bits]) -> None:
    assert not tells_of_few(figures)


def test_sixty_figures_over_a_million_rows_are_compared_in_a_moment() -> None:
    of = 1_000_000
    group = np.random.default_rng(6).integers(0, 60, of)
    figures = [np.packbits((group == number).astype(np.uint8)) for number in range(60)]
    started = time.perf_counter()
    assert not tells_of_few(figures)
    assert tells_of_few([*figures, rows(range(3, of), of=of)])
    assert time.perf_counter() - started < 10  # seconds; measured: 0.6
