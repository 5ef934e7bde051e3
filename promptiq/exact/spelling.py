"""Cells by how they are spelled: "names that start with S", "titles that contain the word sea"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from promptiq.exact.cell_names import ValueChoice
from promptiq.exact.linking import RIVALS, Mention
from promptiq.exact.plans import Role, Schema, SchemaColumn
from promptiq.exact.words import Token, fold

Fits = Callable[[str, str], bool]

_TEXT = r"(?: the)?(?P<kind> (?:letter|word|digit))?(?: an?(?= \S+$))? (?P<text>\S+)(?P<other> or\b)?"
_FITS: tuple[tuple[re.Pattern[str], Fits], ...] = (
    (re.compile(rf"\b(?:start(?:s|ed|ing)?|begin(?:s|ning)?|began) with{_TEXT}"), str.startswith),
    (re.compile(rf"\bend(?:s|ed|ing)? (?:with|in)(?= the (?:letter|word|digit)| \w$){_TEXT}"), str.endswith),
    (re.compile(rf"\bcontain(?:s|ed|ing)?(?= the (?:letter|word|digit)){_TEXT}"), str.__contains__),
)
# No spelling themselves, but they tell of one.
_CLASSES = frozenset(("vowel", "vowels", "consonant", "consonants", "capital", "number", "digit", "letter"))
# How surely such words mean the cells; less where there are none.
SURE, NONE_SO = 0.95, 0.9


@dataclass(frozen=True, slots=True)
class _Spelled:
    """Tokens [start, end), the text, and how a cell fits it. `is_plain`: no name is meant. `is_open`: more is
    asked than one text says, such as "a vowel" or "A or B".
    """

    start: int
    end: int
    text: str
    fits: Fits
    is_plain: bool
    is_open: bool


def asks_spelling(words: Sequence[Token]) -> bool:
    """Whether it is surely asked how cells are spelled: by a letter, or with a word for one."""
    found = _found(words)
    return found is not None and found.is_plain


def by_spelling(words: Sequence[Token], mentions: Sequence[Mention], schema: Schema) -> Mention | None:
    """A mention of the cells that are spelled so, in the column named last before it, else in any of names.

    None where nothing is asked so, or of columns whose cells are not all known.
    """
    found = _found(words)
    if found is None or found.is_open or (not found.is_plain and _is_name(mentions, found)):
        return None
    columns = _columns(mentions, found.start, schema)
    cells = {
        column.name: tuple(value for value in column.values if found.fits(_bare(value), found.text))
        for column in columns
    }
    choices = [ValueChoice(name, fitting, SURE) for name, fitting in cells.items() if fitting]
    if columns and not choices and found.is_plain:
        # A condition that no row meets, rather than none.
        choices = [ValueChoice(columns[0].name, (found.text,), NONE_SO)]
    return Mention(found.start, found.end, values=tuple(choices), spelled=True) if choices else None


def _found(words: Sequence[Token]) -> _Spelled | None:
    whole = " ".join(word.text for word in words)
    for pattern, fits in _FITS:
        if matched := pattern.search(whole):
            start, end = (whole[:place].count(" ") for place in (matched.start(), matched.end("text")))
            text = matched["text"]
            is_open = bool(matched["other"]) or text in _CLASSES
            is_plain = is_open or bool(matched["kind"]) or len(text) == 1
            return _Spelled(start, end + 1, text, fits, is_plain, is_open)
    return None


def _is_name(mentions: Sequence[Mention], found: _Spelled) -> bool:
    """Whether the text is what a cell is called: "started with the Bulls"."""
    return any(
        mention.start < found.end <= mention.end and mention.values and mention.values[0].score >= SURE
        for mention in mentions
    )


def _columns(mentions: Sequence[Mention], start: int, schema: Schema) -> list[SchemaColumn]:
    """Those named last before the words, else all of names; none where one of the named is masked."""
    named = [mention for mention in mentions if mention.columns and mention.end <= start]
    if not named:
        return [column for column in schema.columns if column.role is Role.ENTITY and _is_known(column)]
    best = named[-1].columns[0].score
    columns = [schema.get(choice.name) for choice in named[-1].columns if choice.score >= best - RIVALS]
    # "customers with a name that …": the customer's, not the product's.
    others = {choice.name for mention in named[:-1] for choice in mention.columns}
    columns = [column for column in columns if column.name in others] or columns
    is_masked = any(column.masked for column in columns)
    return [] if is_masked else [column for column in columns if _is_known(column)]


def _is_known(column: SchemaColumn) -> bool:
    """Whether every cell is known: those that mention what is kept from the reader are not."""
    return not column.masked and column.complete and len(column.values) == column.distinct


def _bare(value: str) -> str:
    matched = re.search(r"\w(?:.*\w)?", fold(value), re.DOTALL)
    return matched[0] if matched else ""
