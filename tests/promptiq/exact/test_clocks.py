"""Questions about times of day and durations: in hours, never in bare numbers."""

from __future__ import annotations

import pytest

from promptiq.exact import Plan
from tests.promptiq.exact.asking import planned, values

RIDES = """ride;bike;start;duration
1;A;08:15:00;0:45:12
2;B;09:30:10;1:02:03
3;A;17:45:59;35:20:00
4;C;06:05:00;0:05:30
5;B;23:10:00;0:00:40
"""
# Figures are in seconds; an answer writes them as clocks do.
ASKED = {
    "What is the average duration?": ("26801",),
    "What is the total duration by bike?": ("A: 129912", "B: 3763", "C: 330"),
    "Which ride has the longest duration?": ("3",),
    "How many rides have a duration longer than 10 minutes?": ("3",),
    "How many rides have a duration longer than 1 hour?": ("2",),
    "How many rides have a duration of more than 0:30:00?": ("3",),
    "How many rides have a duration between 30 and 90 minutes?": ("2",),
    "Which ride has a duration of 0:45:12?": ("1",),
    "What is the latest start?": ("83400",),
    "What is the start of ride 3?": ("17:45:59",),
}


@pytest.mark.parametrize("question", ASKED)
def test_times_are_compared_and_added_in_seconds(question: str) -> None:
    assert values("rides", question, RIDES) == ASKED[question]


@pytest.mark.parametrize(
    "question",
    [
        "How many rides have a duration over 10?",
        "How many rides have a duration above 1:30?",
        "What is the total start?",
        "What is the total start by bike?",
        "List the rides with duration greater than start",
    ],
)
def test_what_means_nothing_of_a_time_is_not_answered(question: str) -> None:
    assert not isinstance(planned("rides", question, RIDES), Plan)
