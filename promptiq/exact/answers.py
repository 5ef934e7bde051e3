"""From the rows that a question speaks of to its answer: a count, a sum, an average, cells."""

from __future__ import annotations

from promptiq.exact.asking import COUNTED_ROWS, Asked, asks_measure
from promptiq.exact.conditions import Conditions, read_conditions
from promptiq.exact.kinds import kind_of
from promptiq.exact.plans import (
    Filter,
    Operation,
    Order,
    Plan,
    Role,
    SchemaColumn,
)
from promptiq.exact.question import COLUMN, VALUE, Question, is_measure
from promptiq.exact.vocabulary import AMOUNTS
from promptiq.exact.words import stem, tokens

_TOTALS = r"\b(total|combined|altogether|together|in all|overall|sum|add|added)\b"
# Nouns for the sum of amounts.
_TAKEN_TOGETHER = frozenset({"revenue", "turnover", "sales"})
# Verbs and nouns of money that any column of amounts may stand for.
_PAYING = frozenset({"spend", "pay", "cost", "mak", "earn", "money", "tak", "buy", "worth"})
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
    median = question.found(r"\bmedian\b")
    averaged = question.found(_AVERAGES) or median
    if averaged and measures:
        averaged_name, item = next(iter(measures.items()))
        question.use(item)
        question.use(*(("median",) if median else ()))
        return Plan(Operation.MEDIAN if median else Operation.AVERAGE, (averaged_name,), filters)
    totals = question.found(_TOTALS) or (asked.item and question.words_of(asked.item) in _TAKEN_TOGETHER)
    if asked.form == "count" or (totals and measures and _adds_up(question, asked)):
        return _counted_or_summed(question, asked, filters, measures)
    if not filters and not _lists_all(question, asked):
        return None
    return lookup(question, asked, Conditions(filters), None)


def _lists_all(question: Question, asked: Asked) -> bool:
    """ "list all products", "what are the different cities": a column's cells, all of them."""
    if not asked.item or not question.found(r"^(?:please )?(?:list|show|give|name|what are|which are|all)\b"):
        return False
    question.use(asked.item)
    return not any(True for _ in question.unexplained())


def _adds_up(question: Question, asked: Asked) -> bool:
    return asks_measure(asked) or asked.form == "what"


def _counted_or_summed(
    question: Question, asked: Asked, filters: tuple[Filter, ...], measures: dict[str, str]
) -> Plan | None:
    column = asked.column
    if question.found(r"\bhow much\b") and (column is None or not is_measure(column)):
        return _summed(question, asked, filters, measures)
    if column is None and asked.noun in COUNTED_ROWS:
        return Plan(Operation.COUNT, (), filters)
    times = asked.noun in {"times", "time"} and column is None
    if measures and not times and (column is None or is_measure(column)):
        question.use(*measures.values())
        whole = question.total()
        if whole and whole.name not in measures:
            question.use(*(item for item in question.of_kind(COLUMN) if question.column(item) is whole))
        return Plan(Operation.SUM, tuple(measures), filters)
    if column is None and asked.noun not in {"times", "time", ""} and not filters:
        return Plan(Operation.COUNT) if _names_rows(question, asked.noun) else None
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


def _names_rows(question: Question, noun: str) -> bool:
    """Whether the noun is what the dataset is called, or stands for people where each row is one."""
    title = [word.stem for word in tokens(question.schema.title.replace("_", " ")) if word.text.isalpha()]
    if title and title[-1] == stem(noun):
        return True
    return stem(noun) == "person" and kind_of(question.subject()) == "person"


def _summed(
    question: Question, asked: Asked, filters: tuple[Filter, ...], measures: dict[str, str]
) -> Plan | None:
    """ "how much did customers in Leeds spend": an amount, never a number of rows."""
    question.use(asked.item)
    if len(measures) == 1:
        question.use(*measures.values())
        return Plan(Operation.SUM, tuple(measures), filters)
    # "how much do they owe" asks for what no column may hold.
    if any(not i.startswith("@") and stem(i) not in _PAYING for i, _ in question.unexplained()):
        return None
    amount = question.hinted(AMOUNTS, Role.MEASURE) or next(iter(question.measures()), None)
    if (
        measures
        or amount is None
        or (len(question.measures()) > 1 and not question.hinted(AMOUNTS, Role.MEASURE))
    ):
        return None
    return Plan(Operation.SUM, (amount.name,), filters)


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
