"""What a plan does not say is not answered: words that were taken for something, and dropped."""

import pytest

from promptiq.exact import Plan
from tests.promptiq.exact.asking import planned, unread, values

VISITS = "visit,guest,room,pay_date,paid,tip,fee\n" + "\n".join(
    f"V{n},{guest},{room},2024-0{n}-03,{paid},{tip},{fee}"
    for n, (guest, room, paid, tip, fee) in enumerate(
        [("Ann", "Red", "yes", 2, 30), ("Bo", "Blue", "no", 0, 45), ("Ann", "Blue", "yes", 0, 20),
         ("Cy", "Red", "yes", 5, 65), ("Bo", "Blue", "no", 3, 50), ("Ann", "Red", "yes", 1, 45)], start=1)
)  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        "what does a visit in the Red room cost on average?",  # no list of visits
        "how much more fee than tip was paid in total?",  # no sum of one
        "how many people never paid?",  # visits are no people
        "visits where we got less than we wanted",  # nothing to compare
        "how many visits were there between Ann and Bo?",
        "which visits are about tips?",  # no list of all tips
    ],
)
def test_what_was_dropped_is_no_answer(question: str) -> None:
    assert not isinstance(planned("visits", question, VISITS), Plan)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("what is the largest fee paid by any guest?", ("65",)),
        ("highest fee and which visit", ("65", "V4")),
        ("average tip among visits with a tip", ("2.75",)),
        ("which guest left the most tips?", ("Cy: 5",)),
        ("90th percentile of fee", ("57.5",)),
        ("how many visits were on a Wednesday?", ("2",)),
        ("total fee in the last 2 months of the file", ("95",)),
        ("for each room, which guest comes up most?", ("Blue, Bo: 2", "Red, Ann: 2")),
        ("which guests paid more than 80 in fees in total?", ("Ann", "Bo")),
        ("guests with a tip above 2 on average", ("Cy",)),
        ("how many guests have a fee of more than 80 in total?", ("2",)),
        ("how many visits have a fee above the average?", ("4",)),
        ("difference between the highest and the lowest fee", ("45",)),
        ("average fee for each visit", ("42.5",)),
    ],
)
def test_what_is_said_is_answered(question: str, expected: tuple[str, ...]) -> None:
    assert values("visits", question, VISITS) == expected


def test_an_event_that_no_date_tells_of_is_not_dated_by_another() -> None:
    text = "member,joined,status\n" + "\n".join(
        f"M{n},2024-0{n}-11,{'Cancelled' if n % 3 == 0 else 'Active'}" for n in range(1, 10)
    )
    assert unread("members", "how many members cancelled in March 2024?", text) == ("march 2024",)
    assert values("members", "how many members joined in March 2024?", text) == ("1",)


def test_cells_that_begin_with_all_are_no_rows_of_totals() -> None:
    text = "send,list,editor,clicks\n" + "\n".join(
        f"S{n},{'All readers' if n % 2 else 'New'},{'' if n == 3 else 'Ivo'},{n}" for n in range(1, 9)
    )
    assert values("sends", "how many sends are there?", text) == ("8",)
    assert values("sends", "clicks by list", text) == ("New: 20", "All readers: 16")


def test_prices_are_not_added_up_and_plurals_name_no_price() -> None:
    text = "line,item,qty,unit_price\n" + "\n".join(f"{n},thing {n},{n},{2 * n}" for n in range(1, 9))
    assert values("lines", "how many lines have more than 6 units?", text) == ("2",)
    assert not isinstance(planned("lines", "total price", text), Plan)


def test_amounts_of_several_currencies_are_not_put_in_one_order() -> None:
    text = "sale,amount,currency\n" + "\n".join(
        f"s{n},{n * 100},{'EUR' if n % 2 else 'JPY'}" for n in range(1, 8)
    )
    assert not isinstance(planned("sales", "which sale has the highest amount?", text), Plan)
    assert values("sales", "which sale in EUR has the highest amount?", text) == ("s7",)


def test_a_phrase_leaves_a_column_its_name() -> None:
    text = "goods,amount\n" + "\n".join(f"oak,{n}" for n in (1, 2, 6))
    assert values("orders", "What is the average amount of orders?", text) == ("3",)


FERRY = "claim,ferry,claimed,delay_min,tank_l,price_gbp,lost,genre,closed\n" + "\n".join(
    f"K{n},{told}"
    for n, told in enumerate(
        ["101,30,4,200,£2.00,no,crime,2024-08-01", "102,20,9,300,£3.50,yes,crime,",
         "101,55,2,250,£1.00,no,poems,", "103,65,5,100,£4.00,no,plays,2024-09-02"], start=1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many ferries were lost", ("1",)),
        ("which genre has the highest share of lost claims?", ("crime: 50%",)),
        ("avg delay by genre", ("crime: 6.5", "plays: 5", "poems: 2")),
        ("total price by genre", ("crime: 5.5", "plays: 4", "poems: 1")),
        ("how many litres of tank in all crime stories", ("500",)),
        ("sum of price in pounds", ("10.5",)),
        ("how many claims have not been closed", ("2",)),
        ("median claimed of crime novels", ("25",)),
    ],
)
def test_what_says_it_again_is_no_loss(question: str, expected: tuple[str, ...]) -> None:
    assert values("ferry_claims", question, FERRY) == expected


@pytest.mark.parametrize(
    "question",
    [
        "sum of price in dollars",  # another unit
        "how many ferries were called off",  # it says what happened to them
        "who wrote K1",  # nobody is in the table
        "how many crime victims were there",  # other things than rows
        "worst delay by genre",  # the greatest or the smallest?
    ],
)
def test_what_may_say_more_is_not_passed_over(question: str) -> None:
    assert not isinstance(planned("ferry_claims", question, FERRY), Plan)


HEADER = "desk,ticket,Max wait (min),wait_avg_min,rate per night,min guests,net €,vat,hour,day,code\n"
DESK = HEADER + "\n".join(
    f"D{n},T{n},{told}"
    for n, told in enumerate(
        ["9,4,20,2,10.5,1.1,07:00,2019-05-01,7002-1677", "8,3,30,4,20.5,2.1,08:00,2020-05-02,7003-1999",
         "7,5,12,6,30.5,3.1,07:00,2021-05-03,7002-1111"], start=1)
)  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        "median wait when the rate is over 15",  # the longest or the average one?
        "desks with stays of more than 4 nights",  # a rate per night counts no nights
        "desks that take at most 5 minutes",  # the fewest guests are no minutes
        "desks for 6 people or more",  # no column is of people
        "what is the most popular desk?",  # each has one row
        "is there any desk with a wait below 9 minutes?",  # no sum of minutes
        "how many code words are there",  # codes are not added up
    ],
)
def test_what_a_word_cannot_mean_is_not_computed(question: str) -> None:
    assert not isinstance(planned("desks", question, DESK), Plan)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("average of the average wait", ("4",)),
        ("how many desks from 2020 on", ("2",)),
        ("how many desks are there from 2020", ("1",)),
        ("desks with no day date, how many?", ("0",)),
        ("how many desks in the last quarter of 2020", ("0",)),
        ("average rate per hour", ("8:00:00: 30", "7:00:00: 16")),
        ("correlation between max wait and the vat", ("-1",)),
    ],
)
def test_what_a_word_means_is_computed(question: str, expected: tuple[str, ...]) -> None:
    assert values("desks", question, DESK) == expected
