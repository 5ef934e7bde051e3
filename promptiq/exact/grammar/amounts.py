"""Figures and what they are computed of: numeric columns, rows, distinct things."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from promptiq.exact.grammar.draft import (
    Draft,
    header_stems,
    is_date,
    is_group,
    is_held,
    is_name,
    is_place,
)
from promptiq.exact.grammar.nouns import counts_rows, is_topic, people_are_rows, says_number
from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.plans import Group, Minus, Operation, Plan, Reading
from promptiq.exact.reading.cells import is_prose
from promptiq.exact.reading.headers import NUMBERED, ColumnChoice, headers
from promptiq.exact.reading.question import Item

# Those that each group may have, too, by their words.
FIGURES = {operation.value: operation for operation, entry in OPERATIONS.items() if entry.grouped}


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: an operation on columns.

    `columns`: () if rows are counted. `over`: the column by whose sum it is divided. `at`: the quantile, in
    percent.
    """

    operation: Operation
    columns: tuple[str, ...] = ()
    over: str = ""
    at: str = ""


def joined(draft: Draft, first: int, second: int) -> bool:
    """Whether only "and" or a comma separates two items."""
    if first < 0:
        return False
    between = {item.text for item in draft.items[first + 1 : second]}
    if not between:
        # Two adjacent nouns are one thing, unless a comma separates them.
        last = draft.items[first].text.split()[-1]
        return bool(re.search(rf"{re.escape(last)}\S*\s*,", draft.question.text, re.IGNORECASE))
    return between <= {"and", "or", "the", "a", "also", "plus", "their", "its", "of", "&"}


def counted_at(draft: Draft, place: int, item: Item, of_rows: bool = False) -> Figure | None:
    """The figure that counts what an item names: rows or distinct things. `of_rows`: only rows."""
    if of_rows and not counts_rows(draft, item):
        return None
    if item.says("ask", "people") and people_are_rows(draft):
        draft.use("rows", place)
        return Figure(Operation.COUNT)
    if item.says("ask", "people") and any(each.text == "never" for each in draft.items):
        # Finding people who never did something needs all rows of each person.
        draft.hopeless = True
        return None
    if item.says("ask", "people") and (name := _people(draft)):
        draft.use("counted", place)
        return Figure(Operation.COUNT, (name,))
    if counts_rows(draft, item):
        draft.use("rows", place)
        draft.use("distinct", *draft.said("distinct"))
        return Figure(Operation.COUNT)
    if place in draft.date_items:
        draft.use("date", place)
        return Figure(Operation.COUNT)
    if item.columns and is_date(draft.schema.get(item.columns[0].name)):
        return None
    if not item.columns or item.says("op") or item.says("text"):
        return None
    if _is_text(draft, item.columns[0].name):
        return Figure(Operation.COUNT)
    if name := thing(draft, item):
        draft.use("counted", place)
        draft.use("distinct", *draft.said("distinct"))
        column = draft.schema.get(name)
        unique = not column.masked and column.distinct >= draft.schema.rows
        return Figure(Operation.COUNT) if unique else Figure(Operation.COUNT, (name,))
    return None


def _is_text(draft: Draft, name: str) -> bool:
    """Whether a column has texts, which are counted by their rows: "how many comments mention oil"."""
    held = is_held(name, "prose", draft.lexicon) or bool(draft.said("text"))
    return is_prose(draft.schema.get(name)) or (held and not draft.said("distinct"))


def _people(draft: Draft) -> str | None:
    """The column of people if rows are something else, such as payslips, of which a person has many."""
    found = draft.columns_that(
        lambda column: column.reading is Reading.TEXT and is_held(column.name, "who", draft.lexicon)
        and not column.masked and 0 < column.distinct < 0.9 * draft.schema.rows
        and not is_held(column.name, "firm", draft.lexicon)
    )  # fmt: skip
    return found[0] if len(found) == 1 else None


def thing(draft: Draft, item: Item) -> str | None:
    """The column of things that a noun names. Names are preferred to identifiers."""
    if is_topic(draft, item):
        return None
    options = [
        each for each in item.columns
        if is_name(draft.schema.get(each.name)) and draft.schema.get(each.name).flags is None
        and each.score >= item.columns[0].score - 0.3
    ]  # fmt: skip
    if options and says_number(item) and draft.schema.get(options[0].name).identifier:
        return options[0].name
    if options and not draft.schema.get(options[0].name).identifier:
        options = [each for each in options if each.score >= options[0].score - 0.06]
    if not options:
        options = draft.fitting(item, is_group)
    options = [each for each in options if each.score >= 0.5 and not _is_of_a_kind(draft, each)]
    if not options:
        return None
    named = [each.name for each in options if not draft.schema.get(each.name).identifier]
    told = [name for name in named if is_held(name, "label", draft.lexicon)]
    names = told or named or [each.name for each in options]
    return draft.choose(f"thing:{item.start}", names)


# A match below this is with another word for a part of the header.
LOOSE = 0.65


def _is_of_a_kind(draft: Draft, choice: ColumnChoice) -> bool:
    """Whether the noun only says by another word what a header tells the kind of: payments are not the cells
    of Expense Type.
    """
    own = header_stems(choice.name, draft.lexicon) - draft.lexicon.holders["label"] - NUMBERED
    return choice.score < LOOSE and len(own) > 1


def plan_of(figure: Figure, base: Plan) -> Plan:
    """The plan that computes one figure over the rows of `base`."""
    made = replace(base, operation=figure.operation, columns=figure.columns, at=figure.at)
    return replace(made, says=("normal", "not normal")) if figure.operation is Operation.NORMAL else made


def group_of(figure: Figure, column: str, **more: object) -> Group | None:
    """The same figure for each group. None if groups cannot have it."""
    measure = figure.operation.value
    if measure not in (*FIGURES, "count"):
        return None
    of = figure.columns[0] if figure.columns else ""
    return Group(column, measure, of, over=figure.over, **more)  # type: ignore[arg-type]


def adds_up(draft: Draft, name: str) -> bool:
    """Whether the sum of a column has a meaning. Sums of rates or ages have none, and those of prices only
    where each row is one thing.
    """
    return (
        isinstance(name, Minus) is False
        and not draft.schema.get(name).of_day
        and not draft.schema.get(name).percent
        and not is_place(draft, (name,))
        and (is_held(name, "amounts", draft.lexicon) or not _is_averaged(draft, name))
        and not {"unit", "per"} & {word.text for form in headers(name) for word in form}
    )


def _is_averaged(draft: Draft, name: str) -> bool:
    said = header_stems(name, draft.lexicon) & draft.lexicon.holders["averaged"]
    if said <= draft.lexicon.holders["priced"]:
        return bool(said) and any(
            is_held(each.name, "quantity", draft.lexicon) for each in draft.schema.columns
        )
    return True
