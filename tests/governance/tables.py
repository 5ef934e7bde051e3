"""Tables for the classifier: strings, and the counts that a profile has. All persons are made up."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from governance.classifier import Finding, classify


@dataclass(frozen=True)
class Profile:
    name: str
    type: str
    rows: int
    nulls: int
    distinct: int


def as_table(
    table: dict[str, Sequence[str | None]], types: dict[str, str] | None = None
) -> tuple[pd.DataFrame, list[Profile]]:
    """The sample and a profile for each column; `types` for columns that are not STRING."""
    profiles = [
        Profile(
            name=column,
            type=(types or {}).get(column, "STRING"),
            rows=len(values),
            nulls=sum(value is None for value in values),
            distinct=len({value for value in values if value is not None}),
        )
        for column, values in table.items()
    ]
    return pd.DataFrame(table, dtype=object), profiles


def findings(
    table: dict[str, Sequence[str | None]], name: str = "table", types: dict[str, str] | None = None
) -> dict[str, Finding]:
    """Column name -> what is found."""
    sample, profiles = as_table(table, types)
    return {finding.column: finding for finding in classify(sample, profiles, name)}


def entity(header: str, values: Sequence[str | None], type_: str = "STRING") -> str:
    """What a column is taken for that stands alone in its table."""
    return findings({header: values}, types={header: type_})[header].entity


def many(make: Callable[[random.Random], str], count: int = 60, seed: int = 1) -> list[str]:
    dice = random.Random(seed)
    return [make(dice) for _ in range(count)]


def digits(dice: random.Random, count: int) -> str:
    return "".join(dice.choices("0123456789", k=count))


FIRST = ["Anna", "Peter", "Laura", "James", "Sofia", "Thomas", "Julia", "Michael", "Elena", "David", "Sarah"]
LAST = [
    "Schneider",
    "Garcia",
    "Miller",
    "Rossi",
    "Dubois",
    "Johnson",
    "Novak",
    "Becker",
    "Silva",
    "Jones",
    "Weber",
]


def full_name(dice: random.Random) -> str:
    return f"{dice.choice(FIRST)} {dice.choice(LAST)}"


def email(dice: random.Random) -> str:
    name = f"{dice.choice(FIRST)}.{dice.choice(LAST)}{dice.randint(1, 99)}".lower()
    return f"{name}@example.{dice.choice(['com', 'org', 'de'])}"


def card(dice: random.Random) -> str:
    return with_luhn("4" + digits(dice, 14))


def with_luhn(number: str) -> str:
    """Appends the check digit that makes the number pass."""
    total = 0
    for position, digit in enumerate(reversed(number)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return number + str(-total % 10)


def iban(dice: random.Random) -> str:
    account = digits(dice, 18)
    check = 98 - int(account + "131400") % 97  # DE is 13 14
    return f"DE{check:02d}{account}"


def ssn(dice: random.Random) -> str:
    return f"{dice.randint(1, 665):03d}-{dice.randint(1, 99):02d}-{dice.randint(1, 9999):04d}"


def dni(dice: random.Random) -> str:
    number = dice.randint(10_000_000, 99_999_999)
    return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"


def bsn(dice: random.Random) -> str:
    """A Dutch citizen number: weights 9…2 and -1, modulo 11."""
    while True:
        number = str(dice.randint(10_000_000, 99_999_999))
        total = sum(int(digit) * weight for digit, weight in zip(number, range(9, 1, -1), strict=True)) % 11
        if total < 10:
            return number + str(total)


def ip(dice: random.Random) -> str:
    return ".".join(str(dice.randint(1, 254)) for _ in range(4))


def phone(dice: random.Random) -> str:
    return f"({dice.randint(201, 989)}) {dice.randint(200, 999)}-{digits(dice, 4)}"


def street(dice: random.Random) -> str:
    return f"{dice.randint(1, 999)} {dice.choice(LAST)} {dice.choice(['Street', 'Ave', 'Rd.', 'Lane'])}"


def german_street(dice: random.Random) -> str:
    return f"{dice.choice(LAST)}{dice.choice(['straße', 'weg', 'platz', 'str.'])} {dice.randint(1, 199)}"


def date(dice: random.Random) -> str:
    return f"{dice.randint(1940, 2005)}-{dice.randint(1, 12):02d}-{dice.randint(1, 28):02d}"


def price(dice: random.Random) -> str:
    return f"{dice.randint(1, 999)}.{digits(dice, 2)}"
