"""Which plans are compared for a question."""

from dataclasses import replace

import pytest

from promptiq.exact import Operation, Plan, Schema, explained, in_words
from promptiq.exact.permission import columns_of
from promptiq.exact.ranking.candidates import MOST
from promptiq.exact.ranking.ranked import near_by
from tests.promptiq.exact.asking import table


def near(name: str, question: str, schema: Schema | None = None) -> tuple[Plan, ...]:
    return near_by(explained(question, schema or table(name)[0]))


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("which player fared best by points", "Player, the greatest 1 by Pts"),
        (
            "who came in right after Ana Ruiz",
            "Player where Player is Ana Ruiz (ESP), then 1 after it in the file",
        ),
        ("how many points did Ana Ruiz carry home", "sum of Pts where Player is Ana Ruiz (ESP)"),
    ],
)
def test_a_plan_is_near_although_words_are_unknown(question: str, wanted: str) -> None:
    assert wanted in [in_words(each) for each in near("chess", question)]


def test_the_grammars_own_plan_comes_first_and_none_twice() -> None:
    found = explained("how many lighthouses are in England?", table("lighthouses")[0])
    plans = near_by(found)
    assert plans[0] == found.made
    assert len(set(plans)) == len(plans) <= MOST


def test_two_cells_of_one_column_are_compared() -> None:
    plans = near("chess", "did Ana Ruiz or Bo Lindqvist get further, by points?")
    assert any(each.operation is Operation.DIFFERENCE for each in plans)


def test_no_plan_uses_a_masked_column() -> None:
    schema = table("chess")[0]
    masked = replace(
        schema,
        columns=tuple(
            replace(each, masked=True, values=()) if each.name == "Player" else each
            for each in schema.columns
        ),
    )
    plans = near("chess", "how many points did Ana Ruiz carry home and who came after", masked)
    assert plans
    assert not any("Player" in columns_of(each) for each in plans)


def test_no_plan_in_a_language_that_nothing_was_fitted_to() -> None:
    assert near("lighthouses", "wie viele Leuchttürme stehen in England") == ()
