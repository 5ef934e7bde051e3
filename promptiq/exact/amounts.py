"""Numbers in a question as conditions: how they compare, and which column they speak of."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

from promptiq.exact.dates import DateSpan
from promptiq.exact.numbers import NumberSpan, plain
from promptiq.exact.plans import Compare, Filter, Reading, Role, SchemaColumn
from promptiq.exact.question import COLUMN, Question, fits, is_measure
from promptiq.exact.vocabulary import SOFT, STOP
from promptiq.exact.words import tokens

_GREATER = "more|greater|higher|larger|bigger|longer|older|taller|better|heavier|faster|later|deeper"
_SMALLER = "less|fewer|lower|smaller|shorter|younger|slower|earlier|worse|lighter"
_BEFORE = (
    (r"(no|not) (less|fewer|lower|smaller|under) than", Compare.AT_LEAST),
    (r"(no|not) (more|greater|higher|larger|over) than", Compare.AT_MOST),
    (r"(at least|a minimum of|minimum of|as many as)", Compare.AT_LEAST),
    (r"(at most|up to|a maximum of|maximum of)", Compare.AT_MOST),
    (rf"({_GREATER}) (\S+ ){{0,2}}?than", Compare.MORE),
    (rf"({_SMALLER}) (\S+ ){{0,2}}?than", Compare.LESS),
    (r"(above|over|exceed|exceeds|exceeded|exceeding|past|topped|surpassed|after)", Compare.MORE),
    (r"(under|below|before|prior to)", Compare.LESS),
    (r"(since|starting in|from)", Compare.AT_LEAST),
    (r"(until|through)", Compare.AT_MOST),
)  # fmt: skip
_AFTER = (
    (
        r"(\S+ )?(or|and) (more|above|higher|greater|over|better|longer|larger|later|older|up)\b",
        Compare.AT_LEAST,
    ),
    (r"(\S+ )?(or|and) (less|fewer|below|lower|under|shorter|smaller|earlier|younger)\b", Compare.AT_MOST),
    (r"plus\b", Compare.AT_LEAST),
)
# Words between a comparison and its number, and between a number and the column it speaks of.
_GAP = r"(?: (?:a|an|the|year|of|only|exactly|just|total|about))*"
# Numbers that are years, unless a column stands beside them.
FIRST_YEAR, LAST_YEAR = 1500, 2100


def read_amounts(question: Question, asked: str, skip: set[str]) -> list[Filter]:
    found: list[Filter] = []
    taken: set[str] = set()
    found += _ranges(question, asked)
    for item in question.of_kind("@n"):
        if item in skip or item in question.used:
            continue
        _join_season(question, item)
        number, compare = question.mention(item).number, comparison(question, item)
        column, columns_item = _number_column(question, item, asked, taken, compare)
        if column is None or number is None:
            continue
        question.use(item)
        if columns_item:
            question.use(columns_item)
            taken.add(columns_item)
        found.append(number_filter(column, compare, number))
    return found


def _join_season(question: Question, item: str) -> None:
    """ "2010-2011", "2010-11": one season, named by its first year."""
    after = question.items[question.index(item) + 1 :][:1]
    first = question.mention(item).number
    second = question.mention(after[0]).number if after and after[0].startswith("@n") else None
    if first and second and second.value in {first.value + 1, first.value % 100 + 1}:
        question.use(after[0])


def number_filter(column: SchemaColumn, compare: Compare, number: NumberSpan) -> Filter:
    if column.reading is Reading.TIME:
        return Filter(column.name, compare, (plain(_seconds_in(column, number)),), part="seconds")
    part: Literal["", "year"] = "year" if column.reading is Reading.DATE else ""
    return Filter(column.name, compare, (plain(number.value),), part=part)


def _seconds_in(column: SchemaColumn, number: NumberSpan) -> Decimal:
    """As the column's cells are read: "2:20" are hours where theirs begin with hours; three in the afternoon
    is 15:00 as any other two parts are.
    """
    if number.clock == "short" and column.hours:
        return number.value * 60
    return number.value / 60 if number.clock == "day" and not column.hours else number.value


def _time_column(question: Question, place: int) -> tuple[SchemaColumn | None, str]:
    """The column of times that is named nearest before or after, else the first."""
    if named := _named_nearest(question, place, Reading.TIME):
        return named
    return next((each for each in question.schema.columns if each.reading is Reading.TIME), None), ""


def _named_nearest(question: Question, place: int, reading: Reading) -> tuple[SchemaColumn, str] | None:
    """The column read so whose mention stands nearest before, else after, with the mention."""
    for other in (*reversed(question.items[:place]), *question.items[place + 1 :]):
        if other.startswith(COLUMN) and (own := question.column(other)) and own.reading is reading:
            return own, other
    return None


def _ranges(question: Question, asked: str) -> list[Filter]:
    """ "between 10 and 20", "from 1990 to 1999"."""
    matched = question.found(r"\b(?:between|from)(?: the years?)? (@n\d+) (?:and|to|through|until) (@n\d+)")
    if not matched:
        return []
    low, high = matched[1], matched[2]
    bounds = [question.mention(item).number for item in (low, high)]
    if len({bool(bound and bound.clock) for bound in bounds}) > 1:
        # "between 3 and 5 pm": of one bound the unit is not said.
        return []
    column, item = _number_column(question, low, asked, set(), Compare.AT_LEAST)
    if column is None:
        column, item = _number_column(question, high, asked, set(), Compare.AT_MOST)
    if column is None:
        return []
    question.use(low, high, *([item] if item else []))
    # Years of a range count in; of other bounds too, as most people mean it.
    return [
        number_filter(column, compare, number)
        for compare, item in ((Compare.AT_LEAST, low), (Compare.AT_MOST, high))
        if (number := question.mention(item).number)
    ]


def comparison(question: Question, item: str) -> Compare:
    for pattern, compare in _AFTER:
        if question.found(rf"{item} {pattern}"):
            return compare
    for pattern, compare in _BEFORE:
        if question.found(rf"\b{pattern}{_GAP} {item}\b"):
            return compare
    return Compare.EQUAL


def _number_column(
    question: Question, item: str, asked: str, taken: set[str], compare: Compare
) -> tuple[SchemaColumn | None, str]:
    """The column that a number speaks of, and the mention that says so."""
    mention = question.mention(item)
    number = mention.number
    if number is None:
        return None, ""
    place = question.index(item)
    if number.clock:
        return _time_column(question, place)
    is_year = (
        FIRST_YEAR <= number.value <= LAST_YEAR and number.value == int(number.value) and not number.percent
    )
    beside = _measure_beside(question, place, asked, taken)
    if is_year and beside[0] and compare is not Compare.EQUAL and _compares_amounts(question, item):
        return beside
    if is_year and (moment := _year_column(question, place)):
        return (
            (moment, "")
            if compare is not Compare.EQUAL or _has_year(moment, plain(number.value))
            else (None, "")
        )
    if beside[0]:
        return beside
    if is_year and compare is Compare.EQUAL:
        return None, ""
    rank = question.rank()
    if rank and question.found(
        rf"\b(rank|ranked|ranking|number|position|place|placed|finished)( \w+)? {item}\b"
    ):
        return rank, ""
    noun = next((word for word in question.items[place + 1 : place + 2] if word.isalpha()), "")
    if (total := question.total()) and not (noun and _names_entity(question, noun)):
        return total, ""
    measures = [each for each in question.measures() if each.name != asked]
    lonely = len(measures) == 1 and (not noun or noun in STOP or tokens(noun)[0].stem in SOFT)
    return (measures[0], "") if lonely else (None, "")


def _names_entity(question: Question, noun: str) -> bool:
    word = tokens(noun)[0]
    return any(each.role is Role.ENTITY and fits(each, word) for each in question.schema.columns)


def _has_year(column: SchemaColumn, year: str) -> bool:
    return not column.complete or any(year in value for value in column.values)


def _year_column(question: Question, place: int) -> SchemaColumn | None:
    """The column of years, where the number stands as one: "in 1998", "the 1998 season"."""
    before = question.items[place - 1] if place else ""
    moment = _moment_for(question, place)
    if before.startswith(COLUMN) and (own := question.column(before)) and own.role is not Role.MOMENT:
        return None
    if before.startswith(COLUMN) and own and own.role is Role.MOMENT:
        return own
    after = question.items[place + 1 : place + 2]
    if after and after[0].startswith(COLUMN) and (own := question.column(after[0])) and is_measure(own):
        if before in {"in", "during", "of", "since", "the"} and moment:
            return moment
        return None
    return moment


def _compares_amounts(question: Question, item: str) -> bool:
    """ "over 2000", "at least 2000": said of amounts; of years it would be "after", "since"."""
    words = r"over|above|exceed(?:s|ed|ing)?|under|below|than|at least|at most|up to|topped|surpassed"
    return bool(
        question.found(rf"\b(?:{words}){_GAP} {item}\b|{item} (?:or|and) (?:more|above|less|below|over)")
    )


def _moment_for(question: Question, place: int) -> SchemaColumn | None:
    """The time that a year speaks of: of two columns of dates, the one that is named."""
    dates = [each for each in question.schema.columns if each.reading is Reading.DATE]
    return date_column(question, question.items[place])[0] if len(dates) > 1 else question.moment()


def date_column(question: Question, item: str) -> tuple[SchemaColumn | None, str]:
    """The column of dates whose word stands nearest before a date, else after it, with the mention;
    None where of several none is named.
    """
    if named := _named_nearest(question, question.index(item), Reading.DATE):
        return named
    dates = question.dates()
    return (dates[0] if len(dates) == 1 else None), ""


def date_filters(column: SchemaColumn, span: DateSpan, compare: Compare) -> tuple[Filter, ...]:
    """What a date in a question says of a column of dates: a day to compare with, or parts that are equal."""
    if span.year and compare is not Compare.EQUAL:
        # After a month is from the day on that follows it, and so is not later than a month.
        late = not span.day and compare in (Compare.MORE, Compare.AT_MOST)
        year, month = (span.year + 1, 1) if late and span.month == 12 else (span.year, span.month + late)
        sign = {Compare.MORE: Compare.AT_LEAST, Compare.AT_MOST: Compare.LESS}[compare] if late else compare
        return (Filter(column.name, sign, (f"{year}-{month:02}-{span.day or 1:02}",)),)
    parts = (("year", span.year), ("month", span.month), ("day", span.day))
    return tuple(
        Filter(
            column.name,
            compare if part == "month" and not span.year else Compare.EQUAL,
            (str(value),),
            part=part,  # type: ignore[arg-type]
        )
        for part, value in parts
        if value is not None
    )


def _measure_beside(
    question: Question, place: int, asked: str, taken: set[str]
) -> tuple[SchemaColumn | None, str]:
    """ "8 silver medals", then "a total of 6,981", "population percentage above 70"."""
    for other in _clause(question.items[place + 1 : place + 6]):
        if other.startswith(COLUMN) and other not in taken:
            column = question.column(other, Role.MEASURE, Role.RANK)
            if column and column.name != asked:
                return column, other
    for other in _clause(question.items[max(0, place - 7) : place][::-1], back=True):
        if other.startswith(COLUMN) and other not in taken:
            column = question.column(other, Role.MEASURE, Role.RANK)
            if column and column.name != asked:
                return column, other
    return None, ""


def _clause(items: tuple[str, ...], *, back: bool = False) -> list[str]:
    """The items up to where another statement begins."""
    kept: list[str] = []
    for item in items:
        if item[:2] in ("@n", "@v", "@d") or item in {"but", "while", "which", "who", "what"}:
            break
        if item in {"and", "or"} and not back and kept:
            break
        kept.append(item)
    return kept
