"""Headers and values that nobody tuned the classifier to: alone, among people, and among things."""

from __future__ import annotations

import re
from collections.abc import Sequence
from statistics import median
from time import perf_counter

import pytest

from tests.governance import columns, tables
from tests.governance.columns import NOBODY, PERSONAL, Make
from tests.governance.tables import findings, many

SURROUNDINGS: dict[str, tuple[dict[str, Make], dict[str, Make]]] = {
    "alone": ({}, {}),
    "among people": (
        {"Full Name": tables.full_name, "E-mail": tables.email},
        {"birth_date": tables.date},
    ),
    "among things": (
        {"article": columns.shaped("@@-####")},
        {"net_price": columns.decimal(1, 99)},
    ),
}


def type_of(values: Sequence[str]) -> str:
    """As the reader would have typed the column."""
    if all(re.fullmatch(r"-?(?:0|[1-9]\d{0,17})", value) for value in values):
        return "INT"
    if all(re.fullmatch(r"-?\d+\.\d+", value) for value in values):
        return "FLOAT"
    if all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in values):
        return "DATE"
    return "STRING"


@pytest.mark.parametrize("count", [12, 60])
@pytest.mark.parametrize("surroundings", SURROUNDINGS)
@pytest.mark.parametrize("cases", [PERSONAL, NOBODY], ids=["personal", "nobody"])
def test_columns_of_many_kinds(cases: Sequence[columns.Case], surroundings: str, count: int) -> None:
    """Every one must be right: there are enough of them that one rule too eager shows."""
    wrong = []
    for header, make, right in cases:
        before, after = SURROUNDINGS[surroundings]
        makers = {**before, header: make, **after}
        table = {name: many(each, count, seed=count) for name, each in makers.items()}
        types = {name: type_of(values) for name, values in table.items()}
        found = findings(table, types=types)[header].entity
        if found not in right:
            wrong.append(f"{header}: {found}, not {' or '.join(right)}")
    assert wrong == []


SENTENCE = "How comfortable would you be to see somebody of another religion pray in the street"


@pytest.mark.parametrize(
    ("header", "values", "right"),
    [
        (SENTENCE, ["Very comfortable", "Not at all", "Somewhat"], "NONE"),
        ("What is your gender?", ["Male", "Female"], "GENDER"),
        ("races_called", ["81%", "79%", "72%"], "NONE"),
        ("age80", ["0", "1"], "NONE"),
        ("age_at_diagnosis", ["53.7330595", "38.6201232"], "AGE"),
        ("sex", ["Male students", "Female students"], "GENDER"),
        ("birth", ["36.4", "37.3", "42.1"], "NONE"),
        ("name", ["Austria", "Belgium", "Chile", "Denmark", "Estonia", "France"], "LOCATION"),
        ("team1", ["Germany", "Japan", "Brazil", "Chile", "Norway"], "NONE"),
        ("country", ["c1", "c2"], "NONE"),
        ("site", ["Caldicot", "Gloucester Mill", "Ashley Rails", "Isle Thorns"], "NONE"),
        ("lyric_line", ["Walking down the long road", "Nobody knows my name"], "NONE"),
    ],
)
def test_what_real_tables_taught(header: str, values: list[str], right: str) -> None:
    many_values = values * 10
    types = {header: type_of(many_values)}
    assert findings({header: many_values}, types=types)[header].entity == right


def test_a_longitude_is_known_by_the_latitude_beside_it() -> None:
    longs = many(columns.decimal(-120, 120, 4))
    alone = findings({"long": longs}, types={"long": "FLOAT"})
    types = {"long": "FLOAT", "lat": "FLOAT"}
    beside = findings({"lat": many(columns.decimal(-80, 80, 4)), "long": longs}, types=types)
    assert (alone["long"].entity, beside["long"].entity) == ("NONE", "LOCATION")


@pytest.mark.parametrize("header", ["city", "country", "order_status", "product_name", "order_date"])
@pytest.mark.parametrize(
    ("make", "right"),
    [
        (tables.phone, "PHONE"),
        (tables.street, "ADDRESS"),
        (tables.full_name, "PERSON"),
        (columns.shaped("https://www.?????.example/~????"), "URL"),
    ],
)
def test_values_win_over_a_misleading_header(header: str, make: Make, right: str) -> None:
    assert findings({header: many(make)})[header].entity == right


@pytest.mark.slow
def test_a_wide_table_takes_less_than_three_seconds() -> None:
    """100 columns of all kinds at once, 2,000 rows each; half of them in less than 20 ms."""
    cases = [*PERSONAL[:50], *NOBODY[:50]]
    table = {f"{header} {place}": many(make, 2_000) for place, (header, make, _) in enumerate(cases)}
    findings({"warm": many(tables.full_name)})  # word lists are read once for each process
    took = []
    for name, values in table.items():
        started = perf_counter()
        findings({name: values})
        took.append(perf_counter() - started)
    assert median(took) < 0.020
    started = perf_counter()
    findings(table)
    assert perf_counter() - started < 3
