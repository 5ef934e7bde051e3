"""Numbers, dates and times as people write them in cells and questions."""

from decimal import Decimal
from pathlib import Path

import pytest

from governance.policies import Access
from promptiq.exact.dates import cell_date, cell_seconds, find_dates
from promptiq.exact.executor import run
from promptiq.exact.numbers import cell_number, durations, find_numbers
from promptiq.exact.plans import Compare, Filter, Operation, Plan, Reading, Result, Role
from promptiq.exact.question import is_measure
from promptiq.exact.words import tokens
from tests.promptiq.exact.tables import TABLES, open_schema, written


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,234 km", "1234"),
        ("12 (3)", "12"),
        ("1st", "1"),
        ("2=", "2"),
        ("−6.5", "-6.5"),
        ("+39.1%", "39.1"),
        ("899 854", "899854"),
        ("£3.20", "3.20"),
        ("10–12", "10"),
        ("1998–99", "1998"),
        (".287", "0.287"),
    ],
)
def test_cells_that_begin_with_a_number_are_read_as_it(cell: str, number: str) -> None:
    assert cell_number(cell) == Decimal(number)


@pytest.mark.parametrize("cell", ["", "n/a", "Kings", "no. 5", "+2 laps behind the leaders of the race", "-"])
def test_other_cells_are_no_numbers(cell: str) -> None:
    assert cell_number(cell) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("six", 6), ("twenty five", 25), ("at least 3", 3), ("6,000", 6000), ("2 million", 2_000_000),
        ("three hundred", 300), ("19.4%", "19.4"), ("a dozen", 12), ("1:10:00", 4200), ("the 3rd", 3),
    ],
)  # fmt: skip
def test_numbers_in_questions(text: str, value: int | str) -> None:
    (span,) = find_numbers(tokens(text))
    assert span.value == Decimal(value)


def test_one_is_no_number_where_it_stands_for_a_thing() -> None:
    assert find_numbers(tokens("which one is the one")) == []
    assert find_numbers(tokens("fifth"))[0].ordinal


def test_dates_in_questions_and_cells() -> None:
    (span,) = find_dates(tokens("on the 5th of march 2007"))
    assert (span.day, span.month, span.year) == (5, 3, 2007)
    assert find_dates(tokens("who may march")) == []
    assert cell_date("12 March 2016 [2]") is not None
    assert cell_date("Kings 12") is None
    assert cell_seconds("1:45:58.5") == 6358.5
    assert cell_seconds("3:2") is None


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [("7:45 p.m.", 71100), ("12:30 am", 1800), ("12:05 PM", 43500), ("11:59:30 a.m.", 43170), ("7:45", 465)],
)
def test_a_time_of_day_is_after_or_before_noon(tmp_path: Path, cell: str, seconds: int) -> None:
    assert cell_seconds(cell) == seconds
    parquet = written(tmp_path, "kickoffs", f"game,kickoff\nfirst,{cell}\nsecond,{cell}\n")
    at = Filter("kickoff", Compare.EQUAL, (str(seconds),), part="seconds")
    counted = run(Plan(Operation.COUNT, (), (at,)), open_schema(parquet), parquet, Access(()), view_pii=True)
    assert isinstance(counted, Result)
    assert counted.values == ("2",)


@pytest.mark.parametrize(
    ("text", "seconds", "clock"),
    [
        ("five minutes", 300, "lasting"),
        ("2 hours and 30 minutes", 9000, "lasting"),
        ("two and a half hours", 9000, "lasting"),
        ("2:20", 140, "short"),
        ("1:10:00", 4200, "full"),
        ("3:00 p.m.", 54000, "day"),
        ("5 pm", 61200, "day"),
    ],
)
def test_times_in_questions(text: str, seconds: int, clock: str) -> None:
    words = tokens(text)
    (span,) = durations(words, find_numbers(words))
    assert (span.value, span.clock) == (seconds, clock)


def test_columns_are_read_by_what_most_cells_hold(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("read")
    schemas = {name: open_schema(written(folder, name, TABLES[name])) for name in TABLES}
    readings = {(t, c.name): (c.reading, c.role) for t, schema in schemas.items() for c in schema.columns}
    assert readings["lighthouses", "Height"] == (Reading.NUMBER, Role.MEASURE)
    assert readings["lighthouses", "Built"] == (Reading.NUMBER, Role.MOMENT)
    assert readings["chess", "Rank"] == (Reading.NUMBER, Role.RANK)
    assert readings["matches", "Date"] == (Reading.DATE, Role.MOMENT)
    assert readings["matches", "Result"] == (Reading.TEXT, Role.ENTITY)
    assert readings["plays", "Running time"][0] is Reading.TIME
    assert readings["receipts", "Price"] == (Reading.NUMBER, Role.MEASURE)


def test_a_first_column_that_counts_the_rows_is_no_measure(tmp_path: Path) -> None:
    rows = "".join(f"{number},{number}\n" for number in range(1, 8))
    schema = open_schema(written(tmp_path, "weeks", "week,fans\n" + rows))
    assert [is_measure(column) for column in schema.columns] == [False, True]
    twice = open_schema(written(tmp_path, "twice", "quantity,item\n" + rows + "7,8\n"))
    assert is_measure(twice.get("quantity"))
