"""Word search: BM25 over the columns that may enter the index, by DuckDB over the typed copy.

The weights are those of Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond"
(2009), simplified: a word counts once per row, because cells rarely repeat one, and the average length is
that of the rows with a word of the question, in bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from promptiq.exact.database import Database, named, opened, quoted
from promptiq.exact.words import fold, stem

# How many terms of a question are searched. Each one is compared with every matching row.
MAX_TERMS = 8
# Longer terms are left out: no word and hardly a code has so many characters.
TERM_CHARACTERS = 128
# k1 (saturation) and b (length normalisation) of BM25, at their usual values.
K1, B = 1.2, 0.75
# Words, numbers with thousands, and codes with punctuation inside.
_WORD = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\w,])|[^\W_]+(?:[-./_@:#&'+]+[^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?|\d{1,3}(?:,\d{3}){1,4}(?:\.\d{1,9})?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
# Separators of words: ASCII and common Unicode punctuation. \pL would be simpler, but RE2 takes longer to
# compile it than to search a small table.
_EDGE = r"[\x00-/:-@\[-`{-\x{bf}\x{2000}-\x{206f}\x{3000}-\x{303f}]"
_ENDINGS = "(?:e|s|es|d|ed|ing)?"
_NUMERIC = re.compile(r"(TINY|SMALL|BIG|HUGE|U\w*)?INT\w*|DOUBLE|FLOAT|DECIMAL\b.*")

# Stop words: they are about the form of a question, not its topic.
_STOP_WORDS = """
    a about above after again all also am an and any anybody anyone anything are as at be because
    been before being below between both but by can could did do does doing done down each every
    everything few find for from further get give had has having he her here him his how i if
    in into is it its just know like list look many may me mention mentions might more most much
    must my near no nor not now of off on once one only or other our out over own please row rows
    same say says search shall she should show so some something such tell than that the their them
    then there these they thing things this those through to too under until up us very was we were
    what whats when where which while who whom whose why will with would you your
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class Match:
    """`row`: the first of the rows with the same text. `score`: 0–1, the share of the question's weight that
    the row's words have, reduced for rows longer than others; comparable between tables.
    """

    row: int
    score: float


def terms_of(question: str) -> list[str]:
    """The terms to search, at most MAX_TERMS: codes and numbers first, then words in order.

    In lower case without accents. A code such as A-10423 is one term, and its parts are terms, too, because a
    table may write it differently.
    """
    whole = [word.removesuffix("'s") for word in _WORD.findall(fold(question))]
    parts = [part for word in whole if not _NUMBER.fullmatch(word) for part in _PART.findall(word)]
    terms = [word for word in dict.fromkeys([*whole, *parts]) if word not in STOP_WORDS]
    terms = [word for word in terms if len(word) > 1 or word.isdigit() or not word.isascii()]
    terms = [word for word in terms if len(word) <= TERM_CHARACTERS]
    return sorted(terms, key=lambda term: not any(c.isdigit() for c in term))[:MAX_TERMS]


def search(
    parquet: Path,
    columns: Sequence[str],
    terms: Sequence[str],
    limit: int,
    also: Collection[int] = (),
    deadline: float = 1.0,
) -> list[Match]:
    """The rows with the most terms, best first. Rows with the same text in `columns` count as one.

    Searches all rows of the file in one pass. `also`: row numbers to score even if they are not among the
    best. `columns`: the only ones searched. A term that is a word of their names says nothing about a row,
    and does not count beside others. `deadline`: seconds. Raises TooSlow.
    """
    if not columns or not terms:
        return []
    said = {stem(word) for column in columns for word in _PART.findall(fold(column).replace("_", " "))}
    terms = [term for term in terms if stem(term) not in said] or terms
    with opened(parquet, deadline) as database:
        types = _types(database)
        looked_into = [column for column in columns if column in types]
        statement = _statement(looked_into, types, terms, limit, also)
        return [Match(int(row), float(score)) for row, score in database.rows(statement)]


def _types(database: Database) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in database.rows("DESCRIBE data")}


def _statement(
    columns: Sequence[str],
    types: dict[str, str],
    terms: Sequence[str],
    limit: int,
    also: Collection[int],
) -> str:
    """The SQL. `held`: rows with any of the terms, and which ones; `weights`: inverse document frequency of
    each term; `scored`: one row for each distinct text."""
    texts = [named(column) for column in columns if types[column] == "VARCHAR"]
    equal = [_equal(columns, types, term) for term in terms]
    anything = quoted("(?i)" + _whole("|".join(_pattern(term) for term in terms)))
    near = [f"regexp_matches(strip_accents({column}), {anything})" for column in texts]
    near += [each for each in equal if each]
    if not near:
        return "SELECT 0, 0.0 WHERE false"
    text = f"strip_accents(lower(concat_ws(chr(10), {', '.join(texts)})))" if texts else "''"
    holds = [f"{_holds(term)} OR {each or 'false'}" for term, each in zip(terms, equal, strict=True)]
    places = range(len(terms))
    weights = [f"ln(1 + (rows - df{place} + 0.5) / (df{place} + 0.5)) AS w{place}" for place in places]
    share = " + ".join(f"CASE WHEN h{place} THEN w{place} ELSE 0 END" for place in places)
    always = f" OR number IN ({', '.join(str(int(row)) for row in also)})" if also else ""
    return f"""
    WITH held AS MATERIALIZED (
        SELECT _row, hash({", ".join(named(each) for each in columns)}) AS same, strlen(" text") AS size,
               {", ".join(f"{each} AS h{place}" for place, each in enumerate(holds))}
        FROM (SELECT *, {text} AS " text" FROM data WHERE {" OR ".join(near)})
    ), counted AS (
        SELECT (SELECT count(*) FROM data) AS rows, avg(size) AS average,
               {", ".join(f"count(*) FILTER (h{place}) AS df{place}" for place in places)}
        FROM held
    ), weights AS (
        SELECT rows, greatest(average, 1) AS average, {", ".join(weights)} FROM counted
    ), scored AS (
        SELECT min(_row) AS number,
               max(({share}) / ({" + ".join(f"w{place}" for place in places)})
                   * {1 + K1 * (1 - B)} / (1 + {K1} * ({1 - B} + {B} * size / average))) AS score
        FROM held, weights GROUP BY same
    )
    SELECT number, score FROM scored WHERE score > 0
    QUALIFY row_number() OVER (ORDER BY score DESC, number) <= {int(limit)}{always}
    ORDER BY score DESC, number
    """


def _holds(term: str) -> str:
    """SQL: whether the row's text has the term as a word, after a faster test that most rows fail."""
    pattern = quoted(_whole(_pattern(term)))
    return f"""CASE WHEN {_begins(term)} THEN regexp_matches(" text", {pattern}) ELSE false END"""


def _whole(pattern: str) -> str:
    """The pattern between the edges of words, in any script."""
    return f"(?:^|{_EDGE})(?:{pattern})(?:{_EDGE}|$)"


def _pattern(term: str) -> str:
    """The term as a regular expression of RE2, with the common endings of words."""
    written = _escaped(term)
    if not term.isalpha() or len(term) <= 3:
        return written
    root = stem(term)
    if root.endswith("y"):
        return f"{written}|{root[:-1]}(?:y|ies)"
    return f"{written}|{_escaped(root)}{_ENDINGS}"


def _begins(term: str) -> str:
    roots = {term} | ({stem(term).removesuffix("y")} if term.isalpha() and len(term) > 3 else set())
    shortest = {root for root in roots if not any(other != root and other in root for other in roots)}
    return " OR ".join(f'contains(" text", {quoted(root)})' for root in sorted(shortest))


def _escaped(text: str) -> str:
    return re.sub(r"([^\w\s])", r"\\\1", text)


def _equal(columns: Sequence[str], types: dict[str, str], term: str) -> str:
    """SQL: whether a column of numbers or dates has exactly this value; "" if the term is neither."""
    if _NUMBER.fullmatch(term):
        number = term.replace(",", "")
        return _any(columns, types, _NUMERIC, lambda column: f"{column} = {number}")
    if _DATE.fullmatch(term) and _is_date(term):
        dated = re.compile("DATE|TIMESTAMP.*")
        return _any(columns, types, dated, lambda column: f"CAST({column} AS DATE) = DATE {quoted(term)}")
    return ""


def _any(
    columns: Sequence[str], types: dict[str, str], kind: re.Pattern[str], test: Callable[[str], str]
) -> str:
    return " OR ".join(test(named(column)) for column in columns if kind.fullmatch(types[column]))


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
