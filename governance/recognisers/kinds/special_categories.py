"""Data with the strongest legal protection (GDPR, article 9: health, union, orientation), and pay.

Such a column is personal only beside people: a list of illnesses or a budget of salaries is about nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent, speaks_of_animals
from governance.recognisers.kinds.by_header import CLEARLY
from governance.recognisers.vocabulary import PAYROLL, word_file

# Codes of ICD-10 (World Health Organization) and of its national editions: "E11.9", "J45.909", "S72.001A".
_ILLNESS_CODE = re.compile(r"[A-TV-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?[-+*!]?", re.IGNORECASE)
# Not "A+" and "B-": schools give such grades.
_BLOOD_GROUP = re.compile(
    r"(?:AB|O|0)\s?[-+\u2212]"
    r"|(?:A|B|AB|O|0)\s?\(?(?:rh(?:esus)?\s?(?:d\s?)?(?:[-+\u2212]|pos\w*|neg\w*)|pos\w*|neg\w*)\.?\)?",
    re.IGNORECASE,
)
_DOSE = re.compile(
    r"\b\d+(?:[.,]\d+)?\s?(?:mg|mcg|µg|ug|iu|i\.e\.|ie|ui|units?|mg/ml|einheiten)\b", re.IGNORECASE
)
_AMOUNT = re.compile(r"[^\d\-]{0,5}-?\d{1,3}(?:[ .,\u00a0\u202f'’]?\d{3})*(?:[.,]\d{1,2})?\s?[^\d]{0,12}")
_WORD = re.compile(r"[^\W\d_]+(?:[-.][^\W_]+)*")
# Values without a header decide only if several different ones occur.
_ENOUGH = 3
# Distinct values whose meaning is examined. A share is then within ±10 points at 95 %.
_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class _Telling:
    words: frozenset[str]
    endings: tuple[str, ...]

    def tells(self, value: str) -> bool:
        return any(word in self.words or self._ends(word) for word in _WORD.findall(without_accents(value)))

    def _ends(self, word: str) -> bool:
        return len(word) > 5 and word.endswith(self.endings)


@cache
def _telling(entity: str) -> _Telling:
    lists = word_file("special_categories")[entity]
    endings = (*lists.get("endings", "").split(), *lists.get("medicines", "").split())
    return _Telling(frozenset(lists["words"].split()), endings)


@dataclass(frozen=True, slots=True)
class SpecialCategoryRecogniser:
    """`tells`: whether a value shows the kind. `fits`: whether it may stand under a header that names the
    kind clearly. `alone`: share of telling values, 0–1, that needs no header; above 1: never.
    `beside`: words of other headers or of the table's name, beside which a header that hints is clear.
    """

    name: str
    entity: str
    spoken: str
    tells: Callable[[str], bool]
    fits: Callable[[str], bool]
    alone: float = 2.0
    beside: frozenset[str] = frozenset()

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        if column.empty or column.is_time:
            return []
        header = self._clarity(column, table)
        if not header and (self.alone > 1 or column.type != "STRING"):
            return []
        telling = column.share(self.tells, _LOOKED_AT)
        weight = Weight()
        if header >= CLEARLY and column.share(self.fits) >= 0.6:
            weight.speaks(0.85, f"the header names {self.spoken}")
        elif header and telling >= 0.3:
            weight.speaks(0.75, f"the header may name {self.spoken}, as {percent(telling)} of the values do")
        elif telling >= self.alone and column.distinct >= _ENOUGH:
            weight.speaks(0.75 * telling, f"{percent(telling)} of the values speak of {self.spoken}")
        other = column.header.names_other_than(self.entity)
        if other and header < CLEARLY:
            weight.opposes(0.6, f"the header names something else ({other})")
        if speaks_of_animals(table) and "person" not in column.header.about:
            weight.opposes(0.7, "the table speaks of animals or plants")
        if column.header.aside:
            weight.opposes(0.6, f"the header speaks of something beside it ({column.header.aside})")
        return weight.candidates(self.entity, column, max(telling, header), examples=())

    def _clarity(self, column: ColumnView, table: TableView) -> float:
        clarity = column.header.clarity(self.entity)
        return max(clarity, CLEARLY) if clarity and table.has(*self.beside, beside=column) else clarity


def speaks_of_health(value: str) -> bool:
    """A code of an illness, a blood group, a dose, or a word for an illness or a medicine."""
    if _ILLNESS_CODE.fullmatch(value):
        return "." in value
    return bool(_BLOOD_GROUP.fullmatch(value) or _DOSE.search(value)) or _telling("HEALTH").tells(value)


def _is_amount(value: str) -> bool:
    return bool(_AMOUNT.fullmatch(value))


def _is_anything(value: str) -> bool:
    return True


SPECIAL_CATEGORIES = (
    SpecialCategoryRecogniser("health", "HEALTH", "health", speaks_of_health, _is_anything, alone=0.6),
    SpecialCategoryRecogniser(
        "trade-union",
        "TRADE_UNION",
        "membership of a trade union",
        lambda value: _telling("TRADE_UNION").tells(value),
        _is_anything,
    ),
    SpecialCategoryRecogniser(
        "sexual-orientation",
        "SEXUAL_ORIENTATION",
        "sexual orientation",
        lambda value: _telling("SEXUAL_ORIENTATION").tells(value),
        _is_anything,
        alone=0.5,
    ),
    SpecialCategoryRecogniser("pay", "SALARY", "pay", lambda value: False, _is_amount, beside=PAYROLL),
)
