"""Rows as the text that is embedded: what a policy keeps out of the index never enters it."""

from datetime import date

from governance.policies import Access, IndexTreatment, Rule, effective
from promptiq.index.rendering import CELL_CHARACTERS, indexed_columns, masked_columns, render

RULES = [
    Rule("PII.Sensitive", IndexTreatment.INDEX, masked=True, retain_days=None, note=""),
    Rule("Site.Internal", IndexTreatment.LEAVE_OUT, masked=False, retain_days=None, note=""),
    Rule("Site.Open", IndexTreatment.INDEX, masked=False, retain_days=None, note=""),
]


def access(**tags: list[str]) -> Access:
    return effective(tags, RULES)


def test_only_columns_that_everyone_may_see_are_indexed() -> None:
    """Even where a policy for a masked column asks for its values in the index."""
    tagged = access(goods=[], email=["PII.Sensitive"], cost=["Site.Internal"], colour=["Site.Open"])
    assert indexed_columns(tagged) == ["goods", "colour"]
    assert indexed_columns(access(colour=["Site.Open", "PII.Sensitive"])) == []


def test_masked_columns_enter_by_name_only() -> None:
    tagged = access(goods=[], email=["PII.Sensitive"], cost=["Site.Internal"])
    assert masked_columns(tagged) == ["email"]
    assert render({"goods": "oak table"}, masked_columns(tagged)) == "goods oak table, email masked"
    assert render({"goods": None}, masked_columns(tagged)) == ""


def test_a_row_reads_as_names_and_values_in_order() -> None:
    row = {"goods": "oak table", "weight": 12.5, "since": date(2024, 2, 29), "note": None, "in stock": False}
    assert render(row) == "goods oak table, weight 12.5, since 2024-02-29, in stock False"


def test_a_row_of_empty_cells_has_no_text() -> None:
    assert render({"goods": None, "note": None}) == ""
    assert render({}) == ""


def test_long_cells_are_cut() -> None:
    text = render({"note": "x" * (CELL_CHARACTERS + 1)})
    assert text == "note " + "x" * CELL_CHARACTERS
