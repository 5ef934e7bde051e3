"""Words that turn the meaning of a question are kept, or it is not understood."""

import pytest

from promptiq.exact.lexicon import english
from promptiq.exact.reading.question import read
from tests.promptiq.exact.asking import table, unread, values

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
