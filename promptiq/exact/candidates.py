"""All plans that a question may mean, whatever its form: its mentions put together in every usual way.

The families of `families.py` read a question's form; here nothing but its mentions and a few words that call
for an operation count. Which of the plans is meant is for `ranking.py` to say.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice, pairwise
from typing import Literal

from promptiq.exact.adjectives import COMPARATIVES, EITHER_WAY, SUPERLATIVES
from promptiq.exact.asking import Asked
from promptiq.exact.choices import number_choices, value_choices
from promptiq.exact.material import Material, Rows, material_of
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
from promptiq.exact.question import COLUMN, NUMBER, ORDINAL, VALUE, Question, is_measure
from promptiq.exact.vocabulary import word_set

# Plans of one question that are looked at.
MAX_CANDIDATES = 600

_FIRST = word_set(
    """
    first earliest start started begin top oldest initial beginning
    """
)
_FIRST_LISTED = _FIRST | word_set("before above listed earlier ahead")
_BEST = word_set("best worst top highest lowest leading bottom greatest")
_DIFFERENT = word_set("different distinct unique separate individual various")
_LAST = word_set(
    """
    last latest final end bottom recent newest finally recently current ended
    """
)
_AFTER = word_set(
    """
    after next following follows followed below under beneath succeeded subsequent immediately directly
    besides behind later succeeding right then
    """
)
_BEFORE = word_set(
    """
    before previous prior preceding preceded precedes above previously ahead earlier proceeded followed
    """
)
_APART = word_set(
    """
    difference between more less fewer than from long longer many older younger apart compared higher
    lower greater larger took years passed over
    """
)
_ALIKE = word_set(
    """
    same equal identical tied similar as also shares share tie
    """
)
_FREQUENT = word_set(
    """
    most least often common frequently frequent times more many fewest repeat repeated only twice
    multiple once number appears appear highest
    """
)
_SUMS = word_set(
    """
    total combined sum altogether together all overall many much number amount add added both entire
    """
)
_COUNTS = word_set("many number amount count quantity times often")
_ROWS_IN_A_ROW = frozenset(("consecutive", "consecutively", "straight", "row", "streak"))
_ENDS: tuple[Literal["most", "least"], ...] = ("most", "least")
_BOUNDS = frozenset((*SUPERLATIVES, *COMPARATIVES))


def candidates(question: Question, asked: Asked) -> list[Plan]:
    """Without repetition, at most MAX_CANDIDATES. Needs no look at the table's rows."""
    material = material_of(question, asked)
    makers = (_figures, _cells, _extremes, _neighbours, _pairs, _related, _groups, _verdicts)
    plans = (plan for maker in makers for plan in maker(material))
    return list(islice(dict.fromkeys(plans), MAX_CANDIDATES))


def _figures(m: Material) -> Iterator[Plan]:
    """Counts, sums, averages, spans."""
    count = m.asked.form == "count" or m.words & _COUNTS
    named_columns = _named(m) | ({m.asked.column.name} if m.asked.column else set())
    for rows in m.selections:
        if count:
            yield Plan(Operation.COUNT, (), rows)
            for column in m.shown[:4]:
                told = column.name in named_columns or m.words & _DIFFERENT
                if told and not column.masked and 1 < column.distinct < m.question.schema.rows:
                    yield Plan(Operation.COUNT, (column.name,), rows)
        for column in m.orders:
            if column.reading is not Reading.NUMBER:
                continue
            if is_measure(column) and m.words & _SUMS:
                yield Plan(Operation.SUM, (column.name,), rows)
            if m.words & {"average", "mean", "averaged"}:
                yield Plan(Operation.AVERAGE, (column.name,), rows)
            if m.words & {"difference", "between", "range", "span"} and m.words & _BOUNDS | m.words & {
                "first",
                "last",
            }:
                yield Plan(Operation.SPAN, (column.name,), rows)
        measures = [c.name for c in m.orders if is_measure(c) and c.reading is Reading.NUMBER]
        named = [name for name in measures if name in named_columns]
        if len(named) > 1 and m.words & _SUMS:
            yield Plan(Operation.SUM, tuple(named), rows)
    if m.words & _ROWS_IN_A_ROW:
        yield from (Plan(Operation.RUN, (), rows) for rows in m.selections if rows)


def _named(m: Material) -> set[str]:
    return {column.name for item in m.question.of_kind(COLUMN) for column in m.question.columns(item)}


def _cells(m: Material) -> Iterator[Plan]:
    for rows in m.selections:
        told = {f.column for f in rows if f.compare is Compare.IS and not f.negated}
        for column in m.shown if rows else ():
            if column.name not in told or any(f.negated for f in rows):
                yield Plan(Operation.LOOKUP, (column.name,), rows)


def _extremes(m: Material) -> Iterator[Plan]:
    """Rows that come first or last by a column, or in the file."""
    graded = bool(m.words & _BOUNDS)
    up, down = bool(m.words & _FIRST), bool(m.words & _LAST)
    ordinals = m.question.of_kind(ORDINAL)
    if not (graded or up or down or ordinals):
        return
    limit, skip = _limit(m), _skip(m)
    for rows in m.selections[:5]:
        for by, descending in _ways(m, graded, up, down):
            order = Order((by,), descending, limit, skip, ties=by != FILE_ORDER)
            for column in m.shown:
                yield Plan(Operation.LOOKUP, (column.name,), rows, order)
            if limit > 1 and m.words & _SUMS:
                sums = [c for c in m.orders if c.role is Role.MEASURE and c.reading is Reading.NUMBER]
                yield from (Plan(Operation.SUM, (c.name,), rows, order) for c in sums)


def _ways(m: Material, graded: bool, up: bool, down: bool) -> Iterator[tuple[str, bool]]:
    for column in m.orders:
        yield column.name, True
        yield column.name, False
    best = graded and bool(m.words & _BEST)
    if up or m.question.of_kind(ORDINAL) or best:
        yield FILE_ORDER, False
    if down or best:
        yield FILE_ORDER, True


def _limit(m: Material) -> int:
    """ "top 4", "the first three"."""
    for before, item in pairwise(("", *m.question.items)):
        if item.startswith(NUMBER) and before in _FIRST | _LAST | SUPERLATIVES.keys():
            number = m.question.mention(item).number
            if number and 1 < number.value <= 50 and number.value == int(number.value):
                return int(number.value)
    return 1


def _skip(m: Material) -> int:
    """ "second highest": one is passed over."""
    for item in m.question.of_kind(ORDINAL):
        number = m.question.mention(item).number
        if number and 1 < number.value <= 50:
            return int(number.value) - 1
    return 1 if m.words & {"next"} and m.words & _BOUNDS else 0


def _neighbours(m: Material) -> Iterator[Plan]:
    """The row before or after a row that is named."""
    after, before = bool(m.words & _AFTER), bool(m.words & _BEFORE)
    if not (after or before):
        return
    moments = [column.name for column in m.orders if column.role in (Role.MOMENT, Role.RANK)]
    for rows in m.selections[:5]:
        if not any(not f.negated and f.compare in (Compare.IS, Compare.EQUAL) for f in rows):
            continue
        for by in (FILE_ORDER, *moments[:2]):
            for step in ([1] if after else []) + ([-1] if before else []):
                for column in m.shown:
                    yield Plan(Operation.LOOKUP, (column.name,), rows, step=Step(by, step))


def _pairs(m: Material) -> Iterator[Plan]:
    """Two rows or sets of rows, told apart by one column: their difference, the greater, or the better."""
    for one, other, rest in _two(m):
        both = _either_filter(one, other)
        for column in m.orders:
            if column.name == one.column:
                continue
            sides = tuple(Plan(Operation.SUM, (column.name,), (side, *rest)) for side in (one, other))
            if column.reading is Reading.NUMBER and m.words & _APART:
                yield Plan(Operation.DIFFERENCE, operands=sides)
            if column.reading is Reading.NUMBER and m.words & {"combined", "total", "and", "together"}:
                yield Plan(Operation.ADDITION, operands=sides)
            if both and m.words & (_BOUNDS | {"or", "first", "last", "between"}):
                for descending in (True, False):
                    order = Order((column.name,), descending)
                    yield Plan(Operation.LOOKUP, (one.column,), (both, *rest), order)
            if m.asked.form == "yes" and column.reading in (Reading.NUMBER, Reading.TIME):
                yield from _compared(m.question, sides)
        counts = tuple(Plan(Operation.COUNT, (), (side, *rest)) for side in (one, other))
        if m.words & _APART:
            yield Plan(Operation.DIFFERENCE, operands=counts)
        if m.asked.form == "yes":
            yield from _compared(m.question, counts)
        if both and "or" in m.words | set(m.question.items):
            for end in _ENDS:
                yield _of_group(Group(one.column, order=end), (both, *rest))
            for way in ([False] if m.words & _FIRST_LISTED else []) + ([True] if m.words & _LAST else []):
                order = Order((FILE_ORDER,), way, ties=False)
                yield Plan(Operation.LOOKUP, (one.column,), (both, *rest), order)
    if m.words & _APART:
        numbers = [c for c in m.orders if c.reading is Reading.NUMBER]
        named = [c.name for c in numbers if c.name in _named(m)]
        # "how long did it run", where two columns say from when and until when.
        moments = [c.name for c in numbers if c.role is Role.MOMENT]
        for first, second in (*pairwise(named[:4]), *pairwise(moments[:3])):
            for rows in m.selections[:4]:
                sides = tuple(Plan(Operation.SUM, (name,), rows) for name in (first, second))
                yield Plan(Operation.DIFFERENCE, operands=sides)


def _compared(question: Question, sides: tuple[Plan, ...]) -> Iterator[Plan]:
    """Whether the first is greater, or less; where the question offers both words, in these."""
    offered = question.found(EITHER_WAY)
    if not offered:
        yield Plan(Operation.GREATER, operands=sides)
        yield Plan(Operation.GREATER, operands=sides[::-1])
        return
    first, second = offered[1], offered[2]
    yield Plan(Operation.GREATER, operands=sides, says=(first, second))
    yield Plan(Operation.GREATER, operands=sides, says=(second, first))


def _two(m: Material) -> Iterator[tuple[Filter, Filter, Rows]]:
    """Pairs of conditions on one column that two mentions make, with what else is said of the rows."""
    single = [(item, options) for item, options in _single(m.question)]
    pairs = 0
    for (first, ones), (second, others) in pairwise(single):
        for one in ones:
            other = next((each for each in others if each.column == one.column), None)
            if other is None or other.values == one.values or pairs >= 4:
                continue
            pairs += 1
            apart = {one.column}
            rest = tuple(
                options[0]
                for item, options in single
                if item not in (first, second) and options[0].column not in apart
            )
            yield one, other, rest
            if rest:
                yield one, other, ()


def _single(question: Question) -> Iterator[tuple[str, list[Filter]]]:
    for item in question.items:
        if item.startswith(VALUE):
            found = [_affirmed(f) for f in value_choices(question, item)]
        elif item.startswith((NUMBER, ORDINAL)):
            found = [
                rows[0]
                for rows in number_choices(question, item)
                if len(rows) == 1 and rows[0].compare is Compare.EQUAL
            ]
        else:
            continue
        if found:
            yield item, found


def _affirmed(condition: Filter) -> Filter:
    return Filter(condition.column, condition.compare, condition.values, condition.part, condition.other)


def _either_filter(one: Filter, other: Filter) -> Filter | None:
    if one.compare is not Compare.IS or other.compare is not Compare.IS:
        if one.compare is Compare.EQUAL and other.compare is Compare.EQUAL and not (one.part or other.part):
            return Filter(one.column, Compare.IS, (*one.values, *other.values))
        return None
    return Filter(one.column, Compare.IS, (*one.values, *other.values))


def _related(m: Material) -> Iterator[Plan]:
    """Rows that are held against a named row: the same, more, less."""
    alike = bool(m.words & _ALIKE)
    compared = bool(
        m.words & (COMPARATIVES.keys() | {"above", "below", "before", "after", "over", "under", "than"})
    )
    if not (alike or compared):
        return
    for item in [*m.question.of_kind(VALUE), *m.question.of_kind(ORDINAL)][:3]:
        options = value_choices(m.question, item) if item.startswith(VALUE) else ()
        for named in (_affirmed(each) for each in list(options)[:2]):
            for column in m.shown:
                if column.name == named.column:
                    continue
                for rows in _held_against(m, named, column, alike, compared):
                    yield Plan(Operation.COUNT, (), rows)
                    yield from (
                        Plan(Operation.LOOKUP, (shown.name,), rows)
                        for shown in dict.fromkeys((m.question.schema.get(named.column), *m.shown[:3]))
                    )
            if compared and m.asked.form == "count":
                for compare in (Compare.MORE, Compare.LESS):
                    yield Plan(Operation.COUNT, (), (Filter(FILE_ORDER, compare, other=(named,)),))


def _held_against(
    m: Material, named: Filter, column: SchemaColumn, alike: bool, compared: bool
) -> Iterator[Rows]:
    others = Filter(named.column, named.compare, named.values, negated=True)
    if alike:
        yield Filter(column.name, Compare.SAME_AS, other=(named,)), others
    if compared and column.role is not Role.ENTITY:
        yield (Filter(column.name, Compare.MORE, other=(named,)),)
        yield (Filter(column.name, Compare.LESS, other=(named,)),)


def _groups(m: Material) -> Iterator[Plan]:
    """What most rows have, or several."""
    if not m.words & _FREQUENT:
        return
    schema = m.question.schema
    repeated = [
        c for c in m.shown if not c.masked and 1 < c.distinct < schema.rows and c.role is not Role.MEASURE
    ]
    for rows in m.selections[:4]:
        for column in repeated[:5]:
            for end in _ENDS:
                yield _of_group(Group(column.name, order=end, limit=_limit(m)), rows)
            for measure in m.orders if m.words & {"most", "highest", "total", "combined", "greatest"} else ():
                if measure.role is Role.MEASURE and measure.reading is Reading.NUMBER:
                    yield _of_group(Group(column.name, "sum", measure.name, order="most"), rows)
            for compare, times in _times(m):
                # "a quantity of more than 15": one number says one thing.
                if any(times in f.values for f in rows):
                    continue
                counted = m.asked.form == "count"
                yield _of_group(Group(column.name, having=compare, threshold=times, counted=counted), rows)


def _of_group(group: Group, rows: Rows) -> Plan:
    return Plan(Operation.GROUP, (group.column,), rows, group=group)


def _times(m: Material) -> Iterator[tuple[Compare, str]]:
    """ "more than once", "at least two", "exactly 3"."""
    if m.words & {"once", "multiple", "several", "repeat", "repeated"}:
        yield Compare.MORE, "1"
    if "only" in m.words or "once" in m.words:
        yield Compare.EQUAL, "1"
    if "twice" in m.words:
        yield Compare.AT_LEAST, "2"
        yield Compare.EQUAL, "2"
    for item in m.question.of_kind(NUMBER)[:1]:
        number = m.question.mention(item).number
        if number and number.value == int(number.value) and 0 < number.value <= 20:
            yield from (
                (compare, str(int(number.value)))
                for compare in (Compare.MORE, Compare.AT_LEAST, Compare.EQUAL)
            )


def _verdicts(m: Material) -> Iterator[Plan]:
    if m.asked.form == "yes":
        yield from (Plan(Operation.HOLDS, (), rows) for rows in m.selections if rows)
