"""Families of questions about one set of rows: superlatives, places, first and last, runs, groups, plain."""

from __future__ import annotations

from typing import Literal

from promptiq.exact.adjectives import EITHER_WAY
from promptiq.exact.answers import conditions_of, finished, lookup
from promptiq.exact.asking import Asked, asks_measure
from promptiq.exact.comparisons import two_values
from promptiq.exact.conditions import Conditions, read_conditions
from promptiq.exact.grading import comparative, compared_column, find_grades, goes_up, order_for, place_order
from promptiq.exact.plans import (
    Compare,
    Filter,
    Group,
    Operation,
    Order,
    Plan,
    Role,
)
from promptiq.exact.question import COLUMN, Question, is_measure
from promptiq.exact.vocabulary import AMOUNTS, PAYING

# Superlatives of how many rows there are, where no column is graded: "the best" is not who has most.
MANY = frozenset({"most", "least", "fewest", "greatest", "largest", "smallest", "highest", "lowest", "top"})
# "hired before her": where a column says when.
_BESIDE_A_ROW = r"\b(before|after) (?:the )?@v"
_IN_TIME = {"before": "earlier", "after": "later"}


def superlative(question: Question, asked: Asked) -> Plan | None:
    grades = find_grades(question)
    if not grades or asked.form == "yes":
        return None
    grade = grades[-1] if question.found(r"\bbut (who|which|what)\b") else grades[0]
    order = order_for(question, grade, asked)
    conditions = conditions_of(question, asked)
    if asked.form == "count" and asked.item and grade.limit > 1 and asks_measure(asked):
        question.use(asked.item)
        return Plan(Operation.SUM, (asked.column.name,), conditions.filters, order)  # type: ignore[union-attr]
    if order is None and grade.word in MANY:
        return _most_rows(question, asked, grade.adjective.up, grade.limit, conditions)
    if order is None:
        return None
    question.use(asked.item)
    extreme = order.columns[0]
    if asked.column is None or (asked.column.name == extreme and order.skip == 0 and order.limit == 1):
        if question.schema.get(extreme).role is Role.ENTITY:
            return None
        if asked.form in {"who", "which"} and asked.column is None:
            return Plan(Operation.LOOKUP, (question.subject().name,), conditions.filters, order)
        # The cell as it is written, with its unit, rather than the number read from it.
        return Plan(Operation.LOOKUP, (extreme,), conditions.filters, order)
    if question.schema.get(extreme).role is Role.ENTITY:
        return None
    if asked.form == "count" and not asks_measure(asked):
        return None
    return lookup(question, asked, conditions, order)


def _most_rows(question: Question, asked: Asked, up: bool, limit: int, conditions: Conditions) -> Plan | None:
    """ "which team appears the most": the value that most rows have; of who "spent the most", the sums."""
    column = asked.column
    if column is None or is_measure(column) or column.distinct == question.schema.rows:
        return None
    order: Literal["most", "least"] = "most" if up else "least"
    group = Group(column.name, order=order, limit=limit)
    paying = question.worded(PAYING)
    amount = question.hinted(AMOUNTS, Role.MEASURE)
    if paying and amount and not question.found(r"\b(?:often|times|frequently)\b"):
        question.use(*paying)
        group = Group(column.name, "sum", amount.name, order=order, limit=limit)
    question.use(asked.item)
    return Plan(Operation.GROUP, (column.name,), conditions.filters, group=group)


def ranked(question: Question, asked: Asked) -> Plan | None:
    """ "came in last in C", "ranks first in C", "finished third": a place in the order of a column."""
    matched = question.found(
        r"\b(?:came|come|comes|finish|finished|finishes|rank|ranked|ranks|place|placed|places|@c\d+)"
        r"(?: in)?(?: the)? (@o\d+|last)(?: place)?(?: (?:in|for|by|with)(?: the)?)? ?(?:\S+ ){0,2}?(@c\d+)?"
    )
    if not matched or asked.form in {"count", "yes"} or asked.column is None:
        return None
    item = matched[2] or ""
    column = question.column(item, Role.MEASURE) if item and item != asked.item else None
    last = matched[1] == "last"
    place = 1 if last else int(question.mention(matched[1]).number.value)  # type: ignore[union-attr]
    before = question.items[question.items.index(matched[1]) - 1]
    rank = question.rank()
    is_rank = before.startswith(COLUMN) and question.column(before, Role.RANK)
    question.use(matched[1], item, before if is_rank else "", asked.item)
    conditions = conditions_of(question, asked)
    if column:
        order = Order((column.name,), not last, skip=place - 1)
        return lookup(question, asked, conditions, order)
    if rank is None:
        return None
    if last:
        return lookup(question, asked, conditions, Order((rank.name,), True))
    filters = (*conditions.filters, Filter(rank.name, Compare.EQUAL, (str(place),)))
    return lookup(question, asked, Conditions(filters), None)


def first_or_last(question: Question, asked: Asked) -> Plan | None:
    matched = question.found(r"(?<!\S)(last|final|@o\d+)\b(?: (@n\d+))?")
    if not matched or asked.form == "yes" or asked.column is None:
        return None
    last = not matched[1].startswith("@")
    if question.found(rf"{matched[1]} (place|prize|half|round|name|time|quarter)\b"):
        return None
    number = question.mention(matched[1]).number if not last else None
    limit_number = question.mention(matched[2]).number if matched[2] else None
    question.use(matched[1], matched[2] or "", asked.item)
    order = place_order(
        question,
        last,
        limit=int(limit_number.value) if limit_number else 1,
        skip=int(number.value) - 1 if number else 0,
    )
    conditions = conditions_of(question, asked)
    if asked.form == "count" and not asks_measure(asked):
        return None
    if asked.form == "count":
        return Plan(Operation.SUM, (asked.column.name,), conditions.filters, order)
    return lookup(question, asked, conditions, order)


def consecutive(question: Question, asked: Asked) -> Plan | None:
    if asked.form != "count" or not question.found(r"\b(consecutive|consecutively|in a row|straight)\b"):
        return None
    conditions = conditions_of(question, asked)
    if not conditions.filters:
        return None
    question.use(asked.item)
    return Plan(Operation.RUN, (), conditions.filters)


def holds(question: Question, asked: Asked) -> Plan | None:
    """ "did Kenya win more gold than Ghana?", "is X listed in Y?", "are there any in Leeds?"."""
    offered = question.found(EITHER_WAY)
    if asked.form != "yes" or (not offered and question.found(r"@v\d+(?: \S+)? or ")):
        return None
    if (word := _comparing_word(question, offered[1] if offered else "")) and (pair := two_values(question)):
        says = (offered[1], offered[2]) if offered else ("yes", "no")
        return _held_against(question, word, says, *pair)
    conditions = conditions_of(question, asked)
    if len(conditions.filters) < (1 if question.found(r"\b(there|any)\b") else 2):
        return None
    return Plan(Operation.HOLDS, (), conditions.filters)


def _comparing_word(question: Question, offered: str) -> str:
    """`offered`: the first of two words that the question offers, "" where it offers none."""
    word = offered or comparative(question.items)
    if not word and (timed := question.found(_BESIDE_A_ROW)):
        word = timed[1]
    return _IN_TIME.get(word, word)


def _held_against(
    question: Question, word: str, says: tuple[str, str], one: Filter, other: Filter, items: set[str]
) -> Plan | None:
    """Whether the first has more. `says`: the words for true and for false."""
    column, item = compared_column(question, tuple(question.items), word)
    if column is None:
        return None
    question.use(item)
    others = tuple(f for f in read_conditions(question, "", items).filters if f.column != one.column)
    operation = Operation.SUM if column.role is Role.MEASURE else Operation.MAX
    sides = tuple(Plan(operation, (column.name,), (side, *others)) for side in (one, other))
    return Plan(Operation.GREATER, operands=sides if goes_up(word, column) else sides[::-1], says=says)


def having(question: Question, asked: Asked) -> Plan | None:
    """ "how many teams appear at least twice", "which countries have more than 2 riders"."""
    matched = question.found(
        r"(?:(at least|more than|less than|fewer than|over|exactly|only) )?(once|twice|@n\d+)"
        r"(?: or more| times|$| @c\d+| \w+s\b)"
    )
    column = asked.column
    if (
        not matched
        or column is None
        or column.role is not Role.ENTITY
        or column.distinct == question.schema.rows
    ):
        return None
    times = {"once": "1", "twice": "2"}.get(matched[2])
    if times is None:
        number = question.mention(matched[2]).number
        nouns = question.items[question.index(matched[2]) + 1 :][:1]
        counted = bool(nouns) and (
            nouns[0] in {"times", "time"}
            or (nouns[0].startswith(COLUMN) and question.column(nouns[0], Role.ENTITY) is not None)
        )
        if number is None or not counted:
            return None
        times = str(number.value)
        question.use(matched[2], *nouns)
    compares = {"at least": Compare.AT_LEAST, "more than": Compare.MORE, "over": Compare.MORE,
                "less than": Compare.LESS, "fewer than": Compare.LESS}  # fmt: skip
    compare = compares.get(matched[1] or "", Compare.EQUAL)
    if "or more" in matched[0]:
        compare = Compare.AT_LEAST
    question.use(asked.item, matched[2])
    conditions = conditions_of(question, asked)
    group = Group(column.name, having=compare, threshold=times, counted=asked.form == "count")
    return Plan(Operation.GROUP, (column.name,), conditions.filters, group=group)


def plain_question(question: Question, asked: Asked) -> Plan | None:
    """Counts, sums, averages and lookups over the rows that the conditions select."""
    if asked.form == "yes":
        return None
    conditions = conditions_of(question, asked)
    return finished(question, asked, conditions.filters)
