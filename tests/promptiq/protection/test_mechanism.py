"""Noise: as large as it says, as wide as one subject, and nothing for tables about few."""

from __future__ import annotations

import numpy as np
import pytest

from promptiq.protection.mechanism import (
    Bounds,
    Numbers,
    Places,
    find_bounds,
    laplace,
    protected_average,
    protected_sum,
)

DRAWS = 200


@pytest.fixture
def same_noise() -> None:
    """These tests are of the real noise."""


def pay(people: int, rows_each: int = 1) -> tuple[Numbers, Places]:
    """Each person's rows add up to 40,000 to 60,000."""
    whole = np.linspace(40_000, 60_000, people)
    return np.repeat(whole / rows_each, rows_each), np.repeat(np.arange(people), rows_each)


def test_noise_is_as_large_as_it_says() -> None:
    draws = np.abs([laplace(10.0) for _ in range(2_000)])
    # The mean of the distances is the scale; of 2,000 draws it strays by less than a tenth nearly always.
    assert 9 < draws.mean() < 11


@pytest.mark.parametrize("rows_each", [1, 8])
def test_bounds_are_those_of_a_subject_and_not_of_a_row(rows_each: int) -> None:
    found = [find_bounds(*pay(60, rows_each), epsilon=3) for _ in range(50)]
    usual = sum(bounds in (Bounds(0.0, 65_536.0), Bounds(0.0, 131_072.0)) for bounds in found)
    assert usual >= 45


def test_amounts_below_zero_widen_the_bounds() -> None:
    values, subjects = pay(60)
    values[::2] *= -1
    bounds = find_bounds(values, subjects, epsilon=3)
    assert bounds is not None
    assert bounds.low == -bounds.high


@pytest.mark.parametrize("people", [0, 1, 5])
def test_tables_about_few_have_no_bounds(people: int) -> None:
    assert not any(find_bounds(*pay(people, 10), epsilon=3) for _ in range(50))


def test_the_margin_holds_as_often_as_it_says() -> None:
    values, subjects = pay(60, 3)
    bounds = Bounds(0.0, 65_536.0)
    sums = [protected_sum(values, subjects, bounds, 1) for _ in range(DRAWS)]
    away = [abs(figure.value - values.sum()) / figure.margin for figure in sums]
    # Of Laplace's noise, 95 % is within the margin and 78 % within half of it.
    assert sum(share <= 1 for share in away) > 0.88 * DRAWS
    assert sum(share <= 0.5 for share in away) < 0.9 * DRAWS
    assert all(figure.is_telling for figure in sums)


def test_one_person_moves_a_sum_by_less_than_the_noise() -> None:
    values, subjects = pay(60)
    bounds = Bounds(0.0, 65_536.0)
    # Without bounds this one value would be the whole sum.
    values[0] = 10_000_000
    figure = protected_sum(values, subjects, bounds, 1)
    assert figure.value < values[1:].sum() + bounds.high + 5 * figure.margin


@pytest.mark.parametrize("rows_each", [None, 1])
def test_averages_are_near_and_leave_out_empty_cells(rows_each: int | None) -> None:
    values, subjects = pay(400)
    if rows_each:
        values[::4] = np.nan
    mean = float(np.nanmean(values))
    figures = [protected_average(values, subjects, Bounds(0.0, 65_536.0), rows_each, 1) for _ in range(DRAWS)]
    near = sum(figure is not None and abs(figure.value - mean) <= figure.margin for figure in figures)
    assert near > 0.88 * DRAWS
    assert all(figure is not None and figure.margin < mean / 4 for figure in figures)


def test_an_average_over_hardly_any_cell_is_none() -> None:
    values = np.full(50, np.nan)
    values[:2] = 1_000
    told = [protected_average(values, np.arange(50), Bounds(0.0, 2_048.0), 1, 1) for _ in range(50)]
    # Noise alone passes for enough filled cells in three draws of a thousand.
    assert sum(figure is not None for figure in told) <= 4
