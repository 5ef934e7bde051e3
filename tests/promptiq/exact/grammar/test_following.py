"""Questions that go on from the one before."""

from promptiq.exact import Plan, Unread, follow
from tests.promptiq.exact.asking import planned, table, values

BEFORE = "total of orders from Leeds"


def test_another_value_takes_the_place_of_the_one_before() -> None:
    assert values("orders", "and for York?", before=BEFORE) == ("986",)


def test_a_condition_is_added() -> None:
    assert values("orders", "only in March 2024", before="how many orders are there?") == ("2",)


def test_another_group() -> None:
    assert "Leeds: 956.8" not in values("orders", "by month instead", before="total by city")


def test_the_next_best() -> None:
    assert values("orders", "who came second?", before="which customer spent the most?") == (
        "Northgate School: 520",
    )


def test_what_is_not_understood_is_said() -> None:
    schema, _ = table("orders")
    before = planned("orders", BEFORE)
    assert isinstance(before, Plan)
    made = follow("and for the unicorns in York?", before, schema)
    assert isinstance(made, Unread)
    assert made.words == ("unicorns",)
