"""Columns of yes and no as conditions: "customers who take the newsletter", "without insurance"."""

from __future__ import annotations

from collections.abc import Iterator

from promptiq.exact.linking import headers
from promptiq.exact.plans import Compare, Filter
from promptiq.exact.question import COLUMN, Question
from promptiq.exact.vocabulary import NEGATIONS
from promptiq.exact.words import stem

_NOT = r"not|no|without|never|non|neither|nor|lack|lacks|lacking|refused|declined"
# Verbs and adverbs that say no more than that the flag is set.
_SET = frozenset(
    stem(word)
    for word in (
        "take",
        "get",
        "receive",
        "have",
        "has",
        "want",
        "subscribe",
        "sign",
        "opt",
        "agree",
        "tick",
        "enrol",
        "enroll",
        "register",
        "marked",
        "flagged",
        "set",
        "true",
        "yes",
        "said",
        "chose",
        "to",
        "up",
        "in",
        "for",
    )
)
_REACH = 4
# Letters of what follows them, as a stem: "unpaid" has "pay".
MIN_ROOT = 3


def flag_items(question: Question) -> list[str]:
    """The mentions whose best column is one of yes and no."""
    return [item for item in question.of_kind(COLUMN) if (c := question.column(item)) and c.flags]


def read_flags(question: Question, skip: set[str]) -> list[Filter]:
    found = [*_prefixed(question)]
    for item in flag_items(question):
        column = question.column(item)
        if item in skip or item in question.used or column is None or column.flags is None:
            continue
        place = question.index(item)
        before, after = question.items[max(0, place - _REACH) : place], question.items[place + 1 : place + 3]
        question.use(item, *(word for word in (*before, *after) if word.isalpha() and stem(word) in _SET))
        denied = bool(question.found(rf"\b({_NOT})(?: (?!@|but\b|and\b)\S+){{0,{_REACH}}} {item}\b"))
        denied = denied != bool(question.found(rf"{item}(?: is| are| was)? (?:false|no|not)\b"))
        said = column.flags[1] if denied else column.flags[0]
        found.append(Filter(column.name, Compare.IS, said or ("false" if denied else "true",)))
    return found


def _prefixed(question: Question) -> Iterator[Filter]:
    """ "inactive", "unpaid", where the columns are called active and paid."""
    columns = [each for each in question.schema.columns if each.flags]
    for word in (item for item in question.items if item.isalpha()):
        prefix = next((each for each in NEGATIONS if word.startswith(each)), "")
        root = stem(word.removeprefix(prefix)) if prefix else ""
        for column in columns if len(root) >= MIN_ROOT else ():
            if column.flags and any(root == token.stem for form in headers(column.name) for token in form):
                question.use(word)
                yield Filter(column.name, Compare.IS, column.flags[1] or ("false",))
