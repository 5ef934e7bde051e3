"""Words that turn the meaning of a question are kept, or it is not understood."""

import pytest

from promptiq.exact import Operation, Plan
from promptiq.exact.lexicon import english
from promptiq.exact.reading.question import read
from tests.promptiq.exact.asking import planned, table, unread, values

CARS = """car,maker,price,revenue,Accident-free,discontinued,paid,dealer
C1,Alfa,12000,100,yes,yes,Cash,Ann
C2,Beta,9000,,no,no,Card,Bob
C3,Beta,14500,50,yes,no,Cheque,Ann
C4,Alfa,30000,0,yes,yes,Cash,Cem
C5,Gamma,11000,20,no,no,Card,Ann
C6,Gamma,5000,70,yes,no,Cash,Dan
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("how many cars have a price between 10 and 15 thousand?", ("3",)),
        ("how many cars have a price between 10,000 and 15,000?", ("3",)),
        ("list all discontinued cars", ("C1", "C4")),
        ("Take the Alfa cars: how many of those cost over 20,000?", ("1",)),
        ("how many Alfa cars are there, and of those how many cost over 20,000?", ("2", "1")),
        ("which car has the second highest price?", ("C3",)),
    ],
)
def test_what_is_said_is_in_the_plan(question: str, answer: tuple[str, ...]) -> None:
    assert values("cars", question, CARS) == answer


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("highest price not made in the Alfa", "not"),
        ("how many cars were Cash or barter?", "or"),
        ("how many cars dont have a price", "dont"),
        ("what does Alfa price mean?", "mean"),
        ("how many dealers came only once?", "only once"),
        ("how many cars are currently there", "currently"),
        ("how many cars had an accident", "accident"),
    ],
)
def test_what_is_not_in_the_plan_is_said(question: str, word: str) -> None:
    assert word in unread("cars", question, CARS)


def test_a_word_is_no_code_that_only_has_its_stem() -> None:
    schema, _ = table("countries", "code,country\nNAM,Namibia\nGER,Germany\nFRA,France\n")
    names, nam = (read(word, schema, english()).items[0].cells for word in ("names", "NAM"))
    assert names == ()
    assert nam[0].cells == ("NAM",)


RACES = """driver,race,position,minutes,paid
Ann,Rome,3,120,yes
Ann,Bern,1,90,no
Bob,Rome,7,60,yes
Bob,Bern,2,30,yes
"""


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("what is the highest position of Ann?", ("1",)),
        ("what is the lowest position of Bob?", ("7",)),
        ("what was the best position of Bob", ("2",)),
        ("total minutes of Ann in minutes", ("210",)),
    ],
)
def test_the_best_place_is_the_first(question: str, answer: tuple[str, ...]) -> None:
    assert values("races", question, RACES) == answer


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("total minutes of Ann in hours", "hours"),
        ("is everything paid in Rome?", "everything"),
    ],
)
def test_another_unit_and_more_than_one_row_are_not_passed_over(question: str, word: str) -> None:
    assert word in unread("races", question, RACES)


def test_places_are_not_added_up() -> None:
    made = planned("races", "what position did Ann take", RACES)
    assert not isinstance(made, Plan) or made.operation is not Operation.SUM
