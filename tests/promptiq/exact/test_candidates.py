"""What a question may mean, whatever its form, and what speaks for one plan or another."""

from pathlib import Path

import pytest

from governance.policies import IndexTreatment, Rule, effective
from promptiq.exact import Plan, Schema, describe
from promptiq.exact.asking import read_asked
from promptiq.exact.candidates import MAX_CANDIDATES, candidates
from promptiq.exact.features import explained, features, shape
from promptiq.exact.kinds import kind_of
from promptiq.exact.permission import columns_of
from promptiq.exact.planner import all_plans, proposals
from promptiq.exact.plans import Compare, Filter, Operation, Order
from promptiq.exact.question import Question
from tests.promptiq.exact.tables import TABLES, open_schema, written


@pytest.fixture
def lighthouses(tmp_path: Path) -> Schema:
    return open_schema(written(tmp_path, "lighthouses", TABLES["lighthouses"]))


def plans(question: str, schema: Schema) -> list[Plan]:
    reading = Question.read(question, schema)
    return candidates(reading, read_asked(reading))


def test_mentions_are_put_together_in_every_usual_way(lighthouses: Schema) -> None:
    found = plans("how many lighthouses in Wales were built after 1840?", lighthouses)
    wales = Filter("Country", Compare.IS, ("Wales",))
    after = Filter("Built", Compare.MORE, ("1840",))
    conditions = {frozenset(plan.filters) for plan in found if plan.operation is Operation.COUNT}
    assert {frozenset((wales, after)), frozenset((wales,)), frozenset((after,)), frozenset()} <= conditions


def test_no_candidate_comes_twice_and_there_are_not_too_many(lighthouses: Schema) -> None:
    found = plans(
        "which is older, Gull Point or Saltwick, and how many more visitors had the last?", lighthouses
    )
    assert len(found) == len(set(found)) <= MAX_CANDIDATES


def test_the_offered_words_are_the_verdicts(lighthouses: Schema) -> None:
    found = plans("did Gull Point have more or less visitors than The Needle?", lighthouses)
    assert {plan.says for plan in found if plan.operation is Operation.GREATER} == {
        ("more", "less"),
        ("less", "more"),
    }


def test_a_masked_column_is_part_of_a_plan_only_where_it_is_named(tmp_path: Path) -> None:
    parquet = written(tmp_path, "staff", TABLES["staff"])
    tags = dict.fromkeys(("Employee", "Department", "Office", "Hired"), ()) | {"Salary": ("PII.Sensitive",)}
    rule = Rule("PII.Sensitive", IndexTreatment.LEAVE_OUT, True, None, "")
    schema = describe(parquet, effective(tags, [rule]))
    unnamed = plans("who was hired first?", schema)
    assert unnamed
    assert not any("Salary" in columns_of(plan) for plan in unnamed)
    assert any("Salary" in columns_of(plan) for plan in plans("who has the highest salary?", schema))


def test_a_plan_explains_the_mentions_it_stands_for(lighthouses: Schema) -> None:
    reading = Question.read("which lighthouse in Wales is the tallest?", lighthouses)
    wales = Plan(Operation.LOOKUP, ("Name",), (Filter("Country", Compare.IS, ("Wales",)),))
    tallest = Plan(Operation.LOOKUP, ("Name",), order=Order(("Height",), descending=True))
    asked = read_asked(reading)
    assert len(explained(reading, wales)) == 1
    assert "left:value" in features(reading, asked, tallest, {})
    assert "left:value" not in features(reading, asked, wales, {})


def test_what_the_families_propose_is_among_the_plans(lighthouses: Schema) -> None:
    reading = Question.read("what is the height of Saltwick?", lighthouses)
    asked = read_asked(reading)
    rules = proposals(reading, asked)
    assert rules
    assert set(rules) <= set(all_plans(reading, asked, rules))
    assert list(rules.values()) == sorted(rules.values(), reverse=True)
    best = next(iter(rules))
    assert features(reading, asked, best, rules)["rule:best"] == 1


def test_shapes_tell_operations_apart() -> None:
    here = (Filter("a", Compare.IS, ("x",)),)
    assert shape(Plan(Operation.COUNT)) == "count of all"
    assert shape(Plan(Operation.COUNT, (), here)) == "count"
    assert shape(Plan(Operation.LOOKUP, ("b",), here, Order(("c",)))) == "lookup extreme"


def test_kinds_are_told_by_the_cells(tmp_path: Path) -> None:
    text = """who,where,land,since,much,when
Anna Keller,Berlin,Germany,1999,3.5,2020-01-02
Peter Novak,Paris,France,2004,7.25,2021-02-03
Laura Rossi,Rome,Italy,2011,1.5,2022-03-04
"""
    schema = open_schema(written(tmp_path, "kinds", text))
    assert [kind_of(column) for column in schema.columns] == [
        "person",
        "city",
        "country",
        "year",
        "number",
        "date",
    ]
