"""Families of questions that hold a row against another: difference, either, next, the same as, more than."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

from promptiq.exact.adjectives import COMPARATIVES
from promptiq.exact.answers import finished
from promptiq.exact.asking import Asked
from promptiq.exact.conditions import read_conditions, value_filter
from promptiq.exact.grading import comparative, compared_column, find_grades, goes_up, order_for, place_order
from promptiq.exact.numbers import plain
from promptiq.exact.plans import (
    FILE_ORDER,
    Compare,
    Filter,
    Group,
    Operation,
    Order,
    Plan,
    Reading,
    Role,
    SchemaColumn,
    Step,
)
from promptiq.exact.question import COLUMN, VALUE, Question


def difference(question: Question, asked: Asked) -> Plan | None:
    matched = question.found(
        r"\bdifference\b|\bhow (?:many|much) (more|fewer|less)\b"
        r"|\bhow (?:much|many) (?:\S+ ){0,2}?(\w+er)\b(?= .*\bthan\b)"
    )
    if not matched or (
        matched[0] != "difference" and not re.search(r"\b(than|compared|to|over)\b", question.text)
    ):
        return None
    if question.found(r"(percentage|percent|goal|point|run) difference") and not question.found("between"):
        return None
    return (
        _of_extremes(question, asked)
        or _of_values(question, matched)
        or _of_places(question)
        or _of_columns(question)
    )


def _of_extremes(question: Question, asked: Asked) -> Plan | None:
    """ "between the highest and the lowest average": the span of the column."""
    grades = find_grades(question)
    if len(grades) != 2 or grades[0].adjective.up == grades[1].adjective.up:
        return None
    order = order_for(question, grades[1], asked) or order_for(question, grades[0], asked)
    if order is None:
        return None
    for item in question.of_kind(COLUMN):
        if any(column.name == order.columns[0] for column in question.all_columns(item)):
            question.use(item)
    if question.schema.get(order.columns[0]).role is Role.ENTITY:
        return None
    return Plan(Operation.SPAN, order.columns, read_conditions(question, order.columns[0], set()).filters)


def two_values(question: Question) -> tuple[Filter, Filter, set[str]] | None:
    """The last two mentions of values of one column, joined by "and", "or", "than", "to"."""
    items = question.of_kind(VALUE)
    for first, second in pairwise(items):
        one, _ = value_filter(question, first)
        other, _ = value_filter(question, second)
        shared = {c.column for c in question.mention(first).values} & {
            c.column for c in question.mention(second).values
        }
        if one.column != other.column and shared:
            one, other = _in_column(question, first, shared), _in_column(question, second, shared)
        if one.column == other.column and one.values != other.values:
            return one, other, {first, second}
    question.used.difference_update(items)
    return None


def _in_column(question: Question, item: str, shared: set[str]) -> Filter:
    choice = next(each for each in question.mention(item).values if each.column in shared)
    return Filter(choice.column, Compare.IS, choice.values)


def _of_values(question: Question, matched: re.Match[str]) -> Plan | None:
    pair = two_values(question)
    if pair is None:
        return None
    one, other, items = pair
    word = next((group for group in matched.groups() if group), "more")
    column, item = _compared(question, word)
    if item:
        question.use(item)
    others = read_conditions(question, column.name if column else "", items).filters
    sides = []
    for side in (one, other):
        if column is None or column.name == one.column or column.role is Role.ENTITY:
            sides.append(Plan(Operation.COUNT, (), (side, *others)))
        elif column.role is Role.MEASURE:
            sides.append(Plan(Operation.SUM, (column.name,), (side, *others)))
        else:
            sides.append(Plan(Operation.MAX, (column.name,), (side, *others)))
    return Plan(Operation.DIFFERENCE, operands=tuple(sides))


_PLACE = r"(first|last|final|@o\d+)\b"


def _of_places(question: Question) -> Plan | None:
    """ "in attendance between the first and the last game": a column's cells in two places of the order."""
    between = question.found(rf"(?<!\S){_PLACE}(?: (?!@o)\S+){{0,3}} (?:and|to)(?: the)? {_PLACE}")
    named = [
        (item, column)
        for item in question.of_kind(COLUMN)
        if (column := question.column(item, Role.MEASURE, Role.MOMENT)) and column.reading is Reading.NUMBER
    ]
    if not between or not named or question.rank() or question.found(r"\b(?:place|position)s?\b"):
        return None
    item, column = named[0]
    question.use(item, between[1], between[2])
    filters = read_conditions(question, column.name, set()).filters
    return Plan(
        Operation.DIFFERENCE,
        operands=tuple(
            Plan(Operation.MAX, (column.name,), filters, _in_place(question, place))
            for place in (between[1], between[2])
        ),
    )


def _in_place(question: Question, place: str) -> Order:
    number = question.mention(place).number if place.startswith("@") else None
    return place_order(question, number is None, skip=int(number.value) - 1 if number else 0)


def _compared(question: Question, word: str) -> tuple[SchemaColumn | None, str]:
    return compared_column(question, tuple(question.of_kind(COLUMN)), word)


def _of_columns(question: Question) -> Plan | None:
    """ "between the finalists and the average in Iowa", "more gold than silver": the same rows."""
    found = [
        (item, column) for item in question.of_kind(COLUMN) if (column := question.column(item, Role.MEASURE))
    ]
    names = list(dict.fromkeys(column.name for _, column in found))
    if len(names) < 2:
        return None
    question.use(*(item for item, _ in found))
    filters = read_conditions(question, "", set()).filters
    sides = tuple(Plan(Operation.SUM, (name,), filters) for name in names[-2:])
    return Plan(Operation.DIFFERENCE, operands=sides)


def either(question: Question, asked: Asked) -> Plan | None:
    """ "who has more silver, Italy or Spain?": the better of the rows named."""
    joined = question.found(
        r"@v\d+(?: \S+)? or (?:\S+ ){0,2}?@v\d+|\bbetween (?:\w+ )?@v\d+ and (?:\w+ )?@v\d+"
    )
    if not joined or asked.form == "count":
        return None
    pair = two_values(question)
    if pair is None:
        return None
    one, other, items = pair
    word = comparative(question.items)
    grades = find_grades(question)
    if word:
        place = question.items.index(word.split()[0])
        column, item = compared_column(question, (*question.items[place:], *question.items[:place]), word)
        if item:
            question.use(item)
        order = Order((column.name,), goes_up(word, column)) if column else None
    elif grades:
        order = order_for(question, grades[0], asked)
    elif first := question.found(r"\b(first|last)\b"):
        order = place_order(question, first[0] == "last")
    else:
        return None
    both = Filter(one.column, Compare.IS, (*one.values, *other.values))
    others = tuple(f for f in read_conditions(question, one.column, items).filters if f.column != one.column)
    if order is None and question.schema.get(one.column).distinct == question.schema.rows:
        return None
    if order is None:
        group = Group(one.column, order="least" if word in {"less", "fewer"} else "most")
        return Plan(Operation.GROUP, (one.column,), (both, *others), group=group)
    return Plan(Operation.LOOKUP, (one.column,), (both, *others), replace(order, limit=1))


def neighbour(question: Question, asked: Asked) -> Plan | None:
    """ "who came after X", "the team listed above X", "the next player besides X"."""
    matched = question.found(
        r"\b(next|after|following|follows|followed|below|under|beneath|before|previous|prior|preceding|preceded|"
        r"precedes|above|previously)\b(?: \S+){0,5}? (@v\d+)"
    )
    if not matched or asked.form in {"count", "yes"} or asked.column is None:
        return None
    if question.found(r"\bbefore and after\b|\bsame\b") or find_grades(question):
        return None
    condition, _ = value_filter(question, matched[2], apart_from=asked.column.name)
    back = matched[1] in {
        "before",
        "previous",
        "prior",
        "preceding",
        "preceded",
        "precedes",
        "above",
        "previously",
    }
    if re.search(r"\bfollowed by (\S+ )?@v", question.text):
        back = True
    if re.search(r"\bpreceded by (\S+ )?@v", question.text):
        back = False
    column = _neighbour_order(question, matched[1])
    others = read_conditions(question, asked.column.name, {matched[2]}).filters
    shown = condition.column if asked.form == "who" and not asked.item else asked.column.name
    return Plan(Operation.LOOKUP, (shown,), (condition, *others), step=Step(column, -1 if back else 1))


def beside_number(question: Question, asked: Asked) -> Plan | None:
    """ "who is listed after rank number 12": beside the row with that number in a column."""
    matched = question.found(
        r"\b(next after|after|before|following|below|above|followed|preceding|previous to) (?:the )?(@c\d+)"
        r"(?: number)? (@n\d+)"
    )
    if not matched or asked.form in {"count", "yes"} or asked.column is None:
        return None
    column = question.column(matched[2], Role.RANK, Role.MEASURE)
    number = question.mention(matched[3]).number
    if column is None or number is None or column is asked.column:
        return None
    question.use(matched[2], matched[3], asked.item)
    back = matched[1] in {"before", "above", "preceding", "previous to"}
    here = Filter(column.name, Compare.EQUAL, (plain(number.value),))
    return Plan(Operation.LOOKUP, (asked.column.name,), (here,), step=Step(FILE_ORDER, -1 if back else 1))


def _neighbour_order(question: Question, word: str) -> str:
    moment = question.moment()
    listed = question.found(r"\b(list|listed|table|chart|above|below|under|rank|ranked|row|beneath)\b")
    return (
        moment.name if moment and not listed and moment.distinct >= 0.8 * question.schema.rows else FILE_ORDER
    )


def same_as(question: Question, asked: Asked) -> Plan | None:
    """ "the same number of titles as X": rows with the cell of another row, and not that row."""
    matched = question.found(
        r"\b(?:same|equal|identical|as many|similar)\b(.*?)\b(?:as|to|with)\b(?: \S+){0,3}? (@v\d+)"
    )
    if not matched:
        return None
    of, _ = value_filter(question, matched[2])
    between = tuple(item for item in matched[1].split() if item.startswith(COLUMN))
    column = next((c for item in between if (c := question.column(item)) and c.name != of.column), None)
    question.use(*between)
    if column is None:
        column = question.total() or (question.measures()[0] if len(question.measures()) == 1 else None)
    if column is None:
        return None
    skip = {matched[2], *(item for item in question.of_kind(VALUE) if item == matched[2])}
    others = tuple(f for f in _apart(question, asked, skip, of) if f.column not in (column.name,))
    filters = (
        Filter(column.name, Compare.SAME_AS, other=(of,)),
        replace(of, negated=True),
        *others,
    )
    return finished(question, asked, filters)


def _apart(question: Question, asked: Asked, skip: set[str], of: Filter) -> tuple[Filter, ...]:
    conditions = read_conditions(question, asked.column.name if asked.column else "", skip).filters
    return tuple(f for f in conditions if f.column != of.column)


def more_than(question: Question, asked: Asked) -> Plan | None:
    """ "more gold medals than Kenya": rows compared with the cell of another row."""
    words = "|".join(sorted(COMPARATIVES))
    matched = question.found(
        rf"\b({words})\b((?: \S+){{0,6}}?) (?:than|compared to|then)\b(?: (?!@)\S+){{0,3}} (@v\d+)"
    )
    if not matched or (asked.form == "yes" and len(question.of_kind(VALUE)) > 1):
        return None
    between = tuple(matched[2].split())
    word = comparative((matched[1], *between))
    column, item = compared_column(question, between, word)
    if column is None or column is asked.column:
        column, item = compared_column(question, tuple(question.of_kind(COLUMN)), word)
    of, _ = value_filter(question, matched[3], apart_from=column.name if column else "")
    if column is None or column.name == of.column:
        return None
    if item:
        question.use(item)
    compare = Compare.MORE if goes_up(word, column) else Compare.LESS
    others = _apart(question, asked, {matched[3]}, of)
    return finished(question, asked, (Filter(column.name, compare, other=(of,)), *others))


def beyond(question: Question, asked: Asked) -> Plan | None:
    """ "how many games before X", "how many were listed after Y": rows on one side of another row."""
    matched = question.found(
        r"\b(before|after|above|below|since|prior to|following)\b(?: (?!@)\S+){0,4} (@v\d+)"
    )
    if not matched or asked.form != "count":
        return None
    of, _ = value_filter(question, matched[2], apart_from=asked.column.name if asked.column else "")
    compare = Compare.MORE if matched[1] in {"after", "below", "since", "following"} else Compare.LESS
    column = _neighbour_order(question, matched[1])
    others = read_conditions(question, "", {matched[2]}).filters
    return finished(question, asked, (Filter(column, compare, other=(of,)), *others))
