"""Cells that a question tells by another name of their country, or by how they are spelled."""

from __future__ import annotations

from pathlib import Path

import pytest

from governance.policies import Access, ColumnAccess, IndexTreatment
from promptiq.exact import THRESHOLD, Plan, Result, Schema, describe, plan, settle
from promptiq.exact.countries import countries_in, country_of
from promptiq.exact.plans import Compare, Filter
from promptiq.exact.words import key
from tests.promptiq.exact.tables import open_schema, written

STATES = "shop,state\nNorth,DE\nSouth,CA\nEast,IN\nWest,GA\nHill,DE\n"


@pytest.mark.parametrize(
    ("called", "code"),
    [
        ("Germany", "DE"), ("German", "DE"), ("Britain", "GB"), ("UK", "GB"),
        ("the Netherlands", "NL"), ("Dutch", "NL"), ("Ivory Coast", "CI"), ("South Korea", "KR"),
        ("USA", "US"), ("Leeds", None),
    ],
)  # fmt: skip
def test_countries_have_many_names(called: str, code: str | None) -> None:
    assert country_of(key(called.removeprefix("the "))) == code


def test_cells_are_codes_in_capitals_or_names() -> None:
    cells = {cell: [cell] for cell in ("DE", "GER", "DEU", "Allemagne", "it", "IT")}
    assert countries_in("where", cells) == {
        "DE": {"DE": "DE", "GER": "GER", "DEU": "DEU", "Allemagne": "Allemagne"},
        "IT": {"IT": "IT"},
    }
    assert countries_in("what", {"NO": ["NO"], "maybe": ["maybe"], "later": ["later"]}) == {}


def test_codes_of_states_are_no_countries(tmp_path: Path) -> None:
    assert made("How many shops are in Germany?", written(tmp_path, "shops", STATES)) is None
    named = written(tmp_path, "named", STATES.replace("state", "country"))
    assert made("How many shops are in Germany?", named) == (Filter("country", Compare.IS, ("DE",)),)


def made(question: str, parquet: Path, schema: Schema | None = None) -> tuple[Filter, ...] | None:
    """The conditions of what is computed; None where nothing is sure enough."""
    schema = schema or open_schema(parquet)
    found = plan(question, schema)
    if not isinstance(found, Plan):
        return None
    result = settle(found, schema, parquet, Access(()), view_pii=True)
    sure = isinstance(result, Result) and result.confidence >= THRESHOLD
    return result.made.filters if isinstance(result, Result) and sure else None


PEOPLE = "name,town,remark\n" + "".join(
    f"{name},{town},{remark}\n"
    for name, town, remark in (
        ("Ada", "York", "asked for anna@post.example"), ("Abel", "Hull", "abroad"),
        ("Bea", "York", "at home"), ("Cleo", "Hull", "busy"), ("Dov", "Bath", "away"),
        ("Eve", "Bath", "asleep"),
    )
)  # fmt: skip


def test_how_masked_cells_are_spelled_is_not_known(tmp_path: Path) -> None:
    parquet = written(tmp_path, "people", PEOPLE)
    masked = Access(
        (
            ColumnAccess("name", True, IndexTreatment.MASK, ("PII.Sensitive",)),
            ColumnAccess("town", False, IndexTreatment.INDEX, ()),
            ColumnAccess("remark", False, IndexTreatment.INDEX, ()),
        )
    )
    schema = describe(parquet, masked)
    assert made("How many names start with A?", parquet, schema) is None
    assert made("How many towns start with Y?", parquet, schema) == (Filter("town", Compare.IS, ("York",)),)
    remarks = made("How many remarks start with A?", parquet, schema)
    assert remarks is None, "not all of them are known"


SQUAD = "player,team,lead,points\n" + "".join(
    f"{player},{team},{lead},{points}\n"
    for player, team, lead, points in (
        ("Abe", "Bulls", "Ann", 12), ("Al", "Bulls", "Ann", 4), ("Bo", "Hawks", "Cy", 9),
        ("Cal", "Bulls", "Cy", 7), ("Dan", "Hawks", "Ann", 3),
    )
)  # fmt: skip


@pytest.mark.parametrize(
    ("question", "conditions"),
    [
        ("How many players started with the Bulls?", (Filter("team", Compare.IS, ("Bulls",)),)),
        ("How many players start with a vowel?", None),
        ("How many players start with A or B?", None),
        ("How many players start with the letter A?", (Filter("player", Compare.IS, ("Abe", "Al")),)),
    ],
)
def test_only_letters_and_beginnings_are_spellings(
    tmp_path: Path, question: str, conditions: tuple[Filter, ...] | None
) -> None:
    assert made(question, written(tmp_path, "squad", SQUAD)) == conditions


def test_one_table_may_write_a_country_in_several_ways(tmp_path: Path) -> None:
    clients = written(tmp_path, "clients", "client,country\na,Germany\nb,DE\nc,Deutschland\nd,USA\ne,US\n")
    (condition,) = made("How many clients are from Germany?", clients) or ()
    assert set(condition.values) == {"Germany", "DE", "Deutschland"}


def test_a_state_beside_its_country_is_no_country() -> None:
    cells = {cell: cell.split(", ") for cell in ("Dover, DE, USA", "Gary, IN, USA", "Toronto, ON, Canada")}
    assert set(countries_in("location", cells)) == {"US", "CA"}


def test_the_name_is_that_of_whom_the_question_is_about(tmp_path: Path) -> None:
    text = "customer_name,product_name\nAnna,Tea\nBob,Apple\nDi,Axe\nAl,Soap\n"
    sales = written(tmp_path, "sales", text)
    of_customers = (Filter("customer_name", Compare.IS, ("Anna", "Al")),)
    assert made("How many customers have a name that starts with A?", sales) == of_customers
