"""Turns a question into a plan. It is read once, and every word must be explained; otherwise the answer asks
back or says what it did not understand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from promptiq.exact.grammar import forms
from promptiq.exact.grammar.accounting import is_spent, said_again, unkept, unsaid
from promptiq.exact.grammar.amounts import Figure, thing
from promptiq.exact.grammar.bounds import either_way, money, take_numbers
from promptiq.exact.grammar.care import (
    adds_times_of_day,
    best_first,
    by_currency,
    compares_currencies,
    without_sums,
)
from promptiq.exact.grammar.conditions import take_cells, take_empties, take_flags, take_texts
from promptiq.exact.grammar.describing import take_duration, take_lateness, take_statistics
from promptiq.exact.grammar.draft import Draft
from promptiq.exact.grammar.following import followed, placed
from promptiq.exact.grammar.grouping import take_bins, take_keys
from promptiq.exact.grammar.measuring import take_figures
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.grammar.placing import Top, number_of, take_top
from promptiq.exact.grammar.targets import take_target
from promptiq.exact.grammar.times import take_times
from promptiq.exact.lexicon import Lexicon, language_of, lexicons
from promptiq.exact.plans import Ambiguous, Compare, Operation, Plan, Reading, Schema, Unread
from promptiq.exact.reading.question import Question, read
from promptiq.exact.wording import in_words

# The most meanings that are offered.
MAX_MEANINGS = 6
# From this share of distinct cells on, things are counted by their rows.
MOSTLY_DIFFERENT = 0.9


@dataclass(frozen=True, slots=True)
class Explained:
    """What the grammar makes of a question. `plan`: see `explained`. `made`: its plan, even if it does not
    explain the words of `left`. `draft`: what became of each word; None if the question has two parts.
    """

    plan: Plan | Ambiguous | Unread | None
    made: Plan | None = None
    left: tuple[str, ...] = ()
    draft: Draft | None = None


def explained(
    question: str,
    schema: Schema,
    *,
    today: date | None = None,
    known: Sequence[Lexicon] | None = None,
) -> Explained:
    """The plan that explains every word of the question. Several plans if words are ambiguous; the words not
    understood if some are left over; None if nothing computable is asked.
    """
    languages = tuple(known) if known is not None else lexicons()
    asked = read(question, schema, language_of(question, languages))
    day = today or date.today()
    if both := _of_those(asked, languages, day):
        return Explained(both, both)
    made, draft = _made(asked, day, {})
    if made is None:
        return Explained(None, draft=draft)
    if words := _left(made, draft):
        return Explained(Unread(words, made), made, words, draft)
    if not draft.open:
        return Explained(_noted(made, draft), made, (), draft)
    return Explained(_alternatives(asked, day, draft, made), made, (), draft)


def follow(
    question: str,
    before: Plan,
    schema: Schema,
    *,
    today: date | None = None,
    known: Sequence[Lexicon] | None = None,
) -> Plan | Unread | None:
    """The plan of a follow-up question: "and for the South?", "by month instead"."""
    languages = tuple(known) if known is not None else lexicons()
    draft = Draft(read(question, schema, language_of(question, languages)), today or date.today(), {})
    top, _, figures = _taken(draft)
    ordinal = next((item.number for _, item in draft.free() if item.number and item.number.ordinal), None)
    if ordinal and not top:
        made = placed(before, int(ordinal.value) - 1)
        draft.use("place", *(place for place, item in draft.free() if item.number is ordinal))
    else:
        made = followed(before, draft, top, figures)
    if made is None or draft.open or _is_signed(made, draft, top):
        return None
    words = tuple(item.text for _, item in draft.free() if not is_spent(draft, item))
    return Unread(words, made) if words else _noted(made, draft)


def _of_those(asked: Question, known: Sequence[Lexicon], day: date) -> Plan | None:
    """ "How many were cancelled, and of those how many were in May?": a count, and another of its rows. "Take
    the cancelled ones: how many of those …": the second count alone.
    """
    said = next((item.text for item in asked.items if item.says("those")), "")
    apart = re.search(rf"[,;.?]?\s*(?:\band\s+)?((?:\bhow many\s+)?)\b{said}\b", asked.text, re.IGNORECASE)
    if not said or not apart or not asked.text[: apart.start()].strip():
        return None
    first = explained(asked.text[: apart.start()], asked.schema, today=day, known=known)
    before = first.plan
    if not isinstance(before, Plan) or before.operation is not Operation.COUNT or not before.filters:
        return None
    after = follow(apart[1] + asked.text[apart.end() :], before, asked.schema, today=day, known=known)
    fewer = isinstance(after, Plan) and set(before.filters) < set(after.filters)
    if not isinstance(after, Plan) or not fewer or after.operation is not before.operation:
        return None
    if first.draft and not any(item.says("op", "count") for item in first.draft.items):
        return after
    return Plan(Operation.SEVERAL, operands=(before, after), several=True)


def _alternatives(asked: Question, day: date, first: Draft, made: Plan) -> Plan | Ambiguous:
    """One plan for each meaning of the first ambiguous item."""
    for slot, count in first.open.items():
        plans = [made]
        for number in range(1, min(count, MAX_MEANINGS)):
            other, draft = _made(asked, day, {slot: number})
            if other is not None and other not in plans and not _left(other, draft):
                plans.append(other)
        if len(plans) > 1:
            return Ambiguous(tuple(plans), tuple(in_words(each) for each in plans))
    return _noted(made, first)


def _made(asked: Question, day: date, picks: dict[str, int]) -> tuple[Plan | None, Draft]:
    draft = Draft(asked, day, picks)
    top, target, figures = _taken(draft)
    base = Plan(Operation.COUNT, filters=either_way(tuple(dict.fromkeys(draft.filters))))
    set_apart = forms.compared(draft, figures, base)
    if draft.periods and set_apart is None:
        return None, draft
    made = (
        set_apart
        or forms.shared(draft, figures, base, top, target)
        or forms.best(draft, top, figures, target, base)
        or forms.having(draft, figures, target or (take_target(draft) if draft.having else None), base)
        or forms.with_figures(draft, figures, target, base)
        or (forms.grouped(draft, _or_rows(draft, figures), base) if draft.keys else None)
        or (None if target else forms.figured(draft, figures, base))
        or forms.holding(draft, target, base)
        or forms.counted(draft, target, base)
        or forms.listed(draft, target, base)
    )
    if draft.hopeless or made is None or _says_nothing_new(made) or _is_signed(made, draft, top):
        return None, draft
    return (None if _answers_otherwise(made, draft) else careful(best_first(made, draft), draft)), draft


def careful(made: Plan, draft: Draft) -> Plan | None:
    """The plan without rows of totals, and with currencies apart. None if it would compare or add what cannot
    be.
    """
    if compares_currencies(made, draft.schema, draft.lexicon) or adds_times_of_day(made, draft.schema):
        return None
    return by_currency(without_sums(made, draft.schema), draft.schema, draft.lexicon)


def _answers_otherwise(made: Plan, draft: Draft) -> bool:
    """Whether yes or no is asked and a figure would be told: "is there more on Monday or Friday?"."""
    whether = draft.items[0].says("ask", "whether") or draft.items[0].says("holds")
    asked = draft.said("ask:who", "ask:when", "ask:where") or any(
        item.says("op", "count") or item.text in ("which", "what", "how") for item in draft.items
    )
    ranked = made.group is not None and bool(made.group.order)
    if draft.said("compare") or any(item.text in ("more", "less", "fewer") for _, item in draft.free()):
        # "is there more tip in the Red or the Blue room?" by one sum of both
        return whether and made.operation not in (Operation.HOLDS, Operation.GREATER) and not ranked
    figures = (Operation.SUM, Operation.AVERAGE, Operation.MEDIAN, Operation.GROUP)
    return whether and not asked and made.operation in figures and not ranked


def _says_nothing_new(made: Plan) -> bool:
    """Whether the answer would only repeat cells named in the question."""
    named = {each.column for each in made.filters if each.compare is Compare.IS and not each.negated}
    return made.operation is Operation.LOOKUP and set(made.columns) <= named


def _is_signed(made: Plan, draft: Draft, top: Top | None) -> bool:
    """Whether the greatest of negative amounts would be taken for the greatest amount, or sums compared."""
    names = {*made.columns, *(made.order.columns if made.order else ()), made.group.of if made.group else ""}
    compared = {
        each.column for each in made.filters if each.compare not in (Compare.IS, Compare.EMPTY, Compare.HAS)
    }
    wanted = (names if top else set()) | compared
    known = [
        column
        for column in draft.schema.columns
        if column.name in wanted and column.reading is Reading.NUMBER
    ]
    return any(_mostly_below_zero(column.values) for column in known)


def _mostly_below_zero(values: tuple[str, ...]) -> bool:
    some = values[:500]
    return sum(value.lstrip().startswith(("-", "−", "(")) for value in some) > 0.4 * max(1, len(some))


def _taken(draft: Draft) -> tuple[Top | None, str | None, list[Figure]]:
    """Every part of the grammar takes the items that it explains, most certain parts first."""
    statistics, lasting = take_statistics(draft), take_duration(draft)
    take_lateness(draft)
    take_bins(draft)
    take_times(draft)
    take_numbers(draft)
    take_keys(draft)
    take_cells(draft)
    if statistics:
        take_flags(draft)
        take_empties(draft)
        draft.hopeless = bool(draft.said("ask:who"))
        return None, None, statistics
    top = take_top(draft)
    counts = bool(draft.said("op:count")) and top is None
    target = None if counts else take_target(draft)
    top = number_of(draft, top)
    draft.asks_to_see = forms.asks_to_see(draft, target)
    take_flags(draft)
    take_empties(draft)
    figures = lasting or take_figures(draft, top is not None)
    draft.hopeless |= bool(lasting and draft.said("ask:who"))
    if top is not None and top.by is None and not top.hint and target is None and figures:
        top = replace(top, by=figures[0])
    take_texts(draft)
    return top, target, figures


def _or_rows(draft: Draft, figures: list[Figure]) -> list[Figure]:
    """Count rows if groups are asked for without a figure."""
    if not figures:
        for place, item in draft.free():
            if counts_rows(draft, item):
                draft.use("rows", place)
            elif item.columns and (name := thing(draft, item)) and not draft.said("rows"):
                draft.use("counted", place)
                column = draft.schema.get(name)
                repeats = column.masked or column.distinct < MOSTLY_DIFFERENT * draft.schema.rows
                return [Figure(Operation.COUNT, (name,) if repeats else ())]
    if figures or not _names_nothing(draft):
        return figures or [Figure(Operation.COUNT)]
    amount = money(draft, 0)
    options = [Figure(Operation.COUNT), *([Figure(Operation.SUM, (amount,))] if amount else [])]
    return [draft.choose("figure", options)]


def _names_nothing(draft: Draft) -> bool:
    """Whether groups are asked for of what is neither the rows nor a figure: "client receipts by month"."""
    said = {"rows", "counted", "operation", "list"} & set(draft.used.values())
    return not said and not draft.said("list") and bool(draft.filters)


def _left(made: Plan, draft: Draft) -> tuple[str, ...]:
    """Words that became nothing and mean something, and those that the plan does not say."""
    free = {
        place
        for place, item in draft.free()
        if not is_spent(draft, item) and not said_again(made, draft, place)
    }
    lost = {*unsaid(made, draft), *unkept(made, draft)}
    return tuple(draft.items[place].text for place in sorted(free | lost))


def _noted(made: Plan, draft: Draft) -> Plan:
    slips = (f"“{said}” was read as “{right}”." for said, right in draft.question.slips)
    return replace(made, read_as=tuple(dict.fromkeys((*draft.notes, *slips))))
