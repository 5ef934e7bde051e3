"""Families of questions about groups: "average spent by city", "which product has the highest average"."""

from __future__ import annotations

import re
from typing import Literal

from promptiq.exact.asking import COUNTED_ROWS, Asked
from promptiq.exact.conditions import Conditions, read_conditions
from promptiq.exact.grading import find_grades
from promptiq.exact.plans import Group, Measure, Operation, Plan, Reading, Role, SchemaColumn
from promptiq.exact.question import COLUMN, VALUE, Question, is_measure
from promptiq.exact.vocabulary import ADDED_UP, AMOUNTS, PAYING
from promptiq.exact.words import key

_EACH = (
    r"\b(?:(?:grouped|broken down|split|divided) by|by|per|across"
    r"|(?:(?:for|in|of|at|from|on|by) )?(?:each|every))"
)
_BY = re.compile(rf"{_EACH}(?: (?:the|each|every|different|single|individual))*(?: (@[cv]\d+|year|month))")
Part = Literal["", "year", "month"]
Order = Literal["most", "least"]
_PARTS: dict[str, Part] = {"year": "year", "month": "month"}
_WORDS = frozenset({"by", "per", "each", "every", "across", "grouped", "broken", "split", "divided", "down"})
_STATISTICS: tuple[tuple[str, Measure], ...] = (
    (r"\b(average|mean)\b", "average"),
    (r"\bmedian\b", "median"),
    (r"\b(percentage|percent|share|proportion|fraction)\b", "share"),
    (r"\b(total|sum|combined|altogether|overall|how much)\b", "sum"),
)
_EXTREMES: tuple[tuple[str, Measure], ...] = (
    (r"\b(maximum|max|highest|largest|greatest|biggest|most)\b", "max"),
    (r"\b(minimum|min|lowest|smallest|least)\b", "min"),
)


def grouped(question: Question, asked: Asked) -> Plan | None:
    """Every group with its figure."""
    found = _grouping(question)
    if not found or asked.form == "yes":
        return None
    column, part, words = found
    grades = find_grades(question)
    statistic = _statistic(question)
    if grades and statistic:
        return None
    items = {word for word in words if word.startswith((COLUMN, VALUE))}
    question.use(*words)
    conditions = read_conditions(question, asked.column.name if asked.column else "", {*items, asked.item})
    measures = _measures(question, items, conditions)
    extreme = next((kind for pattern, kind in _EXTREMES if question.found(pattern)), None)
    if len(measures) > 1 or (extreme and not measures):
        return None
    if extreme:
        question.use(*(grade.word for grade in grades))
    if measures:
        of, item = measures[0]
        question.use(item)
        measure = statistic or extreme or "sum"
        if measure == "average" and not part and _names_rows(question, column):
            # One row for each: the average "per customer" is that of all rows.
            return Plan(Operation.AVERAGE, (of.name,), conditions.filters)
        return _plan(Group(column.name, measure, of.name, figures=True, part=part), conditions)
    of_name = _counted(question, asked, items)
    if of_name is None or statistic not in (None, "share", "sum"):
        return None
    measure = "share" if statistic == "share" else "count"
    if measure == "share" and of_name:
        return None
    return _plan(Group(column.name, measure, of_name, figures=True, part=part), conditions)


def graded_group(question: Question, asked: Asked) -> Plan | None:
    """ "which product has the highest average price": the group whose figure is the greatest."""
    grades, statistic = find_grades(question), _statistic(question)
    column = asked.column
    if len(grades) != 1 or column is None or not asked.item or statistic not in ("average", "median", "sum"):
        return None
    if not _groupable(column) or _names_rows(question, column) or question.total():
        return None
    (grade,) = grades
    question.use(asked.item, *_statistic_words(question))
    conditions = read_conditions(question, column.name, {asked.item})
    measures = _measures(question, {asked.item}, conditions)
    if len(measures) != 1 or grade.skip:
        return None
    of, item = measures[0]
    question.use(item)
    order: Order = "most" if grade.adjective.up else "least"
    return _plan(Group(column.name, statistic, of.name, order=order, limit=grade.limit), conditions)


def best_period(question: Question, asked: Asked) -> Plan | None:
    """ "which month had the most orders", "in which year was the average price the highest"."""
    grades, column = find_grades(question), asked.column
    if column is None or column.reading is not Reading.DATE or len(grades) != 1 or grades[0].skip:
        return None
    part = _PARTS.get(question.words_of(asked.item) if asked.item else asked.noun, "")
    if not part:
        return None
    if not (column.native or _has_years(column)):
        return None
    (grade,) = grades
    question.use(asked.item, *question.items_of(column))
    conditions = read_conditions(question, column.name, {asked.item})
    found = _figure(question, asked, conditions)
    if found is None:
        return None
    order: Order = "most" if grade.adjective.up else "least"
    return _plan(Group(column.name, *found, order=order, limit=grade.limit, part=part), conditions)


def _has_years(column: SchemaColumn) -> bool:
    return all(re.search(r"\d{4}", value) for value in column.values[:50] if re.search(r"\d", value))


def _figure(question: Question, asked: Asked, conditions: Conditions) -> tuple[Measure, str] | None:
    """What periods are held against each other by, and of which column: "" of a count of rows."""
    statistic = _statistic(question)
    measures = _measures(question, {asked.item}, conditions)
    if len(measures) > 1:
        return None
    if measures:
        of, item = measures[0]
        question.use(item)
        adds_up = bool(set(key(of.name).split()) & ADDED_UP) and "single" not in question.items
        return (statistic or "sum", of.name) if statistic or adds_up else None
    if paying := question.worded(PAYING):
        question.use(*paying, *question.of_kind(COLUMN))
        amount = question.hinted(AMOUNTS, Role.MEASURE)
        return ("sum", amount.name) if amount else None
    counted = _counted(question, asked, {asked.item})
    return None if counted is None or statistic else ("count", counted)


def best_groups(question: Question, asked: Asked) -> Plan | None:
    """ "top 3 products by sales", where a product has several rows: the sums are held against each other."""
    matched = question.found(
        r"\b(top|best|bottom|worst) (@n\d+) (@c\d+) by(?: (?:the|total|overall))* (@c\d+)"
    )
    if not matched:
        return None
    column, of = question.column(matched[3]), question.column(matched[4])
    number = question.mention(matched[2]).number
    if not (column and of and number and _groupable(column) and is_measure(of)):
        return None
    if _names_rows(question, column):
        return None
    question.use(*matched.groups(), "by")
    conditions = read_conditions(question, column.name, set(matched.groups()))
    order: Order = "most" if matched[1] in {"top", "best"} else "least"
    group = Group(column.name, "sum", of.name, order=order, limit=int(number.value))
    return _plan(group, conditions)


def _plan(group: Group, conditions: Conditions) -> Plan:
    return Plan(Operation.GROUP, (group.column,), conditions.filters, group=group)


def _grouping(question: Question) -> tuple[SchemaColumn, Part, tuple[str, ...]] | None:
    """The column of the groups, the part of its dates that is equal, and the words that say so."""
    for matched in _BY.finditer(question.text):
        said = matched[1]
        words = (*(word for word in matched[0].split() if word in _WORDS), said)
        unit = question.words_of(said) if said.startswith(VALUE) else said
        if unit in _PARTS and (dates := question.dates()):
            return dates[0], _PARTS[unit], (*words, *question.items_of(dates[0]))
        if not said.startswith(COLUMN):
            continue
        column = question.column(said)
        after = question.items[question.index(said) + 1 :][:1]
        if column is None or not _groupable(column) or (after and after[0][:2] in ("@v", "@n", "@d")):
            continue
        if column.reading is Reading.DATE:
            return column, _PARTS.get(question.words_of(said), ""), words
        return column, "", words
    return None


def _groupable(column: SchemaColumn) -> bool:
    return column.role in (Role.ENTITY, Role.MOMENT)


def _names_rows(question: Question, column: SchemaColumn) -> bool:
    """Whether each row has a cell of its own."""
    return not column.masked and column.distinct >= question.schema.rows


def _statistic(question: Question) -> Measure | None:
    return next((kind for pattern, kind in _STATISTICS if question.found(pattern)), None)


def _statistic_words(question: Question) -> list[str]:
    return [found[0] for pattern, _ in _STATISTICS for found in re.finditer(pattern, question.text)]


def _measures(question: Question, skip: set[str], conditions: Conditions) -> list[tuple[SchemaColumn, str]]:
    """The measures that are named outside of the conditions; explains the words of the statistic."""
    question.use(*_statistic_words(question))
    used = {condition.column for condition in conditions.filters}
    found: dict[str, tuple[SchemaColumn, str]] = {}
    for item in question.of_kind(COLUMN):
        column = question.column(item)
        if item not in skip and column and is_measure(column) and column.name not in used:
            found.setdefault(column.name, (column, item))
    return list(found.values())


def _counted(question: Question, asked: Asked, skip: set[str]) -> str | None:
    """What is counted in each group: "" the rows, a column its distinct cells; None where nobody can tell."""
    if question.found(r"\b(how much|amount of)\b"):
        return None
    for item in question.of_kind(COLUMN):
        column = question.column(item)
        if item in skip or item in question.used or column is None or column.role is not Role.ENTITY:
            continue
        question.use(item)
        return "" if column.masked or _names_rows(question, column) else column.name
    if asked.noun in COUNTED_ROWS or any(word in COUNTED_ROWS for word in question.items):
        return ""
    return None
