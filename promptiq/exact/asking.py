"""What a question asks for: the form of its answer and the column that holds it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from promptiq.exact.adjectives import COMPARATIVES, GRADED, SUPERLATIVES
from promptiq.exact.linking import SYNONYM, headers
from promptiq.exact.plans import Role, SchemaColumn
from promptiq.exact.question import COLUMN, VALUE, Question, is_measure
from promptiq.exact.vocabulary import PAYING, SOFT
from promptiq.exact.words import stem

Form = Literal["count", "which", "who", "when", "where", "what", "yes"]

AUXILIARIES = frozenset(
    ("is", "are", "was", "were", "did", "does", "do", "has", "have", "had", "will", "would", "can", "could")
)  # fmt: skip
_CLAUSE = AUXILIARIES | frozenset(
    [
        "that",
        "who",
        "which",
        "whose",
        "in",
        "at",
        "on",
        "from",
        "by",
        "with",
        "for",
        "than",
        "when",
        "where",
        "but",
        "to",
        "during",
        "as",
        "after",
        "before",
    ]
)
_COUNT = re.compile(
    r"(?<!\w)(?:how many|how much|^(?:the )?total|(?:total )?(?:number|amount|count|quantity|sum) of"
    r"|(@c\d+) (?:number|amount) of)\b"
)
# "sum of amount where goods is …" tells a condition.
_WH = re.compile(
    r"\b(which|what|whose|name|list|tell me|who|whom|when|where(?! (?:the )?@c\d+ (?:is|are|was|were|=)\b))\b"
)
# Nouns for the rows of any table.
COUNTED_ROWS = frozenset({"row", "rows", "record", "records", "entry", "entries", "line", "lines"})
_SPAN = 8
# Parts of a date that no header is called by.
_TIMES = frozenset({"month", "week", "day", "year"})
_BEFORE_NOUN = frozenset({"the", "only", "a", "next", "first", "last", "other"})


@dataclass(frozen=True, slots=True)
class Asked:
    """`column`: None where no column was found for it. `item`: the mention of it, "" where it is inferred.

    `noun`: the word after the question's, where it is no mention. `place`: where in the items it was asked.
    """

    form: Form
    column: SchemaColumn | None
    item: str = ""
    noun: str = ""
    place: int = 0
    sure: bool = True


def read_asked(question: Question) -> Asked:
    asked = _read(question)
    if not (asked.column and asked.column.flags) or question.found(rf"\bwhat (?:is|was) .*{asked.item}"):
        return asked
    # "who takes the newsletter", of a column of yes and no: which rows, not what is shown.
    names = [item for item in question.of_kind(COLUMN) if (c := question.column(item)) and not c.flags]
    item = next((item for item in names if question.column(item, Role.ENTITY)), "")
    column = question.column(item, Role.ENTITY) if item else None
    if asked.form != "count":
        column = column or (question.who() if asked.form == "who" else question.subject())
    return Asked(asked.form, column, item, asked.noun, asked.place, sure=bool(item))


def _read(question: Question) -> Asked:
    if question.items and question.items[0] in AUXILIARIES:
        return Asked("yes", None)
    if sized := question.found(
        r"\bhow (long|old|tall|far|fast|big|large|heavy|high|deep|wide|short|late|early)\b"
    ):
        return _sized(question, sized[1])
    if counted := _COUNT.search(question.text):
        return _counted(question, counted)
    found = list(_WH.finditer(question.text))
    if not found:
        item, noun = _head(question, 0)
        return Asked("what", question.column(item) if item else None, item, noun)
    # After a statement the question's own word is the last: "…, but who has the most overall?"
    matched = found[0]
    return _asked_by(question, matched[1], len(question.text[: matched.end()].split()))


def _sized(question: Question, word: str) -> Asked:
    """ "how long", "how old": the column of lengths or ages."""
    adjective = GRADED[word]
    hints = (*adjective.hints, *adjective.down_hints)
    column = question.hinted(hints, Role.MEASURE) or question.hinted(hints)
    if column is None and adjective.moment:
        column = question.moment()
    place = question.items.index("how") + 2
    return Asked("what", column or question.subject(), place=place, sure=column is not None)


def _counted(question: Question, counted: re.Match[str]) -> Asked:
    place = len(question.text[: counted.end()].split())
    item, noun = _head(question, place, stop_at_verbs=True)
    if item and _is_compared(question, item):
        # "how many games attendance was under 1000": the rows are counted, the column is a condition.
        item = ""
    column = question.column(item) if item else None
    if counted[1]:
        question.use(counted[1])
    if question.found(r"\bwhat (number|amount) of\b"):
        return Asked("count", column, item, noun, place)
    wh = _WH.search(question.text)
    # "the least number of passengers came from which city": the number is a means, the city is asked.
    if wh and wh[1] in {"which", "who", "what", "where", "whose"} and _is_means(question, counted):
        return _asked_by(question, wh[1], len(question.text[: wh.end()].split()))
    if column is None:
        # "how many lighthouses", where the column is called Name: the noun says what the rows are.
        question.use(noun)
    return Asked("count", column, item, noun, place, sure=column is not None or not noun)


def _is_compared(question: Question, item: str) -> bool:
    comparison = (
        r"(?:under|over|above|below|at least|at most|(?:more|less|greater|fewer|higher|lower) than|exceeded)"
    )
    return bool(question.found(rf"{item} (?:was|were|is|are|of|being)(?: \S+)? ?{comparison} @n"))


def _is_means(question: Question, counted: re.Match[str]) -> bool:
    if "how many" in counted[0] or "how much" in counted[0]:
        return False
    before = question.text[: counted.start()].split()
    graded = any(word in SUPERLATIVES or word in COMPARATIVES or word == "same" for word in before[-3:])
    wh = _WH.search(question.text)
    asks_number = bool(re.search(r"\bwhat (is|was|are|were|s) the( \w+)?$", " ".join(before)))
    return bool(wh) and (graded or not asks_number) and not (asks_number and not graded)


def _asked_by(question: Question, word: str, place: int) -> Asked:
    if word in {"who", "whom"}:
        return _who(question, place)
    if word in {"when", "where"}:
        column = question.when() if word == "when" else question.where()
        return Asked(word, column or question.subject(), place=place, sure=column is not None)  # type: ignore[arg-type]
    if (unit := question.items[place : place + 1]) and unit[0] in _TIMES and (dates := question.dates()):
        question.use(*unit)
        return Asked("which", dates[0], noun=unit[0], place=place)
    item, noun = _head(question, place, stop_at_verbs=word in {"which", "whose"})
    form: Form = "which" if word in {"which", "whose", "name", "list"} else "what"
    if (
        item
        and form == "which"
        and any(word in SUPERLATIVES for word in question.items[place : question.index(item)])
    ):
        # "which has the largest volume": the volume is how, not what.
        return Asked(form, question.subject(), place=place)
    percents = [each for each in question.schema.columns if each.percent]
    if question.found(r"\bpercent(age)?\b") and len(percents) == 1 and form == "what":
        return Asked(form, percents[0], item, noun, place)
    if item:
        return Asked(form, question.column(item), item, noun, place)
    if form == "which" or _is_what_kind(question, place, noun):
        # "which lighthouse", where the column is called Name: the noun says what the rows are.
        question.use(noun)
    return Asked(form, question.subject(), "", noun, place, sure=False)


def _is_what_kind(question: Question, place: int, noun: str) -> bool:
    """ "what is the oldest lighthouse", "what lighthouse": a kind of row, no property of one."""
    before = question.items[place : question.items.index(noun)] if noun in question.items[place:] else ()
    return bool(noun) and (not before or any(word in SUPERLATIVES or word == "only" for word in before))


def _who(question: Question, place: int) -> Asked:
    """ "who was the only nation", "who is the player": what follows says what kind of who."""
    for item in question.items[place : place + 5]:
        if item.startswith(COLUMN):
            column = question.column(item, Role.ENTITY)
            before = question.items[question.index(item) - 1]
            # "who placed the first order" is not asked for the order.
            named = question.items[place] in AUXILIARIES
            if column and named and (before.startswith("@o") or before in _BEFORE_NOUN | SUPERLATIVES.keys()):
                return Asked("who", column, item, place=place)
            # "who directed" is of directors; "who placed" is not of places.
            if column and before == "who" and question.mention(item).score > SYNONYM:
                return Asked("who", column, item, place=place)
            break
        if item.startswith("@") and not item.startswith("@o"):
            break
    verb = next(
        (word for word in question.items[place : place + 3] if word.isalpha() and word not in _CLAUSE), ""
    )
    if verb and (doer := _doer(question, verb)):
        return Asked("who", doer, place=place)
    return Asked("who", question.who(), place=place)


def _doer(question: Question, verb: str) -> SchemaColumn | None:
    """ "who directed", where a column is of directors."""
    root = stem(verb)
    for column in question.schema.columns:
        names = [word.text for form in headers(column.name) for word in form]
        if column.role is Role.ENTITY and any(
            len(root) >= 3 and name.startswith(root) and name.endswith(("r", "rs")) for name in names
        ):
            return column
    return None


def _head(question: Question, place: int, *, stop_at_verbs: bool = False) -> tuple[str, str]:
    """The mention and the noun that a phrase from `place` on is about."""
    noun = ""
    for offset, item in enumerate(question.items[place : place + _SPAN]):
        if item.startswith(COLUMN):
            # "boxing gold medals" has one word before; "teams scored the same gold medals" is about teams.
            far = stop_at_verbs and noun and question.items[place + offset - 1] != noun
            # "people earn more": a verb.
            far = far or (bool(noun) and stem(question.words_of(item)) in PAYING)
            return ("", noun) if far else (item, noun)
        if item.startswith(VALUE) and not stop_at_verbs and noun:
            break
        if item in _CLAUSE and noun:
            break
        if item in _CLAUSE and stop_at_verbs and offset:
            break
        if item in {"difference", "most", "least"} and stop_at_verbs:
            break
        if item.isalpha() and item not in _CLAUSE and item not in _PLAIN and item not in SUPERLATIVES:
            if noun and stop_at_verbs and stem(item) in SOFT:
                break
            noun = item
    return "", noun


_PLAIN = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "or",
        "total",
        "other",
        "different",
        "more",
        "less",
        "name",
        "names",
        "many",
        "only",
        "first",
        "last",
        "all",
        "number",
        "it",
        "there",
        "listed",
        "combined",
        "average",
        "same",
        "next",
        "previous",
        "top",
    ]
)


def asks_measure(asked: Asked) -> bool:
    return asked.column is not None and is_measure(asked.column)


def expects_several(question: Question) -> bool:
    """ "which players", "what are the names", "list": more values than one are asked for."""
    words = [word.text for word in question.all_words]
    wh = next((place for place, word in enumerate(words) if word in _ASKING), None)
    if wh is None:
        return True
    if words[wh] in {"list", "name"} or {"and", "or"} & set(words[wh + 1 : wh + 3]):
        return True
    after = words[wh + 1 : wh + 4]
    return any(word in {"are", "were", "have"} or _is_plural(word) for word in after)


_ASKING = frozenset({"which", "what", "who", "whom", "whose", "when", "where", "list", "name"})


def _is_plural(word: str) -> bool:
    return (
        len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    ) or word == "people"
