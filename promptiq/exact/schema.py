"""A table for the planner: what each column contains, how its cells are read, and its values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from datasets.tables.table import read_description
from governance.policies import Access, ColumnAccess, IndexTreatment
from governance.redacting.redaction import mentions_any
from promptiq.exact.database import Database, named, opened, quoted
from promptiq.exact.dates import cell_date, cell_seconds, has_hours
from promptiq.exact.lexicon import english
from promptiq.exact.numbers import cell_number, is_blank
from promptiq.exact.plans import Reading, Role, Schema, SchemaColumn
from promptiq.exact.words import tokens

# Distinct values kept for a column. If there are more, a query finds those in a question (see `looked_up`).
MAX_VALUES = 10_000
# Values of one long column that are matched with a question.
MAX_FOUND = 100
MAX_PHRASE = 8
# Columns with more distinct values contain names rather than kinds; longer values (characters) are texts.
MAX_KINDS, MAX_KIND = 40, 40
# Values that decide how a column's cells are read, and the share of them that must be readable that way.
SAMPLE = 2_000
MOSTLY = 0.8
MAX_SCALE = 6
# Digits of a number that identifies something, such as a card or an account, rather than measuring it.
LONG_NUMBER = 12
# Consecutive numbers that are hardly a coincidence.
MIN_PLACES = 5
_MOMENT_NAMES = frozenset({"year", "season", "date", "years", "edition", "founded", "established"})
_NUMBERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UBIGINT", "FLOAT", "DOUBLE", "DECIMAL")
_YES, _NO = frozenset({"true", "yes", "y", "1"}), frozenset({"false", "no", "n", "0"})
# Headers of ranks and row numbers, and of columns that identify things rather than measure them.
RANKS = frozenset({"rank", "ranking", "pos", "position", "place", "no", "#", "number", "seed", "nr"})
IDENTIFIERS = frozenset(
    {"id", "no", "nr", "number", "code", "ref", "key", "sku", "iban", "account", "zip", "postal", "postcode",
     "postalcode", "zipcode", "phone", "ordernumber", "reg"}
)  # fmt: skip
_MOMENTS, _CLOCKS = ("DATE", "TIMESTAMP"), ("TIME", "INTERVAL")
# What follows a number and is no unit: "1st", "8 am".
_ENDINGS = frozenset({"st", "nd", "rd", "th", "am", "pm"})


def describe(parquet: Path, access: Access, view_pii: bool = False) -> Schema:
    """The file's columns for a reader. Values of masked columns are not read, and none is kept that contains
    what is masked from the reader. Raises TooSlow.

    Reads every column once, so the result is worth caching for a (version, reader's access).
    """
    masked = set() if view_pii else {c.column for c in access.columns if c.masked}
    known = {column.column: column for column in access.columns}
    with opened(parquet) as database:
        described = database.rows("SELECT column_name, column_type FROM (DESCRIBE data)")
        total = int(database.rows("SELECT count(*) FROM data")[0][0])
        columns = tuple(
            _masked(name, kind)
            if name in masked or (name not in known and not view_pii)
            else _column(database, name, kind, known.get(name), view_pii)
            for name, kind in described
            if name != "_row"
        )
    units = {column.name: column.unit for column in read_description(parquet).columns}
    known_for = tuple(
        replace(column, identifier=_is_identifier(column, place, total), unit=units.get(column.name, ""))
        for place, column in enumerate(columns)
    )
    return Schema((_numbering(known_for[0], total), *known_for[1:]) if columns else (), total)


def _is_identifier(column: SchemaColumn, place: int, rows: int) -> bool:
    """Whether the cells identify things: codes, or a first column of distinct numbers."""
    last = [token.text for token in tokens(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column.name))]
    words = set(last)
    if column.masked:
        return bool(words & IDENTIFIERS)
    if column.reading is Reading.TEXT:
        some = tuple(value for value in column.values[:100] if value)
        coded = sum(bool(re.search(r"\d", value)) and " " not in value for value in some)
        return (bool(words & IDENTIFIERS) and coded >= MOSTLY * max(1, len(some))) or (
            column.distinct >= 0.98 * rows > MIN_PLACES and coded >= MOSTLY * max(1, len(some)) and bool(some)
        )
    if column.reading is not Reading.NUMBER or column.role is Role.MOMENT:
        return False
    some = column.values[:100]
    whole = all(re.fullmatch(r"\d+", value) for value in some)
    if column.distinct == rows and some and all(re.fullmatch(r"[A-Za-z]+-?\d+", value) for value in some):
        return True
    named = bool(words & (IDENTIFIERS - {"no", "number", "account", "key"})) or tokens(column.name)[
        -1:
    ] == tokens("id")
    named = named or (
        len(last) > 1 and last[-1] in ("no", "nr", "number") and last[0] not in ("total", "average")
    )
    runs = place == 0 and whole and column.distinct == rows >= MIN_PLACES
    return whole and (named or runs or column.role is Role.ENTITY)


def _numbering(column: SchemaColumn, rows: int) -> SchemaColumn:
    """A first column that counts the rows from 1: it is never added up."""
    counts = rows >= MIN_PLACES and column.values == tuple(str(place) for place in range(1, rows + 1))
    return replace(column, numbering=counts)


def looked_up(schema: Schema, question: str, parquet: Path) -> Schema:
    """The schema with those values of long columns that the question contains word for word."""
    wanted = [
        column
        for column in schema.columns
        if not column.complete and not column.masked and column.role is Role.ENTITY
    ]
    phrases = _phrases(question, schema)
    if not wanted or not phrases:
        return schema
    with opened(parquet) as database:
        found = {column.name: _cells_called(database, column, phrases) for column in wanted}
    return replace(
        schema,
        columns=tuple(_with_values(column, found.get(column.name, ())) for column in schema.columns),
    )


def _cells_called(database: Database, column: SchemaColumn, phrases: Sequence[str]) -> tuple[str, ...]:
    """Cells that equal one of the phrases: in the usual cases of names first (fast), then in any case."""
    text = f"CAST({named(column.name)} AS VARCHAR)"
    cases = {
        form for phrase in phrases for form in (phrase, phrase.title(), phrase.capitalize(), phrase.upper())
    }
    for cell, forms in ((text, sorted(cases)), (f"lower({text})", phrases)):
        listed = ", ".join(map(quoted, forms))
        sql = f"SELECT DISTINCT {text} AS cell FROM data WHERE {cell} IN ({listed})"
        sql += f" ORDER BY cell LIMIT {MAX_FOUND}"
        if rows := database.rows(sql):
            return tuple(_told((row[0] for row in rows), column.redacted))
    return ()


def _told(values: Iterable[str], redacted: frozenset[str]) -> Iterator[str]:
    """Values that may be matched with a question, so that nobody finds a row by guessing what is masked."""
    return (value for value in values if not mentions_any(value, redacted))


def _with_values(column: SchemaColumn, found: tuple[str, ...]) -> SchemaColumn:
    return replace(column, values=tuple(dict.fromkeys((*found, *column.values)))) if found else column


def _phrases(question: str, schema: Schema) -> list[str]:
    """Possible names of a cell: words in a row, with at least one that may be part of a name."""
    words = [word.strip("?!,;:\"'()") for word in question.lower().split()]
    known = english()
    open_ = [any(token.text not in known.stop for token in tokens(word)) for word in words]
    spans = {
        " ".join(words[start:end])
        for start in range(len(words))
        for end in range(start + 1, min(len(words), start + MAX_PHRASE) + 1)
        if any(open_[start:end])
    }
    return sorted(span for span in spans if len(span) > 1)


def _masked(name: str, kind: str) -> SchemaColumn:
    """By its name and type alone: detecting the reading from values would reveal something about them."""
    if kind.startswith(_MOMENTS):
        return SchemaColumn(name, Reading.DATE, Role.MOMENT, masked=True)
    if kind in _CLOCKS:
        return SchemaColumn(name, Reading.TIME, Role.MEASURE, masked=True, hours=True, of_day=kind == "TIME")
    if kind.startswith(_NUMBERS):
        return SchemaColumn(name, Reading.NUMBER, Role.MEASURE, masked=True)
    if kind == "BOOLEAN":
        return SchemaColumn(name, Reading.TEXT, Role.ENTITY, masked=True, flags=(("true",), ("false",)))
    return SchemaColumn(name, Reading.TEXT, Role.ENTITY, masked=True)


def _column(
    database: Database, name: str, kind: str, access: ColumnAccess | None, view_pii: bool
) -> SchemaColumn:
    redacted = access.redacted if access and not view_pii else frozenset()
    text = f"CAST({named(name)} AS VARCHAR)"
    sql = (
        f"SELECT {text} AS cell FROM data WHERE {named(name)} IS NOT NULL "
        f"GROUP BY cell ORDER BY min(_row) LIMIT {MAX_VALUES + 1}"
    )
    values = tuple(row[0] for row in database.rows(sql))
    complete = len(values) <= MAX_VALUES
    reading, native = _reading(kind, values[:SAMPLE])
    numbers = _numbers(values[:SAMPLE]) if reading is Reading.NUMBER else []
    return SchemaColumn(
        name,
        reading,
        _role(name, reading, numbers),
        # Values of a long column are not kept: a query finds those in a question.
        values=tuple(_told(values, redacted)) if complete else (),
        complete=complete,
        distinct=len(values),
        native=native,
        scale=min(MAX_SCALE, max((_places(number) for number in numbers), default=0)),
        spaced=any(re.search(r"\d \d{3}(?!\d)", value) for value in values[:SAMPLE]),
        flags=_flags(values) if complete else None,
        percent=sum("%" in value for value in values[:SAMPLE]) * 2 > len(values[:SAMPLE]),
        redacted=redacted,
        kinds=_kinds(values, access) if reading is Reading.TEXT else (),
        hours=reading is Reading.TIME and (native or has_hours(values[:SAMPLE])),
        of_day=kind == "TIME",
    )


def _kinds(values: Sequence[str], access: ColumnAccess | None) -> tuple[str, ...]:
    """For every reader: what the search index may not contain never reaches an embedding, either."""
    if access is None or access.index is not IndexTreatment.INDEX or len(values) > MAX_KINDS:
        return ()
    return tuple(value for value in _told(values, access.redacted) if len(value) <= MAX_KIND)


def _flags(values: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]] | None:
    """The cells for yes and those for no. None if there are others, or if one of them is missing."""
    said = tuple(
        tuple(value for value in values if value.strip().casefold() in words) for words in (_YES, _NO)
    )
    return (said[0], said[1]) if values and len(said[0]) + len(said[1]) == len(values) else None


def _reading(kind: str, values: Sequence[str]) -> tuple[Reading, bool]:
    if kind.startswith(_NUMBERS):
        return Reading.NUMBER, True
    if kind.startswith(_MOMENTS):
        return Reading.DATE, True
    if kind in _CLOCKS:
        return Reading.TIME, True
    filled = [value for value in values if not is_blank(value)]
    for reading, parse in (
        (Reading.DATE, cell_date),
        (Reading.TIME, cell_seconds),
        (Reading.NUMBER, cell_number),
    ):
        fitting = sum(parse(value) is not None for value in filled)
        if (
            filled
            and fitting >= MOSTLY * len(filled)
            and not (reading is Reading.NUMBER and (_are_scores(filled) or _are_mixed(filled)))
        ):
            return reading, False
    return Reading.TEXT, kind.startswith("VARCHAR")


def _are_mixed(values: Sequence[str]) -> bool:
    """Numbers of several units: 900 g is no more than 2 kg, nor $900M more than $2B."""
    found = [re.fullmatch(r"[^\w\s]*\d[\d.,]*\s?([a-z]{1,3})\.?", value.strip().lower()) for value in values]
    return len({each[1] for each in found if each} - _ENDINGS) > 1


def _are_scores(values: Sequence[str]) -> bool:
    """Two numbers with a dash, of which the second is often smaller: 3–1 is not a range."""
    pairs = [re.fullmatch(r"(\d{1,3})\s*[-–−]\s*(\d{1,3})\b.*", value.strip()) for value in values]
    found = [(int(pair[1]), int(pair[2])) for pair in pairs if pair]
    return len(found) * 2 > len(values) and any(first >= second for first, second in found)


def _numbers(values: Sequence[str]) -> list[str]:
    return [str(number) for value in values if (number := cell_number(value)) is not None]


def _places(number: str) -> int:
    return len(number.partition(".")[2])


def _role(name: str, reading: Reading, numbers: Sequence[str]) -> Role:
    words = {token.text for token in tokens(name)} or {"#"}
    if reading is Reading.DATE:
        return Role.MOMENT
    if reading is Reading.TEXT:
        return Role.ENTITY
    if (
        words & {"month", "quarter", "week", "period"}
        and len(words) <= 2
        and numbers
        and max(map(len, numbers)) == 4
    ):
        return Role.MOMENT
    if reading is Reading.NUMBER and numbers and _are_years(numbers, bool(words & _MOMENT_NAMES)):
        return Role.MOMENT
    if numbers and sum(number.isdigit() and len(number) >= LONG_NUMBER for number in numbers) > MOSTLY * len(
        numbers
    ):
        return Role.ENTITY
    if words & RANKS and len(words) <= 2 and not {"number", "of"} <= words:
        return Role.RANK
    return Role.MEASURE


def _are_years(numbers: Sequence[str], named_so: bool) -> bool:
    """Whole numbers of four digits from 1500 to 2100; a wider range if the header says that it is a year."""
    low, high = (1, 3000) if named_so else (1500, 2100)
    years = [number for number in numbers if number.isdigit() and low <= int(number) <= high]
    return len(years) >= 0.95 * len(numbers)
