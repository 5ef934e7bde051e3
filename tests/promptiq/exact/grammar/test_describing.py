"""Statistics of whole columns, as people ask for them."""

import pytest

from promptiq.exact import Plan
from tests.promptiq.exact.asking import planned, values

# Prices by day; the last has no volume. Its lows are the highs, but for one.
PRICES = "day,High,Low,Open,max_depth,WAVEHEIGHT,status,volume\n" + "".join(
    f"d{n},{n % 10 + 2},{n % 10 + 1 + (n == 7)},{n % 7},{40 if n == 5 else n % 4},{n % 5},"
    f"{'Low' if n % 2 else 'Fair'},{'' if n > 20 else n}\n"
    for n in range(24)
)
CORRELATION = "0.9977909968"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ('Calculate the correlation coefficient between the "High" and "Low" columns.', (CORRELATION,)),
        ("Find the correlation between the 'High' and 'Low' columns in the prices.csv file", (CORRELATION,)),
        ('Is there any correlation between the "High" and "Low" tide columns? If so, what is the correlation '
         "coefficient?", (CORRELATION,)),
        ('How many missing values are there in the "volume" column?', ("3",)),
        ("how many null values does the volume column have", ("3",)),
        ("Which columns contain missing values?", ("volume: 3",)),
        ("Can you detect any missing values in the dataset? If yes, how many are there for each column?",
         ("volume: 3",)),
        ("Are there any outliers in the max_depth column? If so, how many?", ("1",)),
        ("how many outliers does max_depth have using the 1.5 IQR rule", ("1",)),
        ("Identify the outliers in the max_depth column with a Z-score threshold of 5", ("0",)),
        ("Check if the High column adheres to a normal distribution", ("normal",)),
        ('Is the "max_depth" column normally distributed?', ("not normal",)),
        ("Are there outliers in the wave height column (WAVEHEIGHT)?", ("0",)),
        ("skewness and kurtosis of max_depth", ("4.735153032", "22.89269161")),
        ("How many rows are exact duplicates?", ("0",)),
        ('What is the average of the "Low" column?', ("5.041666667",)),
        ('How many rows have the status "Low"?', ("12",)),
    ],
)  # fmt: skip
def test_what_is_computed(question: str, expected: tuple[str, ...]) -> None:
    assert values("prices", question, PRICES) == expected


def test_a_statistic_is_of_the_rows_that_are_chosen() -> None:
    made = planned("prices", "outliers in max_depth where the status is Fair", PRICES)
    assert isinstance(made, Plan)
    assert [each.column for each in made.filters] == ["status"]


@pytest.mark.parametrize(
    "question",
    [
        "Is the High column normally distributed by the Shapiro-Wilk test?",
        "Remove the outliers of the max_depth column and compute its mean",
        "correlation between High and happiness",
    ],
)
def test_what_is_not_understood_is_not_answered(question: str) -> None:
    assert not isinstance(planned("prices", question, PRICES), Plan)


def test_what_is_counted_is_no_part_of_a_name() -> None:
    text = "name,wind\nPERFECT STORM,40\nIDA,30\nBERTHA,\n"
    assert not isinstance(
        planned("winds", "How many storms have null values in the wind column?", text), Plan
    )


LOANS = (
    "loan,title,borrowed,due,returned\n"
    "L1,Ash,2024-01-02,2024-01-12,2024-01-10\nL2,Elm,2024-01-05,2024-01-15,2024-01-19\n"
    "L3,Oak,2024-02-01,2024-02-11,2024-02-11\nL4,Yew,2024-02-03,2024-02-13,\n"
)
STAYS = "stay,check_out,arrived_on\nS1,2024-03-04,2024-03-01\nS2,2024-04-09,2024-04-05\n"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many loans were returned late?", "1"),
        ("How many loans were returned on time?", "2"),
        ("how many loans came back early", "1"),
        ("On average, how many days pass between borrowing and return?", "10.66666667"),
        ("average time from borrowed to returned", "10.66666667"),
        ("How many loans were returned after the due date?", "1"),
    ],
)
def test_days_between_two_dates_and_what_is_late(question: str, expected: str) -> None:
    assert values("loans", question, LOANS) == (expected,)


@pytest.mark.parametrize(
    "question",
    [
        "What is the average length of a stay in days?",
        "How long do stays last on average, in days?",
        "mean number of days until check out",
    ],
)
def test_of_two_dates_the_later_ends_what_lasts(question: str) -> None:
    assert values("stays", question, STAYS) == ("3.5",)


@pytest.mark.parametrize(
    "question", ["how long is stay S1 for and who made it?", "average length of a loan in days"]
)
def test_a_duration_without_its_ends_is_not_guessed(question: str) -> None:
    name, text = ("stays", STAYS) if "stay" in question else ("loans", LOANS)
    assert not isinstance(planned(name, question, text), Plan)
