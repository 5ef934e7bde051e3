"""Conditions on numbers: comparisons with a value, comparisons of columns, and ranges."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from typing import cast

from promptiq.exact.grammar.draft import (
    Draft,
    Fits,
    is_date,
    is_held,
    is_measure,
    is_moment,
    is_name,
    is_number,
)
from promptiq.exact.grammar.grouping import counts_groups, grouped_thing
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.grammar.times import MODERN, is_count, operand_of
from promptiq.exact.numbers import NumberSpan, plain
from promptiq.exact.plans import Compare, Filter, Measure, Reading, SchemaColumn
from promptiq.exact.reading.question import Item, says_nothing
from promptiq.exact.words import key

COMPARES = {
    "more": Compare.MORE, "at_least": Compare.AT_LEAST, "less": Compare.LESS, "at_most": Compare.AT_MOST,
    "equal": Compare.EQUAL, "unequal": Compare.UNEQUAL,
}  # fmt: skip


OPPOSITES = {
    Compare.MORE: Compare.AT_MOST, Compare.AT_LEAST: Compare.LESS, Compare.LESS: Compare.AT_LEAST,
    Compare.AT_MOST: Compare.MORE, Compare.EQUAL: Compare.UNEQUAL, Compare.UNEQUAL: Compare.EQUAL,
}  # fmt: skip
# Maximum number of items between a number and the column that it is compared with.
WINDOW = 6


# Maximum age of a person (years).
OLDEST = 120


def take_numbers(draft: Draft) -> None:
    """ "more than 5 seats", "between 50 and 100", "exam mark higher than coursework mark"."""
    for place, item in list(draft.free()):
        if place in draft.used:
            continue
        if item.number and not item.number.ordinal and (not item.period or is_count(draft, place)):
            _ranged(draft, place) or _compared(draft, place)
        elif item.says("compare", *COMPARES) or item.says("date", "after", "before"):
            _compared_with_mean(draft, place) or _columns_compared(draft, place)


def _number_after(draft: Draft, place: int) -> int | None:
    after = draft.beside(place, 1)
    if after is None or not draft.items[after].number or draft.items[after].period:
        return None
    between = {item.text for item in draft.items[place + 1 : after]}
    return (
        after
        if between & {"and", "to", "till", "until"} or draft.items[after - 1].says("date", "until")
        else None
    )


def _ranged(draft: Draft, place: int) -> bool:
    after = _number_after(draft, place)
    joined = draft.beside(place, 1)
    if after is None and joined is not None and draft.items[joined].says("date", "until"):
        behind = draft.beside(joined, 1)
        after = behind if behind is not None and draft.items[behind].number else None
    if after is None:
        return False
    before = draft.beside(place, -1)
    led = before is not None and (
        draft.items[before].says("compare", "between") or draft.items[before].says("date", "since")
    )
    words = {item.text for item in draft.items[place + 1 : after]}
    if not led and "to" not in words:
        return False
    low, high = draft.items[place].number, draft.items[after].number
    column = _column_for(draft, place, after)
    if column is None or low is None or high is None:
        return False
    start = operand_of(draft, column, place, after)
    if scale := _scale(draft.items[place], draft.items[after]):
        start = plain(Decimal(start) * scale)
    draft.filters += [
        Filter(column, Compare.AT_LEAST, (start,)),
        Filter(column, Compare.AT_MOST, (operand_of(draft, column, after, after),)),
    ]
    draft.use("range", *range(place, after + 1), *([before] if led and before is not None else []))
    return True


def _scale(first: Item, last: Item) -> Decimal | None:
    """ "between 5 and 10 million": what the first number is times, too. None if it is said as it is."""
    low, high = first.number, last.number
    said = re.match(r"[\d.,]+", last.text)
    if low is None or high is None or not said or len(last.text.split()) < 2 or len(first.text.split()) > 1:
        return None
    alone = Decimal(said[0].replace(",", ""))
    return high.value / alone if alone and high.value >= 1000 * alone and low.value <= alone else None


def _compared(draft: Draft, place: int) -> bool:
    number = draft.items[place].number
    if number is None or (number.percent and not draft.columns_that(_is_percent(draft))):
        return False
    before, after = draft.beside(place, -1), draft.beside(place, 1)
    if before is not None and draft.fitting(draft.items[before], is_number) and before not in draft.used:
        # "below age 30"
        ahead = draft.beside(before, -1)
        if ahead is not None and ahead not in draft.used and draft.items[ahead].says("compare", *COMPARES):
            name = draft.column(draft.items[before], is_number, "number")
            if name and before - ahead <= 2:
                said = COMPARES[draft.items[ahead].value("compare")]
                draft.filters.append(Filter(name, said, (operand_of(draft, name, place, place),)))
                draft.use("comparison", ahead, before, place)
                return True
    further = draft.beside(after, 1) if after is not None else None
    for beside in (before, after, further):
        if beside is None or beside in draft.used:
            continue
        sign = COMPARES.get(draft.items[beside].value("compare"))
        behind = beside > place and not draft.items[beside].text.startswith(("or", "and"))
        if sign is None or behind:
            continue
        negated = denied(draft, beside)
        if figure := _grouped_figure(draft, place, beside):
            draft.having = (OPPOSITES[sign] if negated else sign, number.text)
            draft.having_of = figure
        elif column := _column_for(draft, place, place):
            operand = operand_of(draft, column, place, place)
            draft.filters.append(Filter(column, sign, (operand,), negated=bool(negated)))
        else:
            return False
        draft.use("comparison", place, beside, *negated)
        return True
    return _equal(draft, place)


def _equal(draft: Draft, place: int) -> bool:
    """ "stock = 5" is read above; "with 7 support tickets", "credit score 100", "year 2" here."""
    number = draft.items[place].number
    after, before = draft.beside(place, 1), draft.beside(place, -1)
    top = before is not None and draft.items[before].says("top")
    if number is None or top or number.text == "0":
        return False
    if after is not None and after == place + 1:
        # "the 2 kilns", unlike "year 2 pupils"
        counted = counts_rows(draft, draft.items[after]) and before != place - 1
        if counted or draft.items[after].says("top"):
            return False
    for beside in (after, before):
        if beside is None or beside in draft.used or not draft.items[beside].columns:
            continue
        column = draft.column(draft.items[beside], is_number, "number")
        led = place and draft.items[place - 1].text in (
            "with",
            "has",
            "have",
            "had",
            "having",
            "is",
            "of",
            "was",
            "for",
        )
        if column and (beside == before or led or _is_of(draft, place, beside)):
            others = _or_numbers(draft, place)
            either = tuple(
                Filter(column, Compare.EQUAL, (operand_of(draft, column, at, at),)) for at, _ in others
            )
            operand = operand_of(draft, column, place, place)
            draft.filters.append(Filter(column, Compare.EQUAL, (operand,), either=either))
            draft.use("comparison", place, beside, *(at for at, _ in others))
            return True
    return False


def _is_percent(draft: Draft) -> Fits:
    return lambda column: (
        is_number(column)
        and (
            column.percent or any(is_held(column.name, kind, draft.lexicon) for kind in ("percent", "scored"))
        )
    )


def _is_of(draft: Draft, place: int, beside: int) -> bool:
    """ "a 5 for ease of use"."""
    between = [item.text for item in draft.items[place + 1 : beside]]
    return bool(between) and between[0] in ("for", "in", "on", "of") and draft.items[place - 1].text == "a"


def _or_numbers(draft: Draft, place: int) -> list[tuple[int, NumberSpan]]:
    """The numbers joined to one by "or": "4 or 5"."""
    found = []
    at = place
    while at + 2 < len(draft.items) and draft.items[at + 1].text == "or" and at + 2 not in draft.used:
        number = draft.items[at + 2].number
        if number is None:
            break
        found.append((at + 2, number))
        at += 2
    return found


def _grouped_figure(draft: Draft, place: int, compare: int) -> tuple[Measure, str] | None:
    """The figure of each thing that a number is compared with, as measure and column: "customers with more
    than 50 orders", "sites that used over 1,000 kWh in total". None if rows are compared.
    """
    if counts_groups(draft, place):
        return "count", ""
    head = grouped_thing(draft, place)
    if head is None:
        return None
    if of := _things_after(draft, place, draft.items[head].columns[0].name):
        return "count", of
    ops = [
        at for at in draft.said("op:sum", "op:average", "op:median")
        if at > place - WINDOW and at not in (place, compare)
    ]  # fmt: skip
    spans = draft.said("whole")
    spends = [
        at for at, each in draft.free(head + 1, place)
        if not each.says("op") and "value" not in [draft.used.get(other) for other in range(at, place)]
        and draft.lexicon.stem(each.text) in draft.lexicon.holders["spending"]
    ]  # fmt: skip
    if not (ops or spans or spends):
        return None
    name = _column_for(draft, place, place)
    if name is None:
        return None
    draft.use("having", *ops[:1], *spans, *spends)
    return cast(Measure, draft.items[ops[0]].value("op")) if ops else "sum", name


def _things_after(draft: Draft, place: int, head: str) -> str:
    """ "owners with at least 4 different pets": the column whose different cells are counted."""
    after = draft.beside(place, 1)
    kinds = [after] if after is not None and draft.items[after].says("distinct") else []
    after = draft.beside(after, 1) if after is not None and kinds else after
    if after is None or after - place > 2 or after in draft.used or counts_rows(draft, draft.items[after]):
        return ""
    found = draft.fitting(draft.items[after], is_name)
    if not found or found[0].name == head or not found[0].whole or draft.items[after].columns[0] != found[0]:
        return ""
    draft.use("having", after, *kinds)
    return found[0].name


def _column_for(draft: Draft, first: int, last: int) -> str | None:
    """The column that the number between these items is compared with: the one named after it, else before
    it. A percentage needs a column of percentages.
    """
    number = draft.items[first].number
    fits = _is_percent(draft) if number and number.percent else is_number
    after = draft.beside(last, 1)
    joined = after is not None and any(item.text == "and" for item in draft.items[last + 1 : after])
    if after is not None and after - last <= 2 and after not in draft.used and not joined:
        while draft.items[after].says("compare") or draft.items[after].says("distinct"):
            if (behind := draft.beside(after, 1)) is None:
                break
            last, after = after, behind
        if (column := draft.column(draft.items[after], fits, "number")) and not counts_rows(
            draft, draft.items[after]
        ):
            draft.use("compared", after)
            return column
        if draft.items[after].says("unit"):
            draft.use("unit", after)
        elif after - last == 1 and (
            _is_another(draft, draft.items[after]) or draft.items[after].says("ask", "people")
        ):
            return None
    for place in range(first - 1, max(-1, first - 1 - WINDOW), -1):
        item = draft.items[place]
        if draft.used.get(place) in ("range", "comparison"):
            # "no less than 3,000 and no more than 4,000"
            between = {each.text for each in draft.items[place + 1 : first] if not each.says("compare")}
            return draft.filters[-1].column if draft.filters and item.number and between == {"and"} else None
        column = None if counts_rows(draft, item) else draft.column(item, fits, "number")
        if column:
            draft.use("compared", place)
            if place and draft.items[place - 1].says("op", "count"):
                # "with number of audience over 150": these words are in the column's header.
                draft.use("compared", place - 1)
            return column
    return _column_by_kind(draft, first)


def _is_another(draft: Draft, item: Item) -> bool:
    """Whether a number counts something for which there is no column: "5 courses"."""
    if item.roles or item.cells or item.number or item.period or counts_rows(draft, item):
        return False
    return not says_nothing(item, draft.lexicon)


def _column_by_kind(draft: Draft, place: int) -> str | None:
    """The column for a number without one: an age of people, else an amount of money."""
    number = draft.items[place].number
    if draft.items[place].period and draft.columns_that(is_moment) and number and number.value >= MODERN:
        return None
    ages = draft.columns_that(lambda column: is_number(column) and "age" in key(column.name).split())
    if ages and number and number.value <= OLDEST:
        return ages[0]
    return money(draft, place)


def money(draft: Draft, place: int) -> str | None:
    """The column of money, if none is named. Open if there are several."""

    def fits(column: SchemaColumn) -> bool:
        plain = column.reading is Reading.NUMBER and not column.percent
        return (
            plain
            and is_measure(column)
            and (is_held(column.name, "money", draft.lexicon) or _has_sign(column))
            and not _is_scale(column)
        )

    whole = draft.columns_that(
        lambda column: fits(column) and not is_held(column.name, "averaged", draft.lexicon)
    )
    options = whole or draft.columns_that(fits)
    # A tax is part of another amount; a sign alone tells less than a word.
    untaxed = [name for name in options if not {"tax", "vat"} & set(key(name).split())]
    options = [name for name in untaxed if is_held(name, "money", draft.lexicon)] or untaxed or options
    # What was planned is no default for what was spent.
    options = [name for name in options if not is_held(name, "planned", draft.lexicon)] or options
    return draft.choose(f"money:{place}", options) if options else None


def _has_sign(column: SchemaColumn) -> bool:
    """Whether its cells or its header have the sign of a currency."""
    return column.unit not in ("", "%") or bool(set("€£$¥") & set(column.name))


def _is_money(draft: Draft, column: SchemaColumn) -> bool:
    return is_held(column.name, "money", draft.lexicon) and not _is_scale(column)


def _is_scale(column: SchemaColumn) -> bool:
    """Whether its values are a few whole numbers, such as a rating from 1 to 5: "value for money"."""
    return 0 < column.distinct <= 11 and all(re.fullmatch(r"(10|\d)(\.0+)?", each) for each in column.values)


def _compared_with_mean(draft: Draft, place: int) -> bool:
    """ "above the average price", "venues whose capacity is below average"."""
    before, mean = draft.beside(place, -1), draft.beside(place, 1)
    sign = COMPARES.get(draft.items[place].value("compare"))
    if mean is None or sign is None or not draft.items[mean].says("op", "average") or mean - place > 3:
        return False
    after = draft.beside(mean, 1)
    for beside in (after, before):
        name = draft.column(draft.items[beside], is_number, "number") if beside is not None else None
        if name and beside is not None and not counts_rows(draft, draft.items[beside]):
            draft.filters.append(Filter(name, sign, mean=True))
            draft.use("mean", mean)
            draft.use("comparison", place, beside)
            if before is not None and name in {each.name for each in draft.items[before].columns}:
                draft.use("comparison", before)
            return True
    return False


def _columns_compared(draft: Draft, place: int) -> bool:
    """ "exam mark is higher than the coursework mark"."""
    before, after = draft.beside(place, -1), draft.beside(place, 1)
    if before is None or after is None or draft.items[after].number:
        return False
    fits = is_date if draft.items[place].says("date") else is_number
    first = draft.column(draft.items[before], fits, "number")
    second = draft.column(draft.items[after], fits, "number")
    if first and second and first != second and _alike(draft.schema.get(first), draft.schema.get(second)):
        item = draft.items[place]
        sign = (
            COMPARES.get(item.value("compare"))
            or {"after": Compare.MORE, "before": Compare.LESS}[item.value("date")]
        )
        draft.filters.append(Filter(first, sign, to=second))
        draft.use("comparison", before, place, after)
        return True
    return False


def _alike(first: SchemaColumn, second: SchemaColumn) -> bool:
    """Whether two columns can be compared: not a time of day with a duration, nor either with a number."""
    return first.of_day == second.of_day and Reading.TIME not in {first.reading, second.reading} - (
        {first.reading} & {second.reading}
    )


def either_way(filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """ "after 2013 or before 2008": two conditions that exclude each other are joined by "or"."""
    for one in filters:
        for other in filters:
            if _exclude(one, other):
                rest = tuple(each for each in filters if each not in (one, other))
                return (*rest, replace(one, either=(other,)))
    return filters


def _exclude(more: Filter, less: Filter) -> bool:
    high = more.compare in (Compare.MORE, Compare.AT_LEAST) and less.compare in (
        Compare.LESS,
        Compare.AT_MOST,
    )
    if not high or more.column != less.column or not (more.values and less.values):
        return False
    if more.negated or less.negated or more.part != less.part or more.either or less.either:
        return False
    first, second = more.values[0], less.values[0]
    try:
        return float(first) > float(second)
    except ValueError:
        return first > second


def denied(draft: Draft, place: int, column: str = "") -> tuple[int, ...]:
    """The place of a negation just before an item. () if there is none. `column`: its header may stand
    between: "not paid by card".
    """
    for step in range(1, 4):
        at = place - step
        if at < 0:
            break
        if at in draft.used and draft.used[at] != "not":
            break
        if draft.items[at].says("not", "not"):
            return (at,)
        if column and any(each.name == column for each in draft.items[at].columns):
            continue
        if draft.items[at].names or (
            draft.items[at].roles and draft.items[at].text not in ("any", "by", "a", "from")
        ):
            break
    return ()
