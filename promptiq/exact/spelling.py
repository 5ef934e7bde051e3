"""Cells by how they are spelled: "names that start with S", "titles that contain the word sea"."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from promptiq.exact.linking import Mention, ValueChoice
from promptiq.exact.plans import Role, Schema, SchemaColumn
from promptiq.exact.words import Token, fold

Fits = Callable[[str, str], bool]

_TEXT = (
    r"(?: the)?(?: (?:letters?|words?|digits?|numbers?))?(?: an?(?= \S+$))? (\S+(?: \S+){0,2}?)"
    r"(?=$| (?:in|on|and|or|from|for|by|of|at|than|that|who|which|are|is)\b)"
)
_FITS: tuple[tuple[re.Pattern[str], Fits], ...] = (
    (re.compile(rf"\b(?:start(?:s|ed|ing)?|begin(?:s|ning)?|began) with{_TEXT}"), str.startswith),
    (re.compile(rf"\bend(?:s|ed|ing)? (?:with|in)(?= the (?:letter|word|digit)| \w$){_TEXT}"), str.endswith),
    (re.compile(rf"\bcontain(?:s|ed|ing)?(?= the (?:letter|word|digit)){_TEXT}"), str.__contains__),
)
# How surely such words mean the cells; less where there are none.
SURE, NONE_SO = 0.95, 0.9


def asks_spelling(words: Sequence[Token]) -> bool:
    return _found(words) is not None


def by_spelling(words: Sequence[Token], mentions: Sequence[Mention], schema: Schema) -> Mention | None:
    """A mention of the cells that are spelled so, in the column named last before it, else in any of names.

    None where nothing is asked so, or of columns whose cells are not known, as those of masked ones are not.
    Cells that mention what is kept from the reader are not among those of a column.
    """
    found = _found(words)
    if found is None:
        return None
    start, end, text, fits = found
    columns = _columns(mentions, start, schema)
    cells = {
        column.name: tuple(value for value in column.values if fits(_bare(value), text)) for column in columns
    }
    choices = [ValueChoice(name, fitting, SURE) for name, fitting in cells.items() if fitting]
    if columns and not choices:
        # A condition that no row meets, rather than none.
        choices = [ValueChoice(columns[0].name, (text,), NONE_SO)]
    return Mention(start, end, values=tuple(choices), spelled=True) if choices else None


def _found(words: Sequence[Token]) -> tuple[int, int, str, Fits] | None:
    """Tokens [start, end), the text, and how a cell fits it."""
    whole = " ".join(word.text for word in words)
    for pattern, fits in _FITS:
        if matched := pattern.search(whole):
            return (
                whole[: matched.start()].count(" "),
                whole[: matched.end()].count(" ") + 1,
                matched[1],
                fits,
            )
    return None


def _columns(mentions: Sequence[Mention], start: int, schema: Schema) -> list[SchemaColumn]:
    named = [mention for mention in mentions if mention.columns and mention.end <= start]
    columns = (
        [schema.get(choice.name) for choice in named[-1].columns]
        if named
        else [column for column in schema.columns if column.role is Role.ENTITY]
    )
    return [column for column in columns if not column.masked and column.complete]


def _bare(value: str) -> str:
    return re.sub(r"^\W+|\W+$", "", fold(value))
