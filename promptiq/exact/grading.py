"""Superlatives, comparatives and places in an order: by which column, which way, how many."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from promptiq.exact.adjectives import COMPARATIVES, GRADED, SUPERLATIVES, Adjective, compared_by
from promptiq.exact.asking import Asked
from promptiq.exact.linking import headers
from promptiq.exact.plans import FILE_ORDER, Order, Reading, Role, SchemaColumn
from promptiq.exact.question import COLUMN, Question, is_place

# Items after a superlative in which its column stands.
_REACH = 8
_ENDS = frozenset({"but", "than", "that", "who", "which", "when", "where", "compared"})


@dataclass(frozen=True, slots=True)
class Grade:
    """A superlative. `place`, `end`: its items. `limit`: "top 4". `skip`: "second highest"."""

    adjective: Adjective
    word: str
    place: int
    end: int
    limit: int = 1
    skip: int = 0


def find_grades(question: Question) -> list[Grade]:
    items = question.items
    found = []
    for place, word in enumerate(items):
        before = items[place - 1] if place else ""
        if (
            word not in SUPERLATIVES
            or before == "at"
            or (word in {"most", "least"} and "at" in items[max(0, place - 1) : place])
        ):
            continue
        after = items[place + 1] if place + 1 < len(items) else ""
        adjective, end = SUPERLATIVES[word], place + 1
        if word in {"most", "least"} and after in GRADED:
            adjective, end = GRADED[after], place + 2
            if word == "least":
                adjective = Adjective(
                    not adjective.up, adjective.hints, adjective.down_hints, adjective.moment
                )
        limit, skip = _limit(question, place, after), _skip(question, place, before)
        found.append(Grade(adjective, word, place, end, limit, skip))
    return found


def _limit(question: Question, place: int, after: str) -> int:
    for item in (after, question.items[place - 1] if place else ""):
        if item.startswith("@n") and (number := question.mention(item).number) and 1 < number.value <= 50:
            question.use(item)
            return int(number.value)
    return 1


def _skip(question: Question, place: int, before: str) -> int:
    """ "second most": one is passed over; "next highest" alike."""
    if before.startswith("@o") and (number := question.mention(before).number):
        question.use(before)
        return int(number.value) - 1
    return 0


def order_for(question: Question, grade: Grade, asked: Asked) -> Order | None:
    """None where no column is graded, so that rows are to be counted."""
    column, item = _graded_column(question, grade, asked)
    if column is None:
        return None
    if item:
        question.use(item)
    return Order((column.name,), _descending(grade.adjective, grade.word, column), grade.limit, grade.skip)


def _descending(adjective: Adjective, word: str, column: SchemaColumn) -> bool:
    if is_place(column) and word in {"best", "top", "highest", "worst", "lowest", "bottom"}:
        return not adjective.up
    stems = {token.stem for form in headers(column.name) for token in form}
    if stems & set(adjective.down_hints) and not stems & set(adjective.hints):
        return not adjective.up
    if column.reading is Reading.TIME and word in {"best", "worst", "fastest", "quickest", "slowest"}:
        return word in {"worst", "slowest"}
    # The older of two is the one of the earlier year.
    if column.role is Role.MOMENT and adjective.moment and adjective.hints:
        return not adjective.up
    return adjective.up


def _graded_column(question: Question, grade: Grade, asked: Asked) -> tuple[SchemaColumn | None, str]:
    for item in question.items[grade.end : grade.end + _REACH]:
        if item in _ENDS:
            break
        if item.startswith(COLUMN) and (column := _gradable(question, item, grade)):
            return column, item
    adjective = grade.adjective
    if hinted := question.hinted((*adjective.hints, *adjective.down_hints), Role.MEASURE, Role.MOMENT):
        return hinted, ""
    if adjective.moment and (moment := question.when()):
        return moment, ""
    for item in reversed(question.items[: grade.place]):
        if item.startswith(COLUMN) and item != asked.item and (column := _gradable(question, item, grade)):
            return column, item
    return _unnamed(question, grade, asked), ""


def _gradable(question: Question, item: str, grade: Grade) -> SchemaColumn | None:
    best = question.column(item)
    if grade.adjective.moment:
        # "the earliest kickoff": a time of day.
        timed = best is not None and best.reading is Reading.TIME
        return best if timed else question.column(item, Role.MOMENT)
    if best and best.role is Role.ENTITY:
        return None
    if best and best.role is Role.RANK and grade.word in {"most", "least", "fewest"}:
        return None
    if (
        best
        and best.role is Role.MOMENT
        and grade.word in {"best", "worst", "most", "least", "top", "fewest"}
    ):
        return question.column(item, Role.MEASURE, Role.RANK)
    return question.column(item, Role.MEASURE, Role.RANK) or best


def _unnamed(question: Question, grade: Grade, asked: Asked) -> SchemaColumn | None:
    """No column is named: the total, the rank for "best", the only measure; None for "appears the most"."""
    repeated = asked.column is not None and asked.column.distinct < question.schema.rows
    if repeated and grade.end == len(question.items) and grade.word in {"most", "least"}:
        return None
    counted = re.search(
        r"\b(appear|appears|appeared|common|often|frequent|frequently|times|listed)\b", question.text
    )
    if counted:
        return None
    if total := question.total():
        return total
    if grade.word in {"best", "worst", "top", "highest", "lowest"} and (rank := question.rank()):
        return rank
    measures = [each for each in question.measures() if each is not asked.column]
    return measures[0] if len(measures) == 1 and not repeated else None


def comparative(items: Sequence[str]) -> str:
    """The first word that compares, with the adjective it grades: "longer", "more expensive"; "" without."""
    for place, item in enumerate(items):
        if item in COMPARATIVES:
            after = next(iter(items[place + 1 : place + 2]), "")
            return f"{item} {after}" if item in {"more", "less"} and after in GRADED else item
    return ""


def compared_column(question: Question, items: tuple[str, ...], word: str) -> tuple[SchemaColumn | None, str]:
    """For "more gold medals than", "older than": the column that is compared, and its mention."""
    for item in items:
        if item.startswith(COLUMN):
            column = question.column(item, Role.MEASURE, Role.RANK, Role.MOMENT)
            best = question.column(item)
            # "more orders" are counted, though another column says when they were ordered.
            if column and best and (best.role is not Role.ENTITY or column.role is not Role.MOMENT):
                return column, item
    adjective = compared_by(word)
    if adjective:
        if hinted := question.hinted((*adjective.hints, *adjective.down_hints), Role.MEASURE, Role.MOMENT):
            return hinted, ""
        if adjective.moment and (moment := question.when()):
            return moment, ""
    if total := question.total():
        return total, ""
    measures = question.measures()
    return (measures[0], "") if len(measures) == 1 else (None, "")


def goes_up(word: str, column: SchemaColumn) -> bool:
    """Whether "older", "more", "better" than something is a greater number of the column."""
    adjective = compared_by(word)
    return (
        _descending(adjective, {"better": "best", "worse": "worst"}.get(word, word), column)
        if adjective
        else True
    )


def place_order(question: Question, last: bool, limit: int = 1, skip: int = 0) -> Order:
    """ "first", "last": in time where the table has a time and the question does not speak of the list."""
    moment = question.moment()
    of_list = question.found(r"\b(list|listed|table|chart|row|shown|mentioned|ranked|rank|top)\b")
    if moment and not of_list:
        return Order((moment.name,), last, limit, skip, ties=limit == 1)
    return Order((FILE_ORDER,), last, limit, skip, ties=False)
