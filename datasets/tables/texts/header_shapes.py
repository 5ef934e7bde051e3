"""Cells of a first record that are somebody's data, not names of columns.

Told by their form alone (an e-mail address), by the lists of known names, or by the rows below: what is
written as they are, with figures among its letters, is one of them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from stdnum import iban, luhn

from datasets.tables.texts.known_names import known_names, without_accents

_EMAIL = re.compile(r"<?[^\s@<>]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}>?")
_PHONE = re.compile(
    r"(?:\+|00)[1-9][\d\s().\-/–]{6,20}\d"  # with the code of a country
    r"|\(0?\d{2,5}\)\s?\d[\d\s.\-/]{4,12}\d"  # with an area code in brackets
    r"|0\d{1,4}[\s/.-]\d[\d\s./-]{4,12}\d"  # with a trunk 0
    r"|(?:1[\s.-])?\d{3}[\s.-]\d{3}[\s.-]\d{4}"  # North America
)
_SOCIAL_SECURITY = re.compile(r"\d{3}-\d{2}-\d{4}")
_DEVICE = re.compile(r"(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}", re.IGNORECASE)
_GROUPS = re.compile(r"[\s-]")
_DATE = re.compile(r"(?:19|20)\d\d[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d")


def is_personal_value(cell: str) -> bool:
    """An e-mail address, a telephone, bank account, payment card, social security number or network device.

    Dates do not count: tables are often laid out by dates, which are then column names.
    """
    text = cell.strip()
    if not text or _DATE.fullmatch(text):
        return False
    if _EMAIL.fullmatch(text) or _PHONE.fullmatch(text) or _SOCIAL_SECURITY.fullmatch(text):
        return True
    if _DEVICE.fullmatch(text):
        return True
    compact = _GROUPS.sub("", text)
    if compact.isdigit():
        return 14 <= len(compact) <= 19 and compact[0] in "23456" and luhn.is_valid(compact)
    return len(compact) >= 15 and bool(iban.is_valid(compact, check_country=False))


# Rows that a first record is compared with, how many different ones there must be at least, and the share of
# them that must be of its kind: a list of names has some that nobody knows, and gaps.
_COMPARED, _FEWEST, _NAMED, _FORMED, _MIXED = 200, 3, 0.5, 0.4, 0.9
_MOST_WORDS = 4
_NAME_WORD = re.compile(r"[^\W\d_]+(?:['’\-][^\W\d_]+)*\.?")
_PARTICLES = frozenset(
    ("de", "da", "di", "del", "der", "den", "van", "von", "zu", "la", "le", "el", "al", "bin", "y")
)
_WORDS, _FIGURES = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
_LETTERS = re.compile(r"[^\W\d_]+\.?(?:\s+[^\W\d_]+\.?)*")
# A street and its house, from two figures on.
_NUMBERED = re.compile(r"[^\W\d_]\D{3,} \d{2,4}[a-z]?|\d{2,5} \D{4,}")
# Words that headers of people's columns consist of, though some are names too: "Sales Name", "Bill To".
_HEADER_WORDS = frozenset((Path(__file__).parent / "header_words.txt").read_text(encoding="utf-8").split())


def is_row_of_values(cells: Sequence[str], below: Sequence[Sequence[str]] = ()) -> bool:
    """Whether a record is somebody's: it has such a value, or one date (of birth) among words; or it holds a
    name, or something with a form of its own, as the records below do in the same place. A record of several
    dates may head a table that is laid out by them."""
    if any(map(is_personal_value, cells)):
        return True
    dates = [place for place, cell in enumerate(cells) if _DATE.fullmatch(cell.strip())]
    if len(dates) == 1 and 0 < dates[0] < len(cells) - 1:
        return True
    return any(_is_one_of(cell.strip(), _different(below, place)) for place, cell in enumerate(cells))


def _different(below: Sequence[Sequence[str]], place: int) -> list[str]:
    cells = (row[place].strip() for row in below[:_COMPARED] if len(row) > place)
    return list(dict.fromkeys(cell for cell in cells if cell))


def _is_one_of(cell: str, others: Sequence[str]) -> bool:
    """Whether a cell is what those below it are: a person's name, or of one form with figures and letters."""
    others = [other for other in others if other != cell]
    said = set(_WORDS.findall(without_accents(cell)))
    if not cell or len(others) < _FEWEST or said & _HEADER_WORDS:
        return False
    if any(map(str.isdigit, cell)):
        alike = sum(_form(other) == _form(cell) for other in others)
        mixed = sum(any(map(str.isdigit, other)) for other in others)
        return _tells_itself(cell) and alike >= _FORMED * len(others) and mixed >= _MIXED * len(others)
    words = name_words(cell)
    return bool(words) and _is_name_among(words, others)


def _form(cell: str) -> str:
    """ "Rosenweg 17" and "Am Anger 4" -> "A 0": words and figures lose what they say."""
    return _FIGURES.sub("0", _LETTERS.sub("A", cell))


def _tells_itself(cell: str) -> bool:
    """Whether letters and figures stand together as no header counts: not "Q1", "Line 2", "2024"."""
    if not any(map(str.isalpha, cell)) and "." not in cell and ":" not in cell:
        return False
    return sum(map(str.isdigit, cell)) >= 4 or len(_form(cell)) > 3 or bool(_NUMBERED.fullmatch(cell))


def _is_name_among(words: Sequence[str], others: Sequence[str]) -> bool:
    """A full name over full names, one word of them over such words; no city over cities."""
    written = [
        found for other in others if (found := name_words(other)) and (len(found) > 1) == (len(words) > 1)
    ]
    if len(written) < _NAMED * len(others):
        return False
    kinds = (is_full_name,) if len(words) > 1 else (_is_first_name, _is_surname)
    named = max((sum(map(kind, written)) for kind in kinds if kind(words)), default=0)
    return named >= _NAMED * len(others) and _no_places(others)


def _is_first_name(words: Sequence[str]) -> bool:
    return words[0] in known_names().first


def _is_surname(words: Sequence[str]) -> bool:
    return words[0] in known_names().last


def _no_places(cells: Sequence[str]) -> bool:
    return sum(without_accents(cell) in known_names().places for cell in cells) <= 0.3 * len(cells)


@lru_cache(maxsize=4096)
def name_words(cell: str) -> tuple[str, ...]:
    """Folded words of what is written like a name, without particles; "Berg, Anna" in the order of speech."""
    surname, comma, given = cell.partition(",")
    words = (f"{given} {surname}" if comma else cell).split()
    if not 0 < len(words) <= _MOST_WORDS or not all(map(_NAME_WORD.fullmatch, words)):
        return ()
    kept = [word for word in words if without_accents(word) not in _PARTICLES]
    if not all(word[0].isupper() for word in kept):
        return ()
    return tuple(without_accents(word).strip(".") for word in kept)


def is_full_name(words: Sequence[str]) -> bool:
    """A known first name and more, in either order; or a known surname behind an initial. No known place."""
    if len(words) < 2 or " ".join(words) in known_names().places:
        return False
    known, (one, *_, other) = known_names(), words
    if len(one) == 1:
        return other in known.last
    return one in known.first or (one in known.last and other in known.first)


# The same within a text, as far as no word or number goes on before and behind.
_WITHIN = (
    re.compile(r"[^\s@<>()\[\],;:\"]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}"),
    re.compile(rf"(?<![\w.+-])(?:{_PHONE.pattern})(?![\w-])"),
    re.compile(rf"(?<![\w-])(?:{_SOCIAL_SECURITY.pattern})(?![\w-])"),
    re.compile(r"(?<!\w)(?:[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}|\d(?:[ -]?\d){13,18})(?!\w)"),
)


def without_values(headers: Sequence[str]) -> list[str]:
    """The headers with nothing in place of those that are somebody's value: such a column is called by its
    place. In a header that mentions a value, a sign stands for it. Names of people are values where the table
    is laid out by them: two headers or more, and at least half of all."""
    bare = list(map(_without_value, headers))
    named = {place for place, header in enumerate(bare) if _is_called_by_a_person(header)}
    if len(named) >= 2 and len(named) * 2 >= sum(map(bool, bare)):
        return ["" if place in named else header for place, header in enumerate(bare)]
    return bare


def _is_called_by_a_person(header: str) -> bool:
    words = name_words(header)
    # Words of headers first: the lists of names take a fifth of a second to load.
    return not _HEADER_WORDS & set(words) and is_full_name(words) and words[-1] in known_names().last


def _without_value(header: str) -> str:
    if is_personal_value(header):
        return ""
    for form in _WITHIN:
        header = form.sub(lambda found: "•••" if is_personal_value(found[0]) else found[0], header)
    return header
