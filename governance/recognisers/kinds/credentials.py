"""User names and passwords."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from datasets.tables.texts.known_names import without_accents
from governance.recognisers.column import Candidate, ColumnView, TableView, Weight, percent
from governance.recognisers.kinds.contact import is_email
from governance.recognisers.kinds.people import Shape, shape_of_name
from governance.recognisers.kinds.traits import is_date_or_year
from governance.recognisers.vocabulary import ACTS_ON_ROWS, NOBODYS_ACCOUNTS, people

_HANDLE = re.compile(r"@?[A-Za-z0-9][\w.\-+]{1,39}")
# "aweber", "paul.popov", "t_khan2"; in a Windows domain "CORP\\khan".
_LOGIN = re.compile(r"@?[a-z]{2,24}\d{0,4}|@?[a-z]{1,24}(?:[._][a-z]{1,24}){1,2}\d{0,4}")
_DOMAIN_LOGIN = re.compile(r"[A-Za-z][\w.-]{1,19}\\[A-Za-z][\w.-]{1,39}")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)+")
_RUNNING_NUMBER = re.compile(r"[A-Za-z]{0,4}(?:[-_/.]?\d+)+")
# Modular crypt formats (bcrypt, argon2, sha-crypt, pbkdf2) and Django's own.
_HASH = re.compile(r"\$(?:2[abxy]|argon2(?:id|i|d)|[156]|pbkdf2[\w-]*)\$\S{20,}|pbkdf2_sha\d+\$\d+\$\S+\$\S+")


class UsernameRecogniser:
    name = "username"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("USERNAME")
        matched = column.share(_is_handle)
        if matched < 0.6:
            return []
        weight = Weight()
        self._weigh_names(weight, column, header)
        if header >= 0.8:
            weight.speaks(0.6 + 0.3 * matched, "the header names an account and the values are single words")
        elif header >= 0.4:
            self._weigh_hint(weight, column)
        if column.share(lambda value: shape_of_name(value) is Shape.FULL) > 0.5:
            weight.opposes(0.6, "the values are names of people")
        if column.share(lambda value: bool(_SLUG.fullmatch(value))) > 0.3:
            weight.opposes(0.8, "the values are words joined by hyphens, as pages and products are called")
        return weight.candidates("USERNAME", column, matched)

    def _weigh_names(self, weight: Weight, column: ColumnView, header: float) -> None:
        """ "jpark", "anna_haas2" tell of people whatever the header says, if there are several."""
        acts = bool(ACTS_ON_ROWS & set(column.header.words))
        named = column.share(_is_made_from_a_name)
        if column.distinct < 3 or named < (0.3 if acts or header else 0.5):
            return
        weight.speaks(
            0.7 * named, f"{percent(named)} of the values are account names made from names of people"
        )
        if acts or header:
            weight.speaks(0.4, "the header says who did it")
        elif other := column.header.names_other_than("USERNAME", "PERSON", "EMAIL"):
            weight.opposes(0.6, f"the header names something else ({other})")

    def _weigh_hint(self, weight: Weight, column: ColumnView) -> None:
        if column.share(lambda value: bool(_RUNNING_NUMBER.fullmatch(value))) >= 0.3:
            return
        logins = column.share(_is_login)
        acts = ACTS_ON_ROWS & set(column.header.words)
        if logins >= 0.8 and (acts or column.share(_is_made_up) >= 0.15):
            weight.speaks(0.7, "the header names who did it and the values are written like account names")
        elif column.share(_is_made_up) >= 0.3 and column.distinct_share > 0.3:
            weight.speaks(
                0.55, "the header may name an account and many values mix letters, digits and signs"
            )


def _is_handle(value: str) -> bool:
    if _DOMAIN_LOGIN.fullmatch(value):
        return True
    return bool(_HANDLE.fullmatch(value) and any(map(str.isalpha, value))) or is_email(value)


def _is_login(value: str) -> bool:
    return bool(_LOGIN.fullmatch(value) or _DOMAIN_LOGIN.fullmatch(value)) and value not in NOBODYS_ACCOUNTS


# The letters that stay of a first name: "hlinde", "dwweber", and of one behind: "nguyend".
_INITIALS = (1, 2)
_SHORTEST_SURNAME = 4
# Many systems cut account names at eight characters: "gcartwri".
_CUT_AT = 8


def _is_made_from_a_name(value: str) -> bool:
    """ "hlinde", "m.weber", "anna_haas2", "kwame92": initials and a known surname, or a known name with
    digits or another part.
    """
    value = value.removeprefix("@").rpartition("\\")[2]
    if not value.islower():
        return False
    known = people()
    bare = without_accents(value.rstrip("0123456789"))
    parts = re.split(r"[._-]", bare)
    if any(_is_initials_and_surname(part) for part in parts):
        return True
    names = any(len(part) > 2 and (part in known.first or part in known.last) for part in parts)
    return names and (len(parts) > 1 or bare != value)


def _is_initials_and_surname(text: str) -> bool:
    surnames = [*(text[cut:] for cut in _INITIALS), *(text[:-cut] for cut in _INITIALS)]
    known = people().last
    if any(len(name) >= _SHORTEST_SURNAME and name in known for name in surnames):
        return True
    return len(text) == _CUT_AT and any(name in _beginnings_of_surnames() for name in surnames)


@cache
def _beginnings_of_surnames() -> frozenset[str]:
    lengths = [_CUT_AT - cut for cut in _INITIALS]
    return frozenset(name[:length] for name in people().last for length in lengths if len(name) > length)


def _is_made_up(value: str) -> bool:
    if _DOMAIN_LOGIN.fullmatch(value):
        return True
    return any(map(str.isalpha, value)) and any(sign.isdigit() or sign in "._@" for sign in value)


class PasswordRecogniser:
    name = "password"

    def recognise(self, column: ColumnView, table: TableView) -> Iterable[Candidate]:
        header = column.header.clarity("PASSWORD")
        hashes = column.share(lambda value: bool(_HASH.fullmatch(value)))
        weight = Weight()
        if hashes >= 0.5:
            weight.speaks(0.95 * hashes, f"{percent(hashes)} of the values are password hashes")
        secrets = column.share(_may_be_a_secret)
        if header >= 0.8 and secrets >= 0.6:
            weight.speaks(0.85, "the header names a secret and the values are single words")
        elif header >= 0.8 and secrets >= 0.3:
            weight.speaks(0.6, "the header names a secret")
        return weight.candidates("PASSWORD", column, max(hashes, secrets), examples=())


def _may_be_a_secret(value: str) -> bool:
    return (
        4 <= len(value) <= 256
        and " " not in value
        and not is_date_or_year(value)
        and value.lower() not in ("true", "false")
    )
