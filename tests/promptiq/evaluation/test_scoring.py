"""What counts as a right answer."""

import pytest

from promptiq.evaluation.scoring import Answered, ScoredQuestion, is_right, reliability, score


@pytest.mark.parametrize(
    ("said", "expected", "right"),
    [
        (["1234"], ["1,234"], True),
        (["0.287"], [".287"], True),
        (["39.1"], ["+39.1%"], True),
        (["Mexico (MEX)"], ["mexico"], True),
        (["B", "A"], ["A", "B"], True),
        (["A"], ["A", "B"], False),
        (["A", "B"], ["A"], False),
        (["12"], ["13"], False),
        ([], ["A"], False),
        (["Bath: 61.5"], ["Bath=61.5"], True),
        (["Bath: 61.5"], ["Bath"], True),
        (["Bath: 61.5"], ["Bath=60"], False),
        (["33.33%"], ["33.3333"], True),
    ],
)
def test_what_counts_as_right(said: list[str], expected: list[str], right: bool) -> None:
    assert is_right(said, expected) is right


def said(answers: tuple[tuple[str, ...], ...], *values: str, confidence: float = 1.0) -> Answered:
    asked = ScoredQuestion("t", "q", answers)
    return Answered(asked, values, "answered" if values else "abstained", "exact", confidence)


def test_abstaining_is_not_answering() -> None:
    result = score([said((("1",),), "1"), said((("1",),))])
    assert (result.accuracy, result.precision) == (0.5, 1.0)


@pytest.mark.parametrize("gold", ["ASK", "REFUSE", "WARN: EUR 1, USD 2"])
def test_where_nothing_can_be_said_silence_is_right_and_a_figure_wrong(gold: str) -> None:
    assert said(((gold,),)).right
    assert not said(((gold,),), "3").right
    assert said((("0",), (gold,)), "0").right


def test_answers_are_told_by_their_confidence() -> None:
    answers = [said((("1",),), "1", confidence=0.96), said((("1",),), "2", confidence=0.6), said((("1",),))]
    assert list(reliability(answers)) == [(0.5, 0.7, 1, 0.0), (0.95, 1.0, 1, 1.0)]
