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
