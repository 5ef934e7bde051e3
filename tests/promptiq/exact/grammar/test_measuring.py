"""Which operation is of which column, and what is shown beside figures."""

import pytest

from promptiq.exact.lexicon import dictionary, english
from promptiq.exact.plans import Plan
from promptiq.exact.reading.question import corrected
from promptiq.exact.words import tokens
from tests.promptiq.exact.asking import planned, table, unread, values

SHEDS = (
    "shed,keeper,built,area,rent,score\n"
    "Ash,Ivo,1990,20,100,4\nBirch,Nell,2001,35,140,5\nCedar,Ivo,2015,50,90,3\nElm,Tess,1985,10,60,5\n"
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("average area and maximum rent", ("28.75", "140")),
        ("min, max and average rent", ("60", "140", "97.5")),
        ("highest and lowest rent", ("140", "60")),
        ("total area and rent", ("115", "390")),
        ("what is the keeper of the shed with the highest rent", ("Nell",)),
        ("what is the area of the shed with the highest rent", ("35",)),
        ("the 2 sheds with the most area", ("Cedar", "Birch")),
        ("list the shed and keeper", ("Ash: Ivo", "Birch: Nell", "Cedar: Ivo", "Elm: Tess")),
        ("list shed, keeper and rent", (
            "Ash, Ivo, 100", "Birch, Nell, 140", "Cedar, Ivo, 90", "Elm, Tess, 60")),
        ("list the sheds ordered by rent", ("Elm", "Cedar", "Ash", "Birch")),
        ("how many sheds have a score of 4 or 5?", ("3",)),
        ("how many sheds were built after 2010 or before 1988?", ("2",)),
        ("how many sheds below area 30?", ("2",)),
        ("how many sheds are neither Ash nor Elm?", ("2",)),
    ],
)  # fmt: skip
def test_figures_and_cells_are_told_apart(question: str, expected: tuple[str, ...]) -> None:
    assert values("sheds", question, SHEDS) == expected


def test_a_place_in_each_group_by_count_is_not_answered_by_the_groups() -> None:
    assert not isinstance(planned("sheds", "most popular keeper for each score", SHEDS), Plan)


def test_what_each_thing_is_counted_per_is_never_dropped() -> None:
    assert unread("sheds", "average rent per window", SHEDS)


def test_words_that_are_spelled_rightly_are_no_slips() -> None:
    assert {"three", "sends", "small"} <= dictionary("en")
    schema, _ = table("sheds", SHEDS)
    words, slips = corrected(tokens("averge rent that three sheds sends"), schema, english())
    assert slips == (("averge", "average"),)
    assert [word.text for word in words][3:] == ["three", "sheds", "sends"]


def test_a_language_without_a_list_of_words_has_none() -> None:
    assert dictionary("xx") == frozenset()
