"""What plans of a question are made of: the columns it may ask for, and the rows its mentions may select."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from promptiq.exact.asking import Asked
from promptiq.exact.choices import number_choices, value_choices
from promptiq.exact.conditions import read_conditions
from promptiq.exact.plans import Filter, Reading, Role, SchemaColumn
from promptiq.exact.question import COLUMN, DATE, NUMBER, ORDINAL, VALUE, Question

Rows = tuple[Filter, ...]

# Sets of conditions, columns to show, and columns to order by, that are looked at.
MAX_SELECTIONS = 10
MAX_SHOWN = 10
MAX_ORDERS = 7


@dataclass(frozen=True, slots=True)
class Material:
    """What plans of one question are made of. `words`: those that are no mentions. `shown`: columns in the
    order in which they are likely asked for. `orders`: columns that rows may be put in order by.
    """

    question: Question
    asked: Asked
    words: frozenset[str]
    selections: tuple[Rows, ...]
    shown: tuple[SchemaColumn, ...]
    orders: tuple[SchemaColumn, ...]


def material_of(question: Question, asked: Asked) -> Material:
    words = frozenset(item for item in question.items if not item.startswith("@"))
    named = [column for item in question.of_kind(COLUMN) for column in question.columns(item)]
    first = [asked.column] if asked.column else []
    # A masked column is part of a plan only where the question names it: it is refused, or computed with.
    others = [column for column in question.schema.columns if not column.masked]
    shown = dict.fromkeys((*first, *named, question.subject(), *others))
    numeric = [
        column
        for column in dict.fromkeys((*named, *others))
        if column.role is not Role.ENTITY and (column.reading is not Reading.TEXT)
    ]
    return Material(
        question,
        asked,
        words,
        tuple(_selections(question, asked)),
        tuple(shown)[:MAX_SHOWN],
        tuple(numeric)[:MAX_ORDERS],
    )


# --- which rows


def _selections(question: Question, asked: Asked) -> Iterator[Rows]:
    """Sets of conditions: as the rules read them, all that is mentioned, each left out in turn, none."""
    before = set(question.used)
    read = read_conditions(
        question, asked.column.name if asked.column else "", {asked.item} if asked.item else set()
    )
    question.used = before
    parts = [*_choices(question)]
    wholes = [_joined(combination) for combination in islice(product(*parts), 6)]
    found = [read.filters, *wholes]
    first = [options[0] for options in parts]
    if len(parts) > 1:
        found += [_joined([*first[:place], *first[place + 1 :]]) for place in range(len(first))]
        found += [option for options in parts for option in options[:2]]
    if len(read.filters) > 1:
        found += [tuple(f for f in read.filters if f is not left) for left in read.filters]
    # "how many rows are there": no condition at all.
    yield from list(dict.fromkeys([*found[: MAX_SELECTIONS - 1], ()]))


def _joined(parts: Sequence[Rows]) -> Rows:
    return tuple(dict.fromkeys(condition for part in parts for condition in part))


def _choices(question: Question) -> Iterator[list[Rows]]:
    """What each mention of a value or number may say of the rows."""
    for item in question.items:
        options: list[Rows] = []
        if item.startswith(VALUE):
            options = [(condition,) for condition in value_choices(question, item)]
        elif item.startswith((NUMBER, ORDINAL, DATE)):
            options = number_choices(question, item)
        if options:
            yield options
