"""Conditions that questions put on rows."""

import pytest

from promptiq.exact import Plan
from promptiq.exact.plans import Compare, Filter
from tests.promptiq.exact.asking import planned, table, unread, values

ITEMS = "item,stock,price,active\n" + "\n".join(
    f"item {n},{n},{n * 1.5},{'yes' if n % 2 else 'no'}" for n in range(1, 21)
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many items have stock > 12?", "8"),
        ("how many items have price <= 6?", "4"),
        ("how many items with stock >= 10 and price < 20?", "4"),
        ("how many items have a stock between 3 and 7?", "5"),
        ("how many items have at least 15 stock?", "6"),
        ("how many items have stock = 5?", "1"),
        ("how many items have stock != 5?", "19"),
        ("how many items are active?", "10"),
        ("how many items are not active?", "10"),
        ("how many items are inactive?", "10"),
        ("number of items with price higher than stock", "20"),
    ],
)
def test_numbers_and_flags(question: str, expected: str) -> None:
    assert values("items", question, ITEMS) == (expected,)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("how many orders are from Leeds?", "5"),
        ("how many orders are from Leeds or York?", "9"),
        ("how many orders are not from Leeds?", "7"),
        ("how many furniture orders came over the web?", "1"),
        ("how many orders have the product office chair?", "3"),
        ("orders not returned", "10"),
        ("how many orders did Hartley Mills place?", "3"),
    ],
)
def test_cells(question: str, expected: str) -> None:
    assert values("orders", question) == (expected,)


def test_empty_and_filled_cells() -> None:
    assert values("subscribers", "how many members have no last visit?") == ("1",)
    assert values("subscribers", "how many members have a last visit?") == ("7",)
    assert values("subscribers", "how many members have a remark that mentions payer?") == ("1",)


def test_a_name_that_several_cells_have_a_part_of_is_asked_about() -> None:
    text = "order,customer\n1,Kestle Systems\n2,Kestle Media\n3,Brook Foods\n4,Vale Inn\n5,Oak Home\n"
    made = planned("orders", "how many orders from Kestle?", text)
    assert not isinstance(made, Plan)
    assert made is not None
    assert getattr(made, "meanings", ()) == (
        "count of rows where customer is Kestle Systems",
        "count of rows where customer is Kestle Media",
    )


def test_no_word_is_dropped() -> None:
    assert unread("orders", "how many late orders are there?") == ("late",)
    assert unread("subscribers", "what percentage of members in Colne complained?") == ("complained",)
    assert unread("subscribers", "total spent by region") == ("region",)


def test_masked_columns_have_no_cells_to_be_found() -> None:
    schema, _ = table("orders")
    assert all(column.values for column in schema.columns)
    made = planned("orders", "how many orders are from Leeds?")
    assert isinstance(made, Plan)
    assert made.filters == (Filter("city", Compare.IS, ("Leeds",)),)


def test_a_number_is_a_year_only_where_the_table_has_such_years() -> None:
    text = "customer,born,spent\nAda,1951-03-20,1400\nBen,1962-01-05,1510\nCid,1970-07-09,1620\n"
    assert values("customers", "How many customers spent more than 1500?", text) == ("2",)
    lamps = "lighthouse,built,height\nNorth,1720,30\nSouth,1910,40\nWest,1750,20\n"
    assert values("lighthouses", "How many lighthouses were built before 1740?", lamps) == ("1",)


def test_an_article_in_a_long_header_is_no_name_of_it() -> None:
    text = "name,city,spent,follow_the_list_of_values\nAda,York,10,1\nBen,York,20,2\nCid,Hull,5,3\n"
    assert values("people", "What is the total spent in York?", text) == ("30",)


def test_a_total_is_no_other_word_for_a_table_of_values() -> None:
    text = "name,city,spent\nAda,York,10\nBen,York,20\nCid,Hull,5\n"
    assert values("people; all values", "What is the total spent in York?", text) == ("30",)
    assert values("people; all values", "How many people are in York?", text) == ("2",)


ROOMS = "booking_id,room type,request,paid by,rate\n" + "\n".join(
    f"{n},{room},{request},{by},{rate}"
    for n, (room, request, by, rate) in enumerate(
        [("Double", "quiet room", "card", 90), ("Double", "late key", "app", 110), ("Single", "", "cash", 60),
         ("Suite", "quiet room", "card", 200), ("Double", "", "cash", 100)], start=1)
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("average rate of the double rooms", ("100",)),  # no request for a quiet room
        ("number of bookings not paid by card and not by app", ("2",)),
        ("highest rate on a booking paid by cash", ("100",)),  # no booking is asked for
    ],
)
def test_a_word_beside_a_cell_keeps_its_sense(question: str, expected: tuple[str, ...]) -> None:
    assert values("bookings", question, ROOMS) == expected
