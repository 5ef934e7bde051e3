"""Which rows a question speaks of: values, numbers, dates, "no", "negative", "other than"."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from promptiq.exact.amounts import comparison, date_column, date_filters, read_amounts
from promptiq.exact.cell_names import ValueChoice
from promptiq.exact.flags import flag_items, read_flags
from promptiq.exact.numbers import plain
from promptiq.exact.plans import Compare, Filter, Reading, Role, SchemaColumn
from promptiq.exact.question import COLUMN, VALUE, Question, is_measure
from promptiq.exact.vocabulary import OUTCOMES
from promptiq.exact.words import stem

_APART = r"other than|besides|except for|except|excluding|aside from|apart from|outside of|outside|instead of"
_NOT = (
    r"not|not in|not from|not by|not the|not a|not an|not have|not have a|not have the|neither|nor|without|no"
)


@dataclass(frozen=True, slots=True)
class Conditions:
    """`filters`: in the order of the question. `doubt`: 0–1, how unsure their columns are."""

    filters: tuple[Filter, ...]
    doubt: float = 0.0


# A cell that only holds the words is hardly what "the email anna@…" names.
SURELY = 0.8


def value_filter(question: Question, item: str, *, apart_from: str = "") -> tuple[Filter, ValueChoice]:
    """A mention's cells as a filter. `apart_from`: a column that is asked for, and hardly is a condition."""
    choice = choose(question, item, apart_from)
    question.use(item)
    # "the Larks as opponent", "the town is Leeds": the column says no more than what the cell is.
    called = question.found(rf"(@c\d+) (?:(?:is|was|are|of) )?(?:the )?{item}\b") or question.found(
        rf"{item} (?:as (?:the |an? |its |their )?)?(@c\d+)"
    )
    if (
        called
        and choice.score > SURELY
        and choice.column in {column.name for column in question.columns(called[1])}
    ):
        question.use(called[1])
    return Filter(choice.column, Compare.IS, choice.values), choice


def choose(question: Question, item: str, apart_from: str = "") -> ValueChoice:
    """Of several columns with such a value, the one whose header stands beside it, then the surest."""
    choices = question.mention(item).values
    beside = _columns_beside(question, item)
    named = _columns_named(question)

    def preference(choice: ValueChoice) -> float:
        bonus = 0.3 * (choice.column in beside) + 0.15 * (choice.column in named)
        bonus -= 0.2 * (choice.column == apart_from)
        return choice.score + bonus

    return max(choices, key=preference)


def rivals(question: Question, item: str, apart_from: str = "") -> list[ValueChoice]:
    """Other columns that fit a value's mention just as well."""
    best = choose(question, item, apart_from)
    if best.column in _columns_named(question):
        return []
    return [
        other
        for other in question.mention(item).values
        if other.column not in (best.column, apart_from) and other.score >= best.score - 0.001
    ]


def _columns_beside(question: Question, item: str) -> set[str]:
    place = question.index(item)
    near = question.items[max(0, place - 3) : place] + question.items[place + 1 : place + 4]
    return {each.name for other in near if other.startswith(COLUMN) for each in question.columns(other)}


def _columns_named(question: Question) -> set[str]:
    return {each.name for other in question.of_kind(COLUMN) for each in question.columns(other)}


def read_conditions(question: Question, asked: str, skip: set[str]) -> Conditions:
    """All conditions outside the items of `skip`. `asked`: the column asked for, or ""."""
    filters: list[Filter] = []
    filters += read_flags(question, skip)
    skip = {*skip, *flag_items(question)}
    filters += _places(question, skip)
    filters += read_amounts(question, asked, skip)
    filters += _dates(question, skip)
    filters += _values(question, asked, skip)
    filters += _absences(question, skip)
    filters += _signs(question, skip)
    filters += _outcomes(question, filters)
    return Conditions(tuple(dict.fromkeys(filters)))


# --- values


def _values(question: Question, asked: str, skip: set[str]) -> list[Filter]:
    found: dict[tuple[str, bool], Filter] = {}
    for item in question.of_kind(VALUE):
        if item in skip or item in question.used:
            continue
        if _is_class_noun(question, item):
            continue
        condition, _ = value_filter(question, item, apart_from=asked)
        denied = is_denied(question, item)
        place = (condition.column, denied)
        if place in found:
            condition = replace(condition, values=(*found[place].values, *condition.values))
        found[place] = replace(condition, negated=denied)
    return list(found.values())


def is_denied(question: Question, item: str) -> bool:
    """Whether rows without the value are meant: "other than X", "not in X", "neither X nor Y"."""
    apart = question.found(rf"\b({_APART})( \w+)? {item}\b")
    return bool(
        apart
        or question.found(
            rf"\b({_NOT})(?: (?!@|but\b)\S+){{0,4}} (?:@v\d+ (?:or|nor|and) (?:\w+ )?)*{item}\b"
        )
    )


def _is_class_noun(question: Question, item: str) -> bool:
    """ "which convention …", where cells hold the word: what is asked for, not which rows."""
    mention = question.mention(item)
    place = question.index(item)
    before = question.items[place - 1] if place else ""
    if mention.values[0].score >= 0.7 or before not in {"which", "what", "many", "of", "different", "the"}:
        return False
    if before in {"of", "the"} and question.items[max(0, place - 2) : place - 1] not in (
        ("number",),
        ("is",),
        ("was",),
    ):
        return False
    question.use(item)
    return True


# --- places

_FINISH = (
    r"(?:finish|finished|finishes|finishing|place|placed|placing|rank|ranked|came|come|got|earned|earn|received|"
    r"receive|took|take|achieved|attained|won|win|position|standing|result)"
)


def _places(question: Question, skip: set[str]) -> list[Filter]:
    """ "finished third", "in second place", "top 10": a rank, where a column holds ranks."""
    rank = question.rank()
    if rank is None:
        return []
    found = []
    patterns = (rf"\b{_FINISH}(?: in)?(?: the)? (@o\d+)(?! @c| [a-z]+(?:est|most)\b)",
                r"(@o\d+)(?: place)(?! @c)", r"\b(?:in|received|were|was|is) (@o\d+)$")  # fmt: skip
    for matched in (found_ for pattern in patterns for found_ in re.finditer(pattern, question.text)):
        item = matched[1]
        number = question.mention(item).number
        if item in question.used or item in skip or number is None:
            continue
        question.use(item, *_rank_items(question, rank))
        found.append(Filter(rank.name, Compare.EQUAL, (plain(number.value),)))
    top = question.found(r"\b(?:in|within|among|inside|made|reached) (?:the )?top (@n\d+)")
    if top and (number := question.mention(top[1]).number):
        question.use("top", top[1], *_rank_items(question, rank))
        found.append(Filter(rank.name, Compare.AT_MOST, (plain(number.value),)))
    return found


def _rank_items(question: Question, rank: SchemaColumn) -> list[str]:
    return [item for item in question.of_kind(COLUMN) if rank in question.all_columns(item)]


# --- dates


def _dates(question: Question, skip: set[str]) -> list[Filter]:
    found: list[Filter] = []
    for item in question.of_kind("@d"):
        span = question.mention(item).date
        if item in skip or not span:
            continue
        column, columns_item = date_column(question, item)
        if column is None:
            continue
        question.use(item, columns_item)
        compare = comparison(question, item)
        if compare in (Compare.AT_LEAST, Compare.AT_MOST) and question.found(rf"\b(from|through) {item}"):
            compare = Compare.EQUAL
        found += date_filters(column, span, compare)
    return found


# --- nothing, less than nothing, won and lost


def _absences(question: Question, skip: set[str]) -> list[Filter]:
    """ "no gold medals", "did not score a touchdown", "without a note"."""
    found = []
    pattern = r"\b(?:no|not|never|without|zero)(?: (?!than\b|more\b|less\b|fewer\b)[a-z]+){0,2}? (@c\d+)"
    for matched in re.finditer(pattern, question.text):
        item = matched[1]
        column = question.column(item)
        if column is None or item in skip or re.search(r"\bnot only\b", matched[0]):
            continue
        question.use(item)
        if is_measure(column) and column.reading is Reading.NUMBER:
            found.append(Filter(column.name, Compare.EQUAL, ("0",)))
        elif re.match(r"no|without", matched[0]):
            found.append(Filter(column.name, Compare.EMPTY))
    return found


def _signs(question: Question, skip: set[str]) -> list[Filter]:
    matched = question.found(r"\b(negative|positive)\b")
    if not matched:
        return []
    items = question.of_kind(COLUMN)
    after = [
        item
        for item in items
        if question.text.find(item + " ") > matched.start() or question.text.endswith(item)
    ]
    candidates = [
        column
        for item in reversed([*items, *after])
        if item not in skip and (column := question.column(item, Role.MEASURE))
    ]
    signed = [each for each in question.measures() if any(v.strip()[:1] in "+-−–" for v in each.values)]
    pool = [each for each in candidates if each in signed] or signed or candidates
    if not pool:
        return []
    for item in items:
        if question.column(item, Role.MEASURE) is pool[0]:
            question.use(item)
    compare = Compare.LESS if matched[1] == "negative" else Compare.MORE
    return [Filter(pool[0].name, compare, ("0",))]


def _outcomes(question: Question, filters: list[Filter]) -> list[Filter]:
    """ "games they won", where a column says W or L."""
    for word in question.items:
        names = OUTCOMES.get(stem(word), ()) if word.isalpha() else ()
        for column in question.schema.columns if names else ():
            if column.role is not Role.ENTITY or any(f.column == column.name for f in filters):
                continue
            cells = [value for value in column.values if _first_word(value) in names]
            others = {_first_word(value) for value in column.values}
            known = {form for forms in OUTCOMES.values() for form in forms}
            if cells and len(others - known) <= 0.2 * len(others) and len(others) >= 2:
                question.use(word)
                return [Filter(column.name, Compare.IS, tuple(cells))]
    return []


def _first_word(value: str) -> str:
    matched = re.match(r"[a-z]+", value.strip().casefold())
    return matched[0] if matched else ""
