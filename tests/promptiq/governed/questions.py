# ruff: noqa: E501 - a question and what comes of it are read in one line
"""Questions with what each of the two must get: every outcome, and the value where it is computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.promptiq.governed.tables import CUSTOMERS, PRICE, SHIFTS, Customer, card, customer, reference

PEOPLE = [customer(number) for number in range(CUSTOMERS)]


@dataclass(frozen=True)
class Expected:
    """`values`: of a computed answer; None where only the outcome is looked at."""

    outcome: str
    values: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Asked:
    """`about`: "customers", "shifts", "merger", or "" for all. `closed`: while the index is being rebuilt."""

    text: str
    about: str
    owner: Expected
    viewer: Expected
    closed: bool = False


def computed(*values: object) -> Expected:
    return Expected("answered", tuple(str(value) for value in values))


LOOKUP, MASKED = Expected("answered"), Expected("masked")
REFUSED, ABSENT = Expected("not_permitted", ()), Expected("not_found", ())
UNINDEXED, UNKNOWN = Expected("not_indexed", ()), Expected("abstained")


def both(text: str, about: str, expected: Expected, closed: bool = False) -> Asked:
    return Asked(text, about, expected, expected, closed)


def where(test: Callable[[Customer], bool]) -> list[Customer]:
    return [person for person in PEOPLE if test(person)]


def spent(people: list[Customer]) -> int:
    return sum(person.spent for person in people)


def average(people: list[Customer]) -> str:
    return f"{spent(people) / len(people):.10g}"


LEEDS, YORK = where(lambda p: p.city == "Leeds"), where(lambda p: p.city == "York")
RICHEST, FIRST = PEOPLE[-1], PEOPLE[0]
WARD = [number for number in range(SHIFTS) if number % 3 == 0]

OPEN = [
    both("How many customers are there?", "customers", computed(CUSTOMERS)),
    both("How many customers are in Leeds?", "customers", computed(len(LEEDS))),
    both("How many customers are in Whitby?", "customers", computed(1)),
    both("What is the total spent in York?", "customers", computed(spent(YORK))),
    both("What is the average spent?", "customers", computed(average(PEOPLE))),
    both("What is the highest spent?", "customers", computed(RICHEST.spent)),
    both("What is the lowest spent in Leeds?", "customers", computed(min(p.spent for p in LEEDS))),
    both("How many customers have the tier gold?", "customers", computed(len(where(lambda p: p.tier == "gold")))),
    both(
        "How many customers spent more than 1500?", "customers", computed(len(where(lambda p: p.spent > 1500)))
    ),
    both(
        "How many visits did customers in Hull make in total?", "customers",
        computed(sum(p.visits for p in PEOPLE if p.city == "Hull")),
    ),
    both("How many different cities are there?", "customers", computed(4)),
    both("What are the different tiers?", "customers", computed("gold", "silver", "bronze")),
    both("How many rows have the department kitchen?", "shifts", computed(100)),
    both("What is the total of hours in the ward?", "shifts", computed(sum(n % 8 + 1 for n in WARD))),
    both("What is the average hours?", "shifts", computed(f"{sum(n % 8 + 1 for n in range(SHIFTS)) / SHIFTS:.10g}")),
    both("Which department has shift 12?", "shifts", computed("ward")),
    both("What is the reference of shift 12?", "shifts", computed(reference(12))),
    both("How many rows have the department garden?", "shifts", computed(100)),
    both("How many customers in Leeds?", "", computed(len(LEEDS))),
    both("What is the total spent in Hull?", "", computed(spent(where(lambda p: p.city == "Hull")))),
]  # fmt: skip
MASKED_FOR_VIEWERS = [
    Asked("Which customer has the highest spent?", "customers", computed(RICHEST.customer_name), REFUSED),
    Asked("What is the email of the customer with the highest spent?", "customers", computed(RICHEST.email), REFUSED),
    Asked("What is the phone of the customer in Whitby?", "customers", computed(FIRST.phone), REFUSED),
    Asked("Who has the card number " + PEOPLE[9].card_number + "?", "customers", Expected("answered"), REFUSED),
    Asked("What is the card number of the customer in Whitby?", "customers", computed(FIRST.card_number), REFUSED),
    Asked("When was the customer in Whitby born?", "customers", Expected("answered"), REFUSED),
    Asked("How many different emails are there?", "customers", computed(CUSTOMERS), REFUSED),
    Asked("What is the earliest birth date?", "customers", computed(FIRST.birth_date), REFUSED),
    Asked("List all emails", "customers", Expected("answered"), REFUSED),
    Asked("Show me the phones of customers in Hull", "customers", Expected("answered"), REFUSED),
    Asked("Which rows are about a wooden table?", "customers", LOOKUP, MASKED),
    Asked("notes on a paper lantern", "customers", LOOKUP, MASKED),
    Asked("Which rows are about tea in the evening?", "shifts", LOOKUP, MASKED),
    Asked("guests who played chess with the others", "shifts", LOOKUP, MASKED),
    Asked("What is the reference of shift 7?", "shifts", computed(reference(7)), Expected("masked", ("••••",))),
    Asked("What is the reference of shift 17?", "shifts", computed(reference(17)), Expected("masked", ("••••",))),
    Asked("What is the confidential of shift 7?", "shifts", Expected("answered"), REFUSED),
    Asked(f"Which shift has the reference {reference(27)}?", "shifts", Expected("answered"), REFUSED),
    Asked(f"Which shift has the reference {card(31)}?", "shifts", Expected("answered"), REFUSED),
    Asked("How many missing values are there in the email column?", "customers", computed(0), REFUSED),
    Asked("What is the correlation between spent and birth date?", "customers", UNKNOWN, REFUSED),
    Asked("How many customers have the email anna@nowhere.example?", "customers", UNKNOWN, REFUSED),
]  # fmt: skip
BEYOND = [
    Asked("What is the total price?", "merger", computed(sum(PRICE + n for n in range(20))), ABSENT),
    Asked("How many milestones are there?", "merger", computed(20), ABSENT),
    Asked("Which rows are about a counterparty?", "merger", LOOKUP, ABSENT),
    Asked("Which party has the highest price?", "merger", Expected("answered"), ABSENT),
    both("Which rows are about a wooden table?", "customers", UNINDEXED, closed=True),
    both("notes on a paper lantern", "customers", UNINDEXED, closed=True),
    both("How many customers are in Leeds?", "customers", computed(len(LEEDS)), closed=True),
    Asked("What is the email of the customer in Whitby?", "customers", computed(FIRST.email), REFUSED, closed=True),
    both("How many kilometres is it from the moon to the fridge?", "customers", UNKNOWN),
    both("What is the median of the tide in March?", "customers", UNKNOWN),
    both("How many zebras per lamp post?", "shifts", UNKNOWN),
    both("What is the correlation of rain and joy?", "shifts", UNKNOWN),
    both("How many mountains are taller than the tower?", "", UNKNOWN),
    Asked("Which rows are about a steel kettle?", "customers", LOOKUP, MASKED),
    Asked("Which rows are about a long book?", "shifts", LOOKUP, MASKED),
    Asked("somebody who was weary and wanted a hot drink", "", LOOKUP, MASKED),
    both("How much did customers with the tier silver spend?", "customers",
         computed(spent(where(lambda p: p.tier == "silver")))),
    both("What is the average spent in Leeds?", "customers", computed(average(LEEDS))),
    both("What is the highest visits?", "customers", computed(9)),
    both("Are there any outliers in the visits column? If so, how many?", "customers", computed(0)),
    both("How many customers have more than 5 visits?", "customers", computed(len(where(lambda p: p.visits > 5)))),
]  # fmt: skip
QUESTIONS = [*OPEN, *MASKED_FOR_VIEWERS, *BEYOND]
