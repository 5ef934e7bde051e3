"""From the rows that a question speaks of to its answer: a count, a sum, an average, cells."""

from __future__ import annotations

from promptiq.exact.asking import Asked, asks_measure
from promptiq.exact.conditions import Conditions, read_conditions
from promptiq.exact.plans import (
    Filter,
    Operation,
    Order,
    Plan,
    Role,
    SchemaColumn,
)
from promptiq.exact.question import COLUMN, VALUE, Question, is_measure

_TOTALS = r"\b(total|combined|altogether|together|in all|overall|sum|add|added)\b"
_AVERAGES = r"\b(average|mean|on average)\b"


def conditions_of(question: Question, asked: Asked) -> Conditions:
    skip = {asked.item} if asked.item else set()
    return read_conditions(question, asked.column.name if asked.column else "", skip)


def lookup(question: Question, asked: Asked, conditions: Conditions, order: Order | None) -> Plan:
    column = asked.column or question.subject()
    question.use(asked.item)
    return Plan(
        Operation.LOOKUP, (column.name,), conditions.filters, order, without=_named_part(question, column)
    )


def _named_part(question: Question, column: SchemaColumn) -> str:
    """What a condition has said of the column that is shown: "Canada" of "Canada, Calgary"."""
    for item in question.of_kind(VALUE):
        for choice in question.mention(item).values:
            if choice.column == column.name and choice.part:
                return choice.part
    return ""


def finished(question: Question, asked: Asked, filters: tuple[Filter, ...]) -> Plan | None:
    if asked.form == "yes":
        return Plan(Operation.HOLDS, (), filters)
    measures = _mentioned_measures(question, asked, filters)
    averaged = question.found(_AVERAGES)
    if averaged and measures:
        averaged_name, item = next(iter(measures.items()))
        question.use(item)
        return Plan(Operation.AVERAGE, (averaged_name,), filters)
    if asked.form == "count" or (question.found(_TOTALS) and measures and _adds_up(question, asked)):
        return _counted_or_summed(question, asked, filters, measures)
    if not filters:
        return None
    return lookup(question, asked, Conditions(filters), None)


def _adds_up(question: Question, asked: Asked) -> bool:
    return asks_measure(asked) or asked.form == "what"


def _counted_or_summed(
    question: Question, asked: Asked, filters: tuple[Filter, ...], measures: dict[str, str]
) -> Plan | None:
    column = asked.column
    times = asked.noun in {"times", "time"} and column is None
    if measures and not times and (column is None or is_measure(column)):
        question.use(*measures.values())
        whole = question.total()
        if whole and whole.name not in measures:
            question.use(*(item for item in question.of_kind(COLUMN) if question.column(item) is whole))
        return Plan(Operation.SUM, tuple(measures), filters)
    if column is None and asked.noun not in {"times", "time", ""} and not filters:
        return None
    if column is None and (total := _total_of(question, asked, filters)):
        return Plan(Operation.SUM, (total,), filters)
    question.use(asked.item)
    if column is None or column.role is Role.RANK or asked.noun == "times":
        return Plan(Operation.COUNT, (), filters)
    on_it = any(f.column == column.name and not f.negated and not f.other for f in filters)
    different = question.found(r"\b(different|distinct|unique|separate)\b")
    on_it = on_it or (bool(filters) and not different)
    repeated = not on_it and column.complete and column.distinct < question.schema.rows and not column.masked
    sure = bool(asked.item) and question.mention(asked.item).columns[0].score >= 0.74
    if column.masked and different:
        repeated = sure = True  # for `run` to refuse: the number of rows is another figure
    return Plan(Operation.COUNT, (column.name,) if repeated and sure else (), filters)


def _mentioned_measures(question: Question, asked: Asked, filters: tuple[Filter, ...]) -> dict[str, str]:
    """The measures to be added up, with their mentions: those beside what is asked, and no condition's."""
    used = {condition.column for condition in filters}
    found: dict[str, str] = {}
    for item in question.of_kind(COLUMN):
        column = question.column(item, Role.MEASURE)
        best = question.column(item)
        if column and best and is_measure(best) and is_measure(column) and column.name not in used:
            found[column.name] = item
    total = question.total()
    if total and total.name in found and len(found) > 1:
        # "the total number of bronze medals": the word adds up what stands beside it.
        found.pop(total.name)
    if (
        asked.column
        and asks_measure(asked)
        and asked.column.name in found
        and not question.found(r"\band @c\d+")
    ):
        found = {asked.column.name: found[asked.column.name]}
    return found


def _total_of(question: Question, asked: Asked, filters: tuple[Filter, ...]) -> str:
    """ "how many medals did X win", where no column is of medals but one is their total."""
    total = question.total()
    subject = question.subject()
    named = any(f.column == subject.name and not f.other and not f.negated for f in filters)
    if total and named and asked.noun and asked.noun not in {"times", "time"}:
        return total.name
    return ""
