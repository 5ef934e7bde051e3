"""Plans run over a file: what is shown of them, what they reach, what stops them."""

from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from governance.policies import Access
from promptiq.exact import Ambiguous, Plan, Result, TooSlow, in_words, looked_up, plan, run
from promptiq.exact.database import opened
from promptiq.exact.plans import Compare, Filter, Operation, Order, Step, Uncomputable
from promptiq.exact.schema import MAX_VALUES
from tests.promptiq.exact.tables import CHESS, LIGHTHOUSES, open_schema, written

OPEN = Access(())


@pytest.fixture
def lighthouses(tmp_path: Path) -> Path:
    return written(tmp_path, "lighthouses", LIGHTHOUSES)


def computed(parquet: Path, made: Plan) -> Result:
    result = run(made, open_schema(parquet), parquet, OPEN, view_pii=True)
    assert isinstance(result, Result)
    return result


def test_an_answer_says_what_was_computed_over_how_many_rows(lighthouses: Path) -> None:
    schema = replace(open_schema(lighthouses), title="lighthouses")
    made = plan("how many lighthouses in Wales were built after 1840?", schema)
    assert isinstance(made, Plan)
    result = computed(lighthouses, made)
    assert result.values == ("1",)
    assert result.rows == (4,)
    assert result.coverage == "computed over 6 of 6 rows"
    assert result.plan == "count of rows where Built > 1840 and Country is Wales"
    assert duckdb.sql(result.sql.replace("FROM data", f"FROM '{lighthouses}'")).fetchall() == [(1,)]


def test_rows_beside_a_row_in_the_file_and_in_time(lighthouses: Path) -> None:
    here = (Filter("Name", Compare.IS, ("Old Tom",)),)
    in_file = Plan(Operation.LOOKUP, ("Name",), here, step=Step("_row", 1))
    in_time = Plan(Operation.LOOKUP, ("Name",), here, step=Step("Built", 1))
    assert computed(lighthouses, in_file).values == ("Saltwick",)
    assert computed(lighthouses, in_time).values == ("Bell Rock East",)
    assert "then 1 after it by Built" in in_words(in_time)


def test_the_best_few_take_in_what_ties_with_the_last_of_them(tmp_path: Path) -> None:
    parquet = written(tmp_path, "chess", CHESS)
    top = Plan(Operation.LOOKUP, ("Player",), order=Order(("Pts",), descending=True, limit=3))
    assert len(computed(parquet, top).values) == 4
    third = replace(top, order=Order(("Pts",), descending=True, skip=2))
    assert computed(parquet, third).rows == (3, 4)


def test_values_and_names_enter_the_statement_as_such(tmp_path: Path) -> None:
    text = """Na"me'; DROP,Count\nO'Brien' OR '1'='1,3\nplain,4\n"""
    parquet = written(tmp_path, "quotes", text)
    schema = open_schema(parquet)
    name = schema.columns[0].name
    made = Plan(Operation.SUM, ("Count",), (Filter(name, Compare.IS, ("O'Brien' OR '1'='1",)),))
    assert computed(parquet, made).values == ("3",)


def test_no_other_file_can_be_read(lighthouses: Path, tmp_path: Path) -> None:
    other = tmp_path / "secret.csv"
    other.write_text("a\n1\n", encoding="utf-8")
    with opened(lighthouses) as database:
        for statement in (
            f"FROM '{other}'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
        ):
            with pytest.raises(Uncomputable):
                database.rows(statement)
    assert not (tmp_path / "out.csv").exists()


def test_what_takes_too_long_is_stopped(lighthouses: Path) -> None:
    with opened(lighthouses, deadline=0.2) as database, pytest.raises(TooSlow):
        database.rows(
            "SELECT count(*) FROM range(100000) a, range(1000000) b WHERE hash(a.range + b.range) = 1"
        )


def test_a_value_that_two_columns_hold_alike_is_asked_back(tmp_path: Path) -> None:
    text = "Match,Winner,Loser\n1,Ash,Elm\n2,Elm,Oak\n3,Oak,Elm\n4,Ash,Oak\n"
    made = plan("how many rows have Elm?", open_schema(written(tmp_path, "trees", text)))
    assert isinstance(made, Ambiguous)
    assert made.meanings == ("count of rows where Winner is Elm", "count of rows where Loser is Elm")


def test_of_columns_too_long_to_keep_the_named_values_are_looked_up(tmp_path: Path) -> None:
    lines = [f"customer x{number}q,{number % 7}" for number in range(MAX_VALUES + 500)]
    parquet = written(tmp_path, "long", "Customer,Orders\n" + "\n".join(lines) + "\n")
    schema = open_schema(parquet)
    question = f"how many orders does customer x{MAX_VALUES + 400}q have?"
    assert not schema.get("Customer").complete
    made = plan(question, looked_up(schema, question, parquet))
    assert isinstance(made, Plan)
    assert computed(parquet, made).values == (str((MAX_VALUES + 400) % 7),)
