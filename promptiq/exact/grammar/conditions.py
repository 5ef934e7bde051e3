"""Conditions on rows: numbers compared, cells named, yes and no, empty cells, words in texts."""

from __future__ import annotations

from dataclasses import replace

from promptiq.exact.grammar.draft import (
    Draft,
    is_any,
    is_date,
    is_group,
    is_held,
    is_measure,
    is_moment,
    is_name,
    is_number,
)
from promptiq.exact.grammar.nouns import counts_rows
from promptiq.exact.grammar.times import MODERN, is_count
from promptiq.exact.numbers import NumberSpan
from promptiq.exact.plans import Compare, Filter, Reading, SchemaColumn
from promptiq.exact.reading.cells import CellChoice, is_prose
from promptiq.exact.reading.headers import headers
from promptiq.exact.reading.question import Item, says_nothing
from promptiq.exact.words import key, tokens

COMPARES = {
    "more": Compare.MORE, "at_least": Compare.AT_LEAST, "less": Compare.LESS, "at_most": Compare.AT_MOST,
    "equal": Compare.EQUAL, "unequal": Compare.UNEQUAL,
}  # fmt: skip
# Items between a number and the column that it is compared with, at most.
WINDOW = 6
# Above this nobody is so old.
OLDEST = 120


# --- numbers


def take_numbers(draft: Draft) -> None:
    """ "more than 5 seats", "between 50 and 100", "exam mark higher than coursework mark"."""
    for place, item in list(draft.free()):
        if place in draft.used:
            continue
        if item.number and not item.number.ordinal and (not item.period or is_count(draft, place)):
            _ranged(draft, place) or _compared(draft, place)
        elif item.says("compare", *COMPARES) or item.says("date", "after", "before"):
            _columns_compared(draft, place)


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
    draft.filters += [
        Filter(column, Compare.AT_LEAST, (low.text,)), Filter(column, Compare.AT_MOST, (high.text,)),
    ]  # fmt: skip
    draft.use("range", *range(place, after + 1), *([before] if led and before is not None else []))
    return True


def _compared(draft: Draft, place: int) -> bool:
    number = draft.items[place].number
    if number is None or (number.percent and not _has_percent(draft)):
        return False
    before, after = draft.beside(place, -1), draft.beside(place, 1)
    if before is not None and draft.fitting(draft.items[before], is_number) and before not in draft.used:
        # "below age 30"
        ahead = draft.beside(before, -1)
        if ahead is not None and ahead not in draft.used and draft.items[ahead].says("compare", *COMPARES):
            name = draft.column(draft.items[before], is_number, "number")
            if name and before - ahead <= 2:
                said = COMPARES[draft.items[ahead].value("compare")]
                draft.filters.append(Filter(name, said, (number.text,)))
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
        negated = _negated(draft, beside)
        if _counts_groups(draft, place):
            draft.having = (sign, number.text)
        elif column := _column_for(draft, place, place):
            draft.filters.append(Filter(column, sign, (number.text,), negated=bool(negated)))
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
    if after is not None and after == place + 1 and draft.items[after].says("top"):
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
        )
        if column and (beside == before or led or _is_of(draft, place, beside)):
            others = _or_numbers(draft, place)
            either = tuple(Filter(column, Compare.EQUAL, (each.text,)) for _, each in others)
            draft.filters.append(Filter(column, Compare.EQUAL, (number.text,), either=either))
            draft.use("comparison", place, beside, *(at for at, _ in others))
            return True
    return False


def _has_percent(draft: Draft) -> bool:
    return bool(draft.columns_that(lambda each: each.percent or is_held(each.name, "percent", draft.lexicon)))


def _is_of(draft: Draft, place: int, beside: int) -> bool:
    """ "a 5 for ease of use"."""
    between = [item.text for item in draft.items[place + 1 : beside]]
    return bool(between) and between[0] in ("for", "in", "on", "of") and draft.items[place - 1].text == "a"


def _or_numbers(draft: Draft, place: int) -> list[tuple[int, NumberSpan]]:
    """The numbers that "or" joins to one: "4 or 5"."""
    found = []
    at = place
    while at + 2 < len(draft.items) and draft.items[at + 1].text == "or" and at + 2 not in draft.used:
        number = draft.items[at + 2].number
        if number is None:
            break
        found.append((at + 2, number))
        at += 2
    return found


def _counts_groups(draft: Draft, place: int) -> bool:
    """ "more than 50 orders": how many rows something has."""
    after = draft.beside(place, 1)
    if after is not None and draft.items[after].says("compare"):
        after = draft.beside(after, 1)
    # "20 active customers": what stands between says which.
    for _ in range(2):
        if after is not None and not counts_rows(draft, draft.items[after]) and draft.items[after].cells:
            after = draft.beside(after, 1)
    if after is None or not counts_rows(draft, draft.items[after]):
        return False
    head = next((each for _, each in draft.free(0, place) if each.columns or counts_rows(draft, each)), None)
    if head is None or counts_rows(draft, head) or not draft.fitting(head, is_name):
        return False
    draft.use("rows", after)
    return True


def _column_for(draft: Draft, first: int, last: int) -> str | None:
    """The column that the number between these items is compared with: named behind it, else before it."""
    after = draft.beside(last, 1)
    joined = after is not None and any(item.text == "and" for item in draft.items[last + 1 : after])
    if after is not None and after - last <= 2 and after not in draft.used and not joined:
        if draft.items[after].says("compare") and (behind := draft.beside(after, 1)) is not None:
            after = behind
        if (column := draft.column(draft.items[after], is_number, "number")) and not counts_rows(
            draft, draft.items[after]
        ):
            draft.use("compared", after)
            return column
        if draft.items[after].says("unit"):
            draft.use("unit", after)
        elif after - last == 1 and _is_another(draft, draft.items[after]):
            return None
    for place in range(first - 1, max(-1, first - 1 - WINDOW), -1):
        item = draft.items[place]
        if draft.used.get(place) in ("range", "comparison"):
            break
        column = None if counts_rows(draft, item) else draft.column(item, is_number, "number")
        if column:
            draft.use("compared", place)
            if place and draft.items[place - 1].says("op", "count"):
                # "with number of audience over 150": a column's own words.
                draft.use("compared", place - 1)
            return column
    return _column_by_kind(draft, first)


def _is_another(draft: Draft, item: Item) -> bool:
    """Whether what is counted by a number is something that nothing measures: "5 courses"."""
    if item.roles or item.cells or item.number or item.period or counts_rows(draft, item):
        return False
    return not says_nothing(item, draft.lexicon)


def _column_by_kind(draft: Draft, place: int) -> str | None:
    """Of a number of which no column is said: an age of people, else an amount of money."""
    number = draft.items[place].number
    if draft.items[place].period and draft.columns_that(is_moment) and number and number.value >= MODERN:
        return None
    ages = draft.columns_that(lambda column: is_number(column) and "age" in column.name.casefold().split())
    if ages and number and number.value <= OLDEST:
        return ages[0]
    return money(draft, place)


def money(draft: Draft, place: int) -> str | None:
    """The column of money that is meant where none is named; open where there are several."""

    def fits(column: SchemaColumn) -> bool:
        plain = column.reading is Reading.NUMBER and not column.percent
        return plain and is_measure(column) and is_held(column.name, "money", draft.lexicon)

    whole = draft.columns_that(
        lambda column: fits(column) and not is_held(column.name, "averaged", draft.lexicon)
    )
    options = whole or draft.columns_that(fits)
    # A tax is part of another amount.
    plain = [name for name in options if not {"tax", "vat"} & set(key(name).split())]
    options = plain or options
    return draft.choose(f"money:{place}", options) if options else None


def _columns_compared(draft: Draft, place: int) -> None:
    """ "exam mark is higher than the coursework mark"."""
    before, after = draft.beside(place, -1), draft.beside(place, 1)
    if before is None or after is None or draft.items[after].number:
        return
    fits = is_date if draft.items[place].says("date") else is_number
    first = draft.column(draft.items[before], fits, "number")
    second = draft.column(draft.items[after], fits, "number")
    if first and second and first != second:
        item = draft.items[place]
        sign = (
            COMPARES.get(item.value("compare"))
            or {"after": Compare.MORE, "before": Compare.LESS}[item.value("date")]
        )
        draft.filters.append(Filter(first, sign, to=second))
        draft.use("comparison", before, place, after)


def either_way(filters: tuple[Filter, ...]) -> tuple[Filter, ...]:
    """ "after 2013 or before 2008": what no cell can be both is one or the other."""
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


# --- not


def _negated(draft: Draft, place: int) -> tuple[int, ...]:
    """The word that says not, just before an item; () where there is none."""
    for step in range(1, 4):
        at = place - step
        if at < 0:
            break
        if at in draft.used and draft.used[at] != "not":
            break
        if draft.items[at].says("not", "not"):
            return (at,)
        if draft.items[at].names or (
            draft.items[at].roles and draft.items[at].text not in ("any", "by", "a", "from")
        ):
            break
    return ()


# --- cells


def take_cells(draft: Draft) -> None:
    """Cells named in the question, as conditions. Consecutive cells of one column make one condition."""
    for place, item in list(draft.free()):
        if not item.cells or place in draft.used or _is_rather_a_column(draft, place):
            continue
        choice = _cell_choice(draft, place)
        if choice is None:
            continue
        negated = _negated(draft, place) or _negated_before(draft, place, choice.column)
        made = Filter(choice.column, Compare.IS, choice.cells, negated=bool(negated))
        draft.use("value", place)
        draft.use("not", *negated)
        draft.use("column", *_absorbed(draft, place, choice.column))
        _add(draft, place, made)


def _negated_before(draft: Draft, place: int, column: str) -> tuple[int, ...]:
    """ "except A and B", "neither A nor B": the item before is negated, so this one is, too."""
    if not draft.apart or not draft.apart[-1][1].negated or draft.apart[-1][1].column != column:
        return ()
    at = draft.apart[-1][0]
    between = {item.text for item in draft.items[at + 1 : place]}
    return (at,) if between <= {"and", "or", "nor", "the"} else ()


def _absorbed(draft: Draft, place: int, column: str) -> list[int]:
    """Words beside a cell that name its column: "region south", "the Pro plan"."""
    beside = [at for at in (draft.beside(place, -1), draft.beside(place, 1)) if at is not None]
    return [
        at
        for at in beside
        if at not in draft.used and abs(at - place) <= 2 and _names(draft.items[at], column)
        and all(each.part for each in draft.items[at].cells) and not _asked_for(draft, at)
    ]  # fmt: skip


def _asked_for(draft: Draft, place: int) -> bool:
    before = draft.beside(place, -1)
    return before is not None and draft.items[before].says("group")


def _names(item: Item, column: str) -> bool:
    return any(each.name == column and each.score >= 0.5 for each in item.columns)


def _is_rather_a_column(draft: Draft, place: int) -> bool:
    item = draft.items[place]
    before = draft.beside(place, -1)
    after = draft.beside(place, 1)
    if (
        item.says("not")
        and not item.quoted
        and after is not None
        and after - place <= 2
        and draft.items[after].columns
    ):
        # "no comment", if some cells are No.
        return not _is_said_beside(draft, place, item.cells[0].column)
    parts = not item.quoted and all(each.part for each in item.cells)
    if parts and (item.roles or counts_rows(draft, item)):
        return True
    if not item.quoted and _is_said_in_a_header(draft, item):
        return True
    if not item.columns or item.quoted:
        return bool(item.period or item.number) and not _is_whole_name(item)
    if before is not None and draft.items[before].says("group", "by"):
        return True
    if before is not None and draft.items[before].says("op", "average", "sum", "median", "min", "max"):
        return bool(draft.fitting(item, is_number))
    return item.columns[0].score > item.cells[0].score or (item.columns[0].whole and item.cells[0].part)


def _is_said_in_a_header(draft: Draft, item: Item) -> bool:
    """ "shipping" if a column is called Shipping Fee, and some cells are "shipped"."""
    said = set(item.text.split())
    spelled = any(said & {token.text for token in tokens(cell)} for each in item.cells for cell in each.cells)
    return not spelled and any(
        said <= {word.text for form in headers(each.name) for word in form} for each in item.columns
    )


def _is_whole_name(item: Item) -> bool:
    return any(not each.part for each in item.cells)


def _cell_choice(draft: Draft, place: int) -> CellChoice | None:
    item = draft.items[place]
    best = item.cells[0].score
    options = [each for each in item.cells if each.score >= best - 0.04]
    near = [each for each in options if _is_said_beside(draft, place, each.column)]
    options = near or options
    if len(options) > 1:
        fewer = [each for each in options if not draft.schema.get(each.column).identifier]
        options = fewer or options
    choice = draft.choose(f"cell:{item.start}", options)
    several = choice.part and len(choice.cells) > 1 and item.end - item.start == 1 and not item.quoted
    if several:
        cells = [replace(choice, cells=(cell,)) for cell in choice.cells[:6]]
        return draft.choose(f"name:{item.start}", cells)
    return choice


def _is_said_beside(draft: Draft, place: int, column: str) -> bool:
    return any(
        _names(draft.items[at], column)
        for at in range(max(0, place - 3), min(len(draft.items), place + 4))
        if at != place
    )


def _add(draft: Draft, place: int, made: Filter) -> None:
    """Add a condition. If the column has one, both cells count. Each is also kept by itself, for
    comparisons.
    """
    draft.apart.append((place, made))
    same = [each for each in draft.filters if each.column == made.column and each.compare is Compare.IS]
    if same and same[-1].negated == made.negated:
        draft.filters.remove(same[-1])
        values = tuple(dict.fromkeys((*same[-1].values, *made.values)))
        made = replace(made, values=values)
    draft.filters.append(made)


# --- yes and no, empty, texts


def take_flags(draft: Draft) -> None:
    """ "churned customers", "without auto renew", "unpaid", "failed" for a column of passed."""
    for place, item in list(draft.free()):
        if _asked_for(draft, place):
            continue
        name, yes = _flag(draft, item)
        if not name:
            continue
        negated = _negated(draft, place)
        flags = draft.schema.get(name).flags or ((), ())
        wanted = flags[0] if yes != bool(negated) else flags[1]
        draft.filters.append(Filter(name, Compare.IS, wanted) if wanted else Filter(name, Compare.EMPTY))
        draft.apart.append((place, draft.filters[-1]))
        draft.use("flag", place, *negated)
        after = draft.beside(place, 1)
        if after is not None and draft.items[after].text in ("yes", "true", "no", "false"):
            draft.use("flag", after)


def _flag(draft: Draft, item: Item) -> tuple[str, bool]:
    """The boolean column that an item names, and whether it means yes; "" if there is none."""

    def fits(column: SchemaColumn) -> bool:
        return column.flags is not None

    found = draft.fitting(item, fits)
    if found and found[0].score >= 0.7 and found[0].score >= item.columns[0].score - 0.05:
        return found[0].name, True
    stem = draft.lexicon.stem(item.text)
    for column in draft.schema.columns:
        if column.flags is None:
            continue
        words = key(column.name).split()
        roots = {
            item.text.removeprefix(prefix) for prefix in ("un", "in", "non") if item.text.startswith(prefix)
        }
        opposite = draft.lexicon.opposites.get(stem, "")
        if opposite in words or any(draft.lexicon.stem(root) in words for root in roots if len(root) > 2):
            return column.name, False
    return "", True


def take_empties(draft: Draft) -> None:
    """ "no sales rep filled in", "missing an email address", "without a driver", "have a ship date"."""
    for place, item in list(draft.free()):
        if not item.columns or place in draft.used:
            continue
        negated = _negated(draft, place) or _lacking(draft, place)
        if not negated and not _having(draft, place):
            continue
        name = draft.column(item, is_any, "empty")
        column = draft.schema.get(name) if name else None
        if column is None or name is None:
            continue
        if negated and is_measure(column) and column.values and not _lacking(draft, place):
            nothing = Filter(name, Compare.EQUAL, ("0",), either=(Filter(name, Compare.EMPTY),))
            draft.filters.append(nothing)
        elif negated:
            draft.filters.append(Filter(name, Compare.EMPTY))
        elif _having(draft, place):
            draft.filters.append(Filter(name, Compare.EMPTY, negated=True))
        else:
            continue
        draft.apart.append((place, draft.filters[-1]))
        draft.use("empty", place, *negated)
        for beside in (draft.beside(place, 1), draft.beside(place, -1)):
            if beside is not None and draft.items[beside].says("empty"):
                draft.use("empty", beside)


def _lacking(draft: Draft, place: int) -> tuple[int, ...]:
    """ "missing" or "empty" beside a column."""
    for beside in (draft.beside(place, -1), draft.beside(place, 1)):
        if beside is not None and draft.items[beside].says("empty", "empty") and beside not in draft.used:
            return (beside,)
    return ()


def _having(draft: Draft, place: int) -> bool:
    words = [item.text for item in draft.items[max(0, place - 2) : place]]
    return (
        len(words) == 2
        and words[0] in ("have", "has", "with", "had", "having", "use", "both")
        and words[1] in ("a", "an", "any")
    )


def take_texts(draft: Draft) -> None:
    """ "notes that mention the tail lift": the remaining words, in the text column that is mentioned."""
    told = [
        (place, name)
        for place, item in draft.free()
        if (name := draft.column(item, lambda column: reads_as_prose(draft, column), "text"))
        and _prose_said(item, name)
    ]
    says = draft.said("text")
    if not told and not says:
        return
    spelled = next((draft.items[place].value("text") for place in says), "contains")
    column = told[0][1] if told else _spelled_column(draft, says[0])
    if column is None:
        return
    start = says[0] if says and (not told or says[0] > told[0][0]) else 0
    words = [
        (place, item)
        for place, item in draft.free()
        if not any(map(item.says, ("op", "list", "group", "text", "holds", "rows")))
        and (not told or place != told[0][0])
        and (item.quoted or not _plain(draft, item)) and place > start * bool(says) - 1
        and not counts_rows(draft, item)
    ]  # fmt: skip
    if not words:
        return
    compare = {"starts": Compare.STARTS, "ends": Compare.ENDS}.get(spelled, Compare.HAS)
    for place, item in words:
        draft.filters.append(Filter(column, compare, (item.text,)))
        draft.use("text", place)
    draft.use("text", *says, *(place for place, _ in told[:1]))


def reads_as_prose(draft: Draft, column: SchemaColumn) -> bool:
    return is_prose(column) or is_held(column.name, "prose", draft.lexicon)


def _prose_said(item: Item, name: str) -> bool:
    return any(each.name == name and each.score >= 0.7 for each in item.columns)


def _plain(draft: Draft, item: Item) -> bool:
    return all(
        word in draft.lexicon.stop or draft.lexicon.stem(word) in draft.lexicon.soft
        for word in item.text.split()
    )


def _spelled_column(draft: Draft, place: int) -> str | None:
    """The last column named before a word such as "contains"."""
    for at in range(place - 1, -1, -1):
        if draft.items[at].columns and (name := draft.column(draft.items[at], is_group, "text")):
            return name
    return None
