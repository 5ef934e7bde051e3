"""Personal traits: date of birth, age, gender, nationality, race, religion and politics."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent, speaks_of_animals
from governance.recognisers.vocabulary import (
    GENDER_PROOF,
    GENDER_PROOF_WORDS,
    GENDER_WORDS,
    GROUPS_OF_PEOPLE,
    people,
    places,
)

_DATE = re.compile(
    r"(?P<first>\d{1,4})[-/. ](?P<second>\d{1,2}|[A-Za-z]{3,9})[-/. ],?\s?(?P<third>\d{1,4})(?:[T ].*)?"
    r"|[A-Za-z]{3,9}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}|(?:19|20)\d{6}|\d{1,2}[-/.]\d{1,2}[-/.]?"
)
_YEAR = re.compile(r"(?:18[5-9]|19\d|20[0-3])\d(?:\.0)?")
_YEARS = re.compile(r"\d{1,3}(?:\.\d+)?")
_OLDEST = 122  # the highest age ever verified

_ORIGIN_SPLIT = re.compile(r"[\s,/&()]+|\band\b|\bor\b")


class DateOfBirthRecogniser:
    name = "date-of-birth"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("DATE_OF_BIRTH")
        if header < 0.4 or column.empty:
            return []
        matched = self._dated(column)
        if matched < 0.5:
            return []
        weight = Weight()
        weight.speaks(
            0.35 + 0.6 * header * matched,
            f"the header names a birth and {percent(matched)} of the values are dates",
        )
        if {"organisation", "thing"} & column.header.about:
            weight.opposes(0.4, "the header does not speak of people")
        if speaks_of_animals(table) and "person" not in column.header.about:
            weight.opposes(0.7, "the table speaks of animals or plants")
        return weight.candidates("DATE_OF_BIRTH", column, matched)

    def _dated(self, column: ColumnView) -> float:
        if column.type in ("DATE", "TIMESTAMP"):
            return 1.0
        if column.type == "FLOAT":  # 36.4 is a rate, not a day of April
            return column.share(lambda value: bool(_YEAR.fullmatch(value)))
        return column.share(is_date_or_year)


def is_date_or_year(value: str) -> bool:
    return bool(_DATE.fullmatch(value) or _YEAR.fullmatch(value))


class AgeRecogniser:
    name = "age"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("AGE")
        if header < 0.8:
            return []
        matched = column.share(_is_age)
        if matched < 0.75:
            return []
        weight = Weight()
        weight.speaks(0.85, f"the header names an age and the values are numbers up to {_OLDEST}")
        if {"organisation", "thing"} & column.header.about:
            weight.opposes(0.6, "the header does not speak of people")
        if set(column.values) <= {"0", "1"}:
            weight.opposes(0.6, "the values only say yes or no")
        if speaks_of_animals(table):
            weight.opposes(0.7, "the table speaks of animals or plants")
        return weight.candidates("AGE", column, matched)


def _is_age(value: str) -> bool:
    return bool(_YEARS.fullmatch(value)) and float(value) <= _OLDEST


class GenderRecogniser:
    name = "gender"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("GENDER")
        if column.empty or column.distinct > 60:
            return []
        words = {without_accents(value).strip(". ") for value in column.values}
        matched = sum(map(_names_a_gender, words)) / len(words)
        both = all(words & proof for proof in GENDER_PROOF)
        coded = header >= 0.8 and len(words) <= 4 and all(len(word) == 1 for word in words)
        weight = Weight()
        if matched >= 0.6 and (header >= 0.8 or both):
            weight.speaks(0.85 * matched, f"{percent(matched)} of the values name a gender")
            weight.speaks(header * 0.8, "the header names gender")
        elif coded or (header >= 0.8 and matched >= 0.3):
            weight.speaks(0.75, "the header names gender and there are a few codes")
        elif (
            words in ({"m", "f"}, {"m", "w"}, {"h", "f"}, {"m", "v"})
            and column.rows >= 10
            and not column.header.said
        ):
            weight.speaks(0.45, "the only values are letters that often stand for genders")
        if column.header.names_other_than("GENDER"):
            weight.opposes(0.3 if both and matched >= 0.9 else 0.8, "the header names something else")
        if speaks_of_animals(table):
            weight.opposes(0.7, "the table speaks of animals or plants")
        return weight.candidates("GENDER", column, matched)


def _names_a_gender(text: str) -> bool:
    """ "female", "weiblich", also with one more word, such as "female students"."""
    known = people().genders
    words = text.split()
    return text in GENDER_WORDS or text in known or (len(words) == 2 and words[0] in GENDER_PROOF_WORDS)


class OriginRecogniser:
    """Nationality, race, religion, politics (NRP)."""

    name = "origin"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("NRP")
        if column.type != "STRING" or column.distinct > 300:
            return []
        matched = column.share(names_an_origin)
        weight = Weight()
        if header >= 0.8 and matched >= 0.3:
            weight.speaks(0.7 + 0.25 * matched, "the header names origin or belief and the values fit")
        elif header and matched >= 0.6:
            # Cars and goods have an origin, too, so neighbours must be about people.
            weight.speaks(0.4, "the header may name origin or belief and the values fit")
        elif header >= 0.8 and not column.header.has("race", "races") and self._grouped(column):
            weight.speaks(0.7, "the header names origin or belief and there are a few groups")
        return weight.candidates("NRP", column, matched)

    def _grouped(self, column: ColumnView) -> bool:
        """A few groups named in words, without digits, yes or no."""
        return column.distinct <= 60 and column.share(lambda value: value[0].isalpha()) >= 0.6


def names_an_origin(value: str) -> bool:
    folded = without_accents(value).strip(". ")
    if folded in people().origins or folded in places().countries:
        return True
    words = [word for word in _ORIGIN_SPLIT.split(folded) if word]
    return bool(words) and sum(word in GROUPS_OF_PEOPLE for word in words) * 2 >= len(words)
