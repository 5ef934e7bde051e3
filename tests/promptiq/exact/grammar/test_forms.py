"""The forms of plans: figures, groups, best ones, shares, comparisons, lists."""

import pytest

from tests.promptiq.exact.asking import planned, values

CURRENCIES = "sale,amount,currency\ns1,100,EUR\ns2,120,USD\ns3,80,USD\ns4,9000,JPY\n"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("median total", ("202.4",)),
        ("standard deviation of total", ("216.7340101",)),
        ("correlation between quantity and total", ("-0.1345262635",)),
        ("average total by category", ("Furniture: 358.1", "Supplies: 189.3333", "Lighting: 160.75")),
        ("averge total by categry", ("Furniture: 358.1", "Supplies: 189.3333", "Lighting: 160.75")),
        ("top 2 cities by total", ("York: 986", "Selby: 894")),
        ("which customer spent the most?", ("Mason Foods: 894",)),
        ("which order has the highest unit price?", ("O-1002", "O-1003", "O-1012")),
        ("highest total in each category", ("Furniture: 894", "Supplies: 295", "Lighting: 245")),
        ("how many different customers are there?", ("6",)),
        ("what percentage of orders were returned?", ("16.6667%",)),
        ("how many more orders are from Leeds than York?", ("1",)),
        ("did we have fewer orders in January 2024 than in March 2024?", ("no",)),
        ("did we have fewer orders in March 2024 than in January 2024?", ("yes",)),
        ("growth of total from January 2024 to March 2024", ("-15.04587156%",)),
        ("total in January 2024 versus March 2024", ("545", "463")),
        ("which customers have placed more than 2 orders?", ("Hartley Mills",)),
        ("how many customers have placed more than 2 orders?", ("1",)),
        ("show orders over 290", ("O-1002", "O-1007", "O-1012")),
        ("total of O-1003", ("149",)),
        ("are there any orders from Hull?", ("yes",)),
        ("how many orders per city and channel?", (
            "Leeds, web: 4", "York, phone: 2", "York, web: 2", "Hull, shop: 1", "Hull, web: 1",
            "Leeds, shop: 1", "Selby, phone: 1")),
    ],
)  # fmt: skip
def test_what_is_computed(question: str, expected: tuple[str, ...]) -> None:
    assert sorted(values("orders", question)) == sorted(expected)


def test_the_best_row_of_each_group() -> None:
    text = "dept,employee,salary\nHR,Ona,50\nHR,Pit,60\nIT,Quy,80\nIT,Rik,70\nOps,Sol,40\nOps,Tom,45\n"
    assert values("salaries", "who has the highest salary in each dept?", text) == ("Pit", "Quy", "Tom")


def test_amounts_of_several_currencies_are_not_added() -> None:
    found = values("sales", "total amount", CURRENCIES)
    assert sorted(found) == ["EUR: 100", "JPY: 9000", "USD: 200"]
    assert values("sales", "total amount in USD", CURRENCIES) == ("200",)


def test_rows_of_sums_are_left_out() -> None:
    text = "land,menge\nOslo,10\nBern,20\nRom,5\nTotal,35\n"
    assert values("t", "total menge", text) == ("35",)
    assert values("t", "which land has the highest menge?", text) == ("Bern",)


def test_spellings_that_differ_in_case_are_one_group() -> None:
    text = "id,region,amount\n1,North,1\n2,NORTH,2\n3,north ,3\n4,South,4\n5,North,5\n"
    assert values("sales", "amount by region", text) == ("North: 11", "South: 4")
    assert values("sales", "how many different regions are there?", text) == ("2",)


@pytest.mark.parametrize(
    "question", ["median town", "average town", "hello", "what is the weather like today?"]
)
def test_what_cannot_be_computed_has_no_answer(question: str) -> None:
    assert not hasattr(planned("subscribers", question), "operation")


VISITS = "visit,age,price,status,city\n" + "".join(
    f"V{n},{18 + n * 7 % 60},{n * 13.5},{'cancelled' if n % 3 else 'done'},{'Leeds' if n % 4 else 'York'}\n"
    for n in range(12)
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many visits by age in groups of 20", ("20-39: 6", "60-79: 3", "40-59: 2", "0-19: 1")),
        ("which age group of 20 has the most visits", ("20-39: 6",)),
        ("visits by price in steps of 100", ("0 to under 100: 8", "100 to under 200: 4")),
        ("total price per age band of 40 years", ("0-39: 486", "40-79: 405")),
    ],
)
def test_numbers_are_grouped_by_bins(question: str, expected: tuple[str, ...]) -> None:
    assert values("visits", question, VISITS) == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many visits were cancelled, and of those how many were in York?", ("8", "2")),
        ("How many visits are from Leeds? How many of those were cancelled?", ("9", "6")),
        ("Are there any visits from York, and how many?", ("3",)),
    ],
)
def test_a_second_count_is_of_the_rows_of_the_first(question: str, expected: tuple[str, ...]) -> None:
    assert values("visits", question, VISITS) == expected


def test_a_second_step_over_what_is_no_count_is_not_guessed() -> None:
    question = "what is the average price, and of those how many were happy?"
    assert not hasattr(planned("visits", question, VISITS), "operation")
