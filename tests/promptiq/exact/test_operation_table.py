"""The figures over rows: what each computes, and what it needs to be one."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.policies import Access
from promptiq.exact import Operation, Plan, Result, in_words, run
from promptiq.exact.operation_table import OPERATIONS
from tests.promptiq.exact.tables import open_schema, written

# A skewed column, its mirror, and one of nearly normal cells.
CELLS = [1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 6, 6, 7, 8, 9, 14, 40]
EVEN = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 5]


@pytest.fixture
def cells(tmp_path: Path) -> Path:
    rows = "".join(
        f"{name},{-one},{other},{'' if name in 'cg' else name}\n"
        for name, one, other in zip("abcdefghijklmnopqrst", CELLS, EVEN, strict=True)
    )
    return written(tmp_path, "cells", f"name,skewed,even,note\n{rows}")


@pytest.mark.parametrize(
    ("operation", "columns", "expected"),
    [
        (Operation.SKEWNESS, ("skewed",), "-3.661297682"),
        (Operation.KURTOSIS, ("skewed",), "14.68144519"),
        (Operation.OUTLIERS, ("skewed",), "2"),
        (Operation.FAR, ("skewed",), "1"),
        (Operation.NORMALITY, ("even",), "0.3901135152"),
        (Operation.NORMAL, ("even",), "yes"),
        (Operation.NORMAL, ("skewed",), "no"),
        (Operation.MISSING, ("note",), "2"),
    ],
)  # fmt: skip
def test_what_is_computed(cells: Path, operation: Operation, columns: tuple[str, ...], expected: str) -> None:
    result = run(Plan(operation, columns), open_schema(cells), cells, Access(()), view_pii=True)
    assert isinstance(result, Result)
    assert result.values == (expected,)


def test_too_few_cells_are_not_tested_for_normality(tmp_path: Path) -> None:
    few = written(tmp_path, "few", "a\n" + "\n".join(map(str, EVEN[:19])) + "\n")
    for operation in (Operation.NORMAL, Operation.NORMALITY):
        result = run(Plan(operation, ("a",)), open_schema(few), few, Access(()), view_pii=True)
        assert isinstance(result, Result)
        assert result.values == ()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_figure_says_what_it_is_of(operation: Operation) -> None:
    assert "price" in in_words(Plan(operation, ("price",)))


def test_the_rule_for_outliers_is_said() -> None:
    assert "1.5 times" in in_words(Plan(Operation.OUTLIERS, ("price",)))
    assert "more than 2.5 standard deviations" in in_words(Plan(Operation.FAR, ("price",), at="2.5"))
