"""Rankings brought together."""

import pytest

from promptiq.index.fusion import K, fused


def test_what_both_find_comes_first() -> None:
    meaning = {"a": 0.9, "b": 0.8, "c": 0.7}
    words = {"c": 0.5, "d": 0.4}
    assert list(fused([meaning, words], most=2)) == ["c", "a", "b", "d"]


def test_scores_are_shares_of_the_best_there_could_be() -> None:
    both = fused([{"a": 1.0, "b": 0.2}, {"a": 3.0}], most=2)
    assert both["a"] == pytest.approx(1)
    assert both["b"] == pytest.approx((K + 1) / (K + 2) / 2)
    assert fused([{"a": 0.1}, {}], most=2) == {"a": pytest.approx(0.5)}


def test_equal_scores_share_a_rank_and_leave_the_next_out() -> None:
    found = fused([{"a": 2.0, "b": 2.0, "c": 1.0}], most=1)
    assert found["a"] == found["b"] == pytest.approx(1)
    assert found["c"] == pytest.approx((K + 1) / (K + 3))
    assert list(found) == ["a", "b", "c"]


def test_nothing_found_is_nothing() -> None:
    assert fused([], most=2) == fused([{}, {}], most=2) == {}
