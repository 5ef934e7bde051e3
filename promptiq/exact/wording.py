"""A plan in words, for people who want to see what was computed."""

from __future__ import annotations

from promptiq.exact.operation_table import OPERATIONS
from promptiq.exact.plans import FILE_ORDER, Compare, Filter, Group, Operation, Order, Plan, Step

# An order with this many rows is one of all rows.
ALL = 1_000
# Values of one condition that are listed.
SHOWN_VALUES = 3
_JOINTS = {
    Operation.LOOKUP: ", ",
    Operation.GAPS: ", ",
    Operation.DUPLICATES: ", ",
    Operation.CORRELATION: " and ",
}
_PARTS = dict.fromkeys("0123456789.", "bin of ")
_MEASURES = {"min": "smallest", "max": "greatest", "share": "percent", "rate": "percent"}


def in_words(plan: Plan) -> str:
    """One line, such as "count of rows where Gold ≥ 1"."""
    if plan.operands:
        first, second = [in_words(operand) for operand in plan.operands][:2]
        if plan.operation is Operation.SEVERAL:
            return "; ".join(in_words(operand) for operand in plan.operands)
        joined = {
            Operation.RATIO: f"[{first}] divided by [{second}]",
            Operation.PERCENT: f"[{first}] in percent of [{second}]",
            Operation.GROWTH: f"change from [{first}] to [{second}] in percent",
            Operation.DIFFERENCE: f"difference between [{first}] and [{second}]",
            Operation.ADDITION: f"[{first}] plus [{second}]",
            Operation.GREATER: f"whether [{first}] is greater than [{second}]",
        }
        return joined[plan.operation]
    return _what(plan) + _conditions(plan.filters) + _order(plan.order) + _step(plan.step)


def _what(plan: Plan) -> str:
    columns = _JOINTS.get(plan.operation, " + ").join(plan.columns)
    if plan.group:
        end = "," if plan.filters else ""
        part = f"{_conditions(plan.base)}{end}" if plan.group.measure == "rate" else ""
        return _group(plan.group) + part
    if plan.operation is Operation.LOOKUP:
        return columns
    if plan.operation is Operation.COUNT:
        return f"count of different {columns}" if columns else "count of rows"
    if plan.operation is Operation.HOLDS:
        return "whether there is a row"
    if plan.operation is Operation.SHARE:
        whole = f"sum of {columns}" if columns else "rows"
        return f"percent of the {whole}{_conditions(plan.base)} that is"
    if plan.operation is Operation.GAPS:
        return f"columns with empty cells, with their number, of {columns}"
    if plan.operation is Operation.RUN:
        return "longest run of rows that follow each other"
    entry = OPERATIONS[plan.operation]
    return entry.words.format(columns, at=plan.at or entry.at)


def _group(group: Group) -> str:
    of = group.of or "rows"
    measure = f"{_MEASURES.get(group.measure, group.measure)} of {of}"
    if group.measure == "count" and group.of:
        measure = f"count of different {of}"
    name = f"{_PARTS.get(group.part[:1], '')}{group.part} of {group.column}" if group.part else group.column
    if group.second:
        name += f" and {group.second_part + ' of ' if group.second_part else ''}{group.second}"
    if group.over:
        measure += f" divided by the sum of {group.over}"
    text = f"each {name} with its {measure}"
    if group.having:
        text += f" {group.having.value} {group.threshold}"
    if group.order:
        name = group.second if group.within else name
        text = f"{name} with the {'greatest' if group.order == 'most' else 'smallest'} {measure}"
        text = f"the {group.limit} {text}" if group.limit > 1 else text
        part = f"{group.part} of " if group.part else ""
        text += f" within each {part}{group.column}" if group.within else ""
    return f"number of {text}" if group.counted else text


def _conditions(filters: tuple[Filter, ...]) -> str:
    return " where " + " and ".join(condition_in_words(each) for each in filters) if filters else ""


def condition_in_words(condition: Filter) -> str:
    name = "place in the file" if condition.column == FILE_ORDER else condition.column
    if condition.part:
        name = f"{condition.part} of {name}"
    compare = condition.compare.value
    if condition.other:
        others = " and ".join(condition_in_words(each) for each in condition.other)
        text = f"{name} {compare} that of the row where {others}"
    elif condition.mean:
        text = f"{name} {compare} its average"
    elif condition.compare is Compare.IS and len(condition.values) == 1:
        text = f"{name} is {condition.values[0]}"
    else:
        shown = condition.to or ", ".join(condition.values[:SHOWN_VALUES])
        more = len(condition.values) - SHOWN_VALUES
        text = f"{name} {compare} {shown}".rstrip() + (f" and {more} more" if more > 0 else "")
    return f"not ({text})" if condition.negated else text


def _order(order: Order | None) -> str:
    if not order:
        return ""
    if order.columns == (FILE_ORDER,):
        which = "last" if order.descending else "first"
        name = "in the file"
    else:
        which = "greatest" if order.descending else "smallest"
        name = f"by {' + '.join(order.columns)}"
    if order.limit >= ALL and not order.within:
        return f", {which} first {name}"
    place = f"number {order.skip + 1} from the {which}" if order.skip else f"the {which} {order.limit}"
    return f", {place} {name}"


def _step(step: Step | None) -> str:
    if not step:
        return ""
    way = "after" if step.by > 0 else "before"
    by = "in the file" if step.column == FILE_ORDER else f"by {step.column}"
    return f", then {abs(step.by)} {way} it {by}"
