"""Nouns for a table's rows, and the column that names each row."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from promptiq.exact.grammar.draft import Draft, header_stems, is_date, is_held
from promptiq.exact.lexicon import Lexicon
from promptiq.exact.plans import Reading, Schema, SchemaColumn
from promptiq.exact.reading.cells import is_prose
from promptiq.exact.reading.headers import NUMBERED
from promptiq.exact.reading.question import Item
from promptiq.exact.words import tokens

# The lowest score of a header that is said in its own words.
SPELLED = 0.9


@lru_cache(maxsize=64)
def _row_nouns(schema: Schema, lexicon: Lexicon) -> frozenset[str]:
    """Stems of the last word of the dataset's name, of the word before a sign such as a colon, and of the
    header of the column that numbers the rows.
    """
    found = {lexicon.stem(word) for word in _last_words(schema.title.replace("_", " "))}
    if column := row_key(schema):
        plain = NUMBERED | lexicon.holders["label"]
        found |= {stem for stem in header_stems(column.name, lexicon) if stem not in plain}
    dates = [column for column in schema.columns if is_date(column)]
    if dates:
        words = [token.text for token in tokens(dates[0].name)]
        if len(words) == 2 and words[1] == "date":
            found.add(lexicon.stem(words[0]))
    return frozenset(found - lexicon.holders["units"])


@lru_cache(maxsize=64)
def _topic(schema: Schema, lexicon: Lexicon) -> frozenset[str]:
    """Stems of all words of the dataset's name."""
    return frozenset(
        lexicon.stem(token.text) for token in tokens(schema.title.replace("_", " ")) if token.text.isalpha()
    )


def is_topic(draft: Draft, item: Item) -> bool:
    """Whether an item only names the table's topic: "TV channels" of the dataset of that name."""
    if item.cells or item.roles or (item.columns and item.columns[0].whole) or counts_rows(draft, item):
        return False
    stems = {draft.lexicon.stem(word) for word in item.text.split() if word not in draft.lexicon.stop}
    return bool(stems) and stems <= _topic(draft.schema, draft.lexicon)


def _last_words(title: str) -> Iterator[str]:
    for part in (title, re.split(r"[;:,(\[|]", title)[0]):
        said = [token.text for token in tokens(part) if token.text.isalpha() and token.text not in _PLAIN]
        yield from said[-1:]


# A column without a header is called by its place.
_UNNAMED = re.compile(r"column_\d+")
# Words in a dataset's name that do not describe its rows.
_PLAIN = frozenset({"data", "file", "table", "export", "list", "dataset", "sheet", "csv", "log", "results"})


def row_key(schema: Schema) -> SchemaColumn | None:
    """The first column whose cells are all distinct; one without a header only if there is no other."""
    found = [
        column
        for column in schema.columns[:3]
        if schema.rows and not column.masked and schema.tells_rows_apart(column.name) and not is_date(column)
    ]
    return min(found, key=lambda column: bool(_UNNAMED.fullmatch(column.name)), default=None)


def counts_rows(draft: Draft, item: Item) -> bool:
    """Whether an item names the table's rows."""
    if _names_the_key(draft, item):
        return True
    nouns = _row_nouns(draft.schema, draft.lexicon)
    stems = [draft.lexicon.stem(word) for word in item.text.split() if word not in draft.lexicon.stop]
    if item.columns and item.columns[0].whole and item.columns[0].score > 0.97:
        named, key = draft.schema.get(item.columns[0].name), row_key(draft.schema)
        if key and key.identifier and _fits_as_well(item, key.name):
            # "claims", of Claim Ref and Claimed
            return not says_number(item)
        if not draft.schema.tells_rows_apart(named.name):
            if not named.identifier or not nouns.issuperset(stems):
                return False
        elif not named.identifier and (
            named.reading is not Reading.TEXT or all(re.match(r"\W*\d", value) for value in named.values)
        ):
            return False
    if item.says("rows"):
        return True
    if any(draft.lexicon.stem(word) in draft.lexicon.holders["spending"] for word in item.text.split()):
        return False
    if item.says("op"):
        # "total" is not another word for a table of values.
        return bool(stems) and nouns.issuperset(stems)
    topic = _topic(draft.schema, draft.lexicon) if stems and stems[-1] in nouns else frozenset()
    return bool(stems) and all(stem in topic or _is_noun(stem, nouns, draft.lexicon) for stem in stems)


def _fits_as_well(item: Item, name: str) -> bool:
    """Whether the column is as likely meant as any, apart from words such as "number" in its header."""
    return any(each.name == name and each.score >= item.columns[0].score - 0.005 for each in item.columns)


def _names_the_key(draft: Draft, item: Item) -> bool:
    """Whether an item is the header of the column that numbers the rows, without words such as "number"."""
    if not item.columns or not item.columns[0].whole or item.columns[0].score < SPELLED:
        return False
    key = draft.schema.get(item.columns[0].name)
    coded = key.identifier and all(value.isdigit() for value in key.values[:100])
    is_key = key == row_key(draft.schema) and (key.numbering or coded)
    return is_key and not says_number(item)


def is_label(draft: Draft, place: int) -> bool:
    """ "names of the states": a word for what each is called, if the column behind has the names."""
    item, words = draft.items[place], [each.text for each in draft.items[place + 1 : place + 3]]
    behind = place + 2 if words[1:] != ["the"] else place + 3
    if words[:1] != ["of"] or behind >= len(draft.items) or counts_rows(draft, draft.items[behind]):
        return False
    if any(draft.lexicon.stem(word) not in draft.lexicon.holders["label"] for word in item.text.split()):
        return False
    found = draft.items[behind].columns[:1]
    return (
        bool(found)
        and draft.schema.get(found[0].name).reading is Reading.TEXT
        and not draft.schema.get(found[0].name).identifier
    )


def says_number(item: Item) -> bool:
    """Whether it asks for what something is numbered by: "ticket numbers", "the ids of the events"."""
    return any(word.removesuffix("s") in NUMBERED for word in item.text.split())


def people_are_rows(draft: Draft) -> bool:
    """Whether each row is a person: "how many people have a locker" in a table of members."""
    lexicon, key = draft.lexicon, row_key(draft.schema)
    called = {lexicon.stem(word) for word in _last_words(draft.schema.title.replace("_", " "))}
    return bool((called | (header_stems(key.name, lexicon) if key else frozenset())) & lexicon.holders["who"])


def _is_noun(stem: str, nouns: frozenset[str], lexicon: Lexicon) -> bool:
    return stem in nouns or any(lexicon.alike(stem, noun) or _is_begun_alike(stem, noun) for noun in nouns)


def _is_begun_alike(stem: str, noun: str) -> bool:
    """ "responded" in a table of responses."""
    return min(len(stem), len(noun)) >= 6 and stem[:6] == noun[:6]


def label(schema: Schema, lexicon: Lexicon) -> str | None:
    """The column by which people know a row: names that rarely repeat, else row numbers."""
    named = [
        column
        for column in schema.columns
        if is_held(column.name, "label", lexicon) and not column.masked and not column.identifier
        and column.distinct >= 0.8 * schema.rows and not is_prose(column)
    ]  # fmt: skip
    key = row_key(schema)
    if not named and key and key.name in _called_as_rows(schema, lexicon):
        return key.name
    named = named or [
        column
        for column in schema.columns[:4]
        if column.reading is Reading.TEXT and not column.masked and not column.identifier
        and schema.rows and schema.tells_rows_apart(column.name) and not is_prose(column)
    ]  # fmt: skip
    return named[0].name if named else key.name if key else None


def _called_as_rows(schema: Schema, lexicon: Lexicon) -> list[str]:
    """Columns with the same header as the dataset's name for its rows: "order" of "orders"."""
    nouns = {lexicon.stem(word) for word in _last_words(schema.title.replace("_", " "))}
    return [each.name for each in schema.columns if nouns & set(header_stems(each.name, lexicon))]
